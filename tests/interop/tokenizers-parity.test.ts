// Real tokenizers against the Rust library: ids, tokens, offsets, words, masks and decoded text of real and of
// adversarial texts. The usual run takes a part of the corpus for each tokenizer, in turns; PARITY=full all of it and
// every code point. PARITY_ONLY=gpt2,llama2 picks tokenizers, PARITY_FIELDS=ids fields, PARITY_SEED other texts,
// PARITY_PARTS=corpus,runs comparisons. PARITY_VERBOSE=1 says what takes how long.
import { Tokenizer } from "@bearhug/tokenizers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing } from "./support/paths.ts";
import { type Block, type Call, FIELDS, type Field } from "./support/tokenizers/call.ts";
import { CLASSIC_TEXTS } from "./support/tokenizers/characters.ts";
import { breathe, compareBlocks, type Subject } from "./support/tokenizers/compare.ts";
import {
  allDocuments,
  CORPUS,
  type Corpus,
  lineBlocks,
  readCorpus,
  sliceLines,
  slices,
} from "./support/tokenizers/corpus.ts";
import { ORACLE_PYTHON, Oracle } from "./support/tokenizers/oracle.ts";
import { PLAIN, scenarios } from "./support/tokenizers/scenarios.ts";
import { addedContents, isPresent, SUBJECTS, subjectJson } from "./support/tokenizers/subjects.ts";
import * as texts from "./support/tokenizers/texts.ts";

const isFull = process.env["PARITY"] === "full";
const isVerbose = process.env["PARITY_VERBOSE"] !== undefined;
const seed = Number(process.env["PARITY_SEED"] ?? 1);
const only = process.env["PARITY_ONLY"]?.split(",");
const wanted = process.env["PARITY_PARTS"]?.split(",");
const fields = (process.env["PARITY_FIELDS"]?.split(",") ?? FIELDS) as readonly Field[];

const absent = missing(ORACLE_PYTHON, CORPUS);
const subjects = SUBJECTS.filter(({ name }) => only === undefined || only.includes(name));

let oracle: Oracle;
let corpus: Corpus;
beforeAll(async () => {
  if (absent) return;
  corpus = await readCorpus();
  oracle = await Oracle.start();
});
afterAll(() => oracle?.[Symbol.asyncDispose]());

describe(`tokenizers 0.23.3${absent ? ` (${absent})` : ""}`, () => {
  test.skipIf(absent !== undefined)("the corpus has 50 MB in forty languages, and code", () => {
    console.info(
      `${corpus.languages.length} languages: ${corpus.languages.join(" ")}; ${corpus.code.join(" ")}`,
    );
    expect(corpus.languages.length).toBeGreaterThanOrEqual(40);
    expect(corpus.bytes).toBeGreaterThanOrEqual(50e6);
  });

  test("at least 25 real tokenizers are compared", () => {
    expect(SUBJECTS.filter(({ name }) => !name.includes(",")).length).toBeGreaterThanOrEqual(25);
  });

  for (const [turn, subject] of subjects.entries()) {
    const isSkipped = absent !== undefined || !isPresent(subject);
    test.skipIf(isSkipped)(subject.name, { timeout: isFull ? 7_200_000 : 900_000 }, async () => {
      if (isVerbose) console.info(`# ${subject.name}`);
      const json = await subjectJson(subject);
      const compared: Subject = { json, oracle, tokenizer: Tokenizer.fromJson(json) };
      const reports = await compareAll(compared, { turn: turn + seed, added: addedContents(json) });
      expect(reports.join("\n\n")).toBe("");
    });
  }
});

/** Without a post-processor the reference does not tell of what sequence padding and overflowing tokens are. */
function comparable(json: string): readonly Field[] {
  const { post_processor: processor } = JSON.parse(json) as { readonly post_processor?: unknown };
  return processor ? fields : fields.filter((field) => field !== "sequenceIds");
}

interface Part {
  readonly turn: number;
  readonly added: readonly string[];
}

async function compareAll(subject: Subject, part: Part): Promise<readonly string[]> {
  const compared = comparable(subject.json);
  const plain: Call = { ...PLAIN, fields: compared };
  const reports: string[] = [];
  const compare = async (name: string, blocks: readonly Block[], call: Call) => {
    if (wanted && !wanted.includes(name)) return;
    const started = process.cpuUsage().user;
    for (const report of await compareBlocks(subject, blocks, call)) {
      reports.push(`${name}: ${report}`);
      if (isVerbose) console.info(reports.at(-1));
    }
    if (isVerbose)
      console.info(`${name}: ${((process.cpuUsage().user - started) / 1e6).toFixed(1)} s`);
  };
  const parts = slices(corpus, part.turn, 6000);
  const lines = sliceLines(parts, 500);
  const short = shortTexts(part);
  await compare("corpus", isFull ? allDocuments(corpus) : parts.map((text) => [text]), plain);
  await compare("lines", lineBlocks(lines), plain);
  await compare("adversarial", texts.blocksOf(short, 64), plain);
  const points = texts.codePoints({ every: isFull, phase: part.turn });
  await compare("each character", texts.aloneBlocks(points), plain);
  await compare("characters among others", texts.embeddedBlocks(points), plain);
  const runs = texts.runTexts(seed, 4000).map((text) => [text]);
  await compare("runs", [...runs, [texts.longRun(part.turn, isFull ? 1e6 : 1e5)]], plain);
  const few = [...CLASSIC_TEXTS, ...everyNth(short, 70), ...everyNth(lines, 70)];
  for (const { name, call, blocks } of scenarios(few.map((text) => text.slice(0, 48))))
    await compare(name, blocks, { ...call, fields: compared });
  const asText: Subject = {
    ...subject,
    tokenizer: subject.tokenizer.with({ encodeSpecialTokens: true }),
  };
  const specials = texts.blocksOf(texts.addedTokenTexts(part.added, part.turn, 200), 64);
  for (const report of await compareBlocks(asText, specials, {
    ...plain,
    encodeSpecialTokens: true,
  })) {
    reports.push(`special tokens as text: ${report}`);
  }
  reports.push(...(await idsAgree(subject, [...parts, ...short])));
  return reports;
}

function shortTexts({ turn, added }: Part): readonly string[] {
  const many = isFull ? 20_000 : 600;
  return [
    ...CLASSIC_TEXTS,
    ...texts.randomTexts(turn, many * 2),
    ...texts.markTexts(turn, many / 4),
    ...texts.jamoTexts(turn, many / 4),
    ...texts.addedTokenTexts(added, turn, many / 2),
  ];
}

/** The ways that give ids alone must give the same ones. */
async function idsAgree(
  { tokenizer }: Subject,
  inputs: readonly string[],
): Promise<readonly string[]> {
  const reports: string[] = [];
  for (const input of inputs) {
    const ids = tokenizer.encode(input, { truncation: false, padding: false }).ids;
    const alone = tokenizer.encodeIds(input);
    const isSame = ids.length === alone.length && ids.every((id, i) => id === alone[i]);
    if (!isSame) reports.push(`encodeIds() of ${JSON.stringify(input)} differs from encode()`);
    if (reports.length === 3) break;
  }
  await breathe();
  return reports;
}

function everyNth(items: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, Math.floor(items.length / count));
  return items.filter((_, i) => i % step === 0);
}
