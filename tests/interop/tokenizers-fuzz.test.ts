// Random tokenizers on random texts against the Rust library. FUZZ_PIPELINES=5000 runs as many, FUZZ_SEED=7 others,
// FUZZ_FIELDS=ids,offsets compares only these, FUZZ_PLAIN=1 leaves truncation and padding out. A failure prints the
// smallest pipeline and the smallest text.
import { createRandom } from "@bearhug/core";
import { DecodeStream, Tokenizer, UnsupportedComponentError } from "@bearhug/tokenizers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing } from "./support/paths.ts";
import { type Call, FIELDS, type Field, type Input } from "./support/tokenizers/call.ts";
import { CLASSIC_TEXTS } from "./support/tokenizers/characters.ts";
import { compareInputs, type Subject } from "./support/tokenizers/compare.ts";
import { type DecodeAnswer, ORACLE_PYTHON, Oracle } from "./support/tokenizers/oracle.ts";
import { Chooser, type Json, randomPipeline } from "./support/tokenizers/pipelines.ts";
import { PLAIN } from "./support/tokenizers/scenarios.ts";
import { randomShape } from "./support/tokenizers/shapes.ts";
import { smaller } from "./support/tokenizers/smaller.ts";
import { randomText } from "./support/tokenizers/texts.ts";

const count = Number(process.env["FUZZ_PIPELINES"] ?? 300);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const fields = (process.env["FUZZ_FIELDS"]?.split(",") ?? FIELDS) as readonly Field[];
const isPlain = process.env["FUZZ_PLAIN"] !== undefined;
const isVerbose = process.env["FUZZ_VERBOSE"] !== undefined;
const GROUPS = 10;
const absent = missing(ORACLE_PYTHON);

let oracle: Oracle;
beforeAll(async () => {
  if (!absent) oracle = await Oracle.start();
});
afterAll(() => oracle?.[Symbol.asyncDispose]());

describe(`random pipelines${absent ? ` (${absent})` : ""}`, () => {
  const groups = Array.from({ length: GROUPS }, (_, group) => group);
  const timeout = 60_000 + count * 1000;
  test.skipIf(absent !== undefined).each(groups)("group %i", { timeout }, async (group) => {
    const reports: string[] = [];
    let compared = 0;
    for (let index = group; index < count; index += GROUPS) {
      const result = await fuzz(seed * 1_000_003 + index);
      if (result === "not compared") continue;
      compared++;
      if (!result) continue;
      reports.push(`pipeline ${index} of seed ${seed}: ${result}`);
      if (isVerbose) console.info(reports.at(-1));
    }
    expect(reports.slice(0, 5).join("\n\n")).toBe("");
    expect(compared).toBeGreaterThan(count / GROUPS / 3);
  });
});

/** The first difference of one random pipeline; `undefined` when there is none. */
async function fuzz(pipelineSeed: number): Promise<string | undefined> {
  const random = createRandom(pipelineSeed);
  const choose = new Chooser(random);
  const pipeline = choose.flag() ? randomPipeline(choose) : randomShape(choose);
  const texts = [
    ...choose.list(16, () => salted(pipeline, choose, randomText(random, 16))),
    ...choose.list(4, () => choose.one(CLASSIC_TEXTS)),
    // Beyond any window.
    ...(choose.flag(0.05) ? [randomText(random, 400).repeat(choose.integer(50, 300))] : []),
  ];
  const inputs = texts.map((text): Input => {
    if (choose.flag(0.7)) return text;
    if (choose.flag()) return { text, pair: choose.one(texts) };
    return text.split(" ");
  });
  const lists = choose.list(8, () =>
    choose.list(choose.integer(0, 12), () => choose.integer(0, 140)),
  );
  const samples: Samples = { inputs, call: randomCall(choose), lists };
  const found = await difference(pipeline, samples);
  if (found === undefined || found === "not compared") return found;
  const small = await smaller(pipeline, async (candidate) => {
    const again = await difference(candidate, samples);
    return again !== undefined && again !== "not compared";
  });
  return `${await difference(small, samples)}\n  ${JSON.stringify(small)}`;
}

interface Samples {
  readonly inputs: readonly Input[];
  readonly call: Call;
  readonly lists: readonly (readonly number[])[];
}

async function difference(
  pipeline: Json,
  { inputs, call, lists }: Samples,
): Promise<string | undefined> {
  const json = JSON.stringify(pipeline);
  const { refusal, isAmbiguous } = await oracle.load(json);
  if (refusal !== undefined || isAmbiguous) return "not compared";
  let tokenizer: Tokenizer;
  try {
    tokenizer = Tokenizer.fromJson(json);
  } catch (error) {
    return error instanceof UnsupportedComponentError ? "not compared" : `ours refuses: ${error}`;
  }
  const subject: Subject = { json, tokenizer, oracle };
  return (
    (await compareInputs(subject, inputs, comparable(pipeline, call))) ??
    (await compareDecoding(subject, lists))
  );
}

async function compareDecoding(
  { json, tokenizer }: Subject,
  lists: readonly (readonly number[])[],
): Promise<string | undefined> {
  const theirs = await oracle.decode(json, lists);
  for (const [i, ids] of lists.entries()) {
    const expected = theirs[i];
    if (!expected || "error" in expected) continue;
    const ours = decodeAll(tokenizer, ids, expected);
    const wanted = { ...expected, steps: expected.steps.map(failedOrText) };
    if (JSON.stringify(ours) !== JSON.stringify(wanted)) {
      return `decoding ${JSON.stringify(ids)}: ours ${JSON.stringify(ours)}, reference ${JSON.stringify(wanted)}`;
    }
  }
  return undefined;
}

const failedOrText = (step: string | null | { readonly error: string }) =>
  step !== null && typeof step === "object" ? "fails" : step;

function decodeAll(
  tokenizer: Tokenizer,
  ids: readonly number[],
  { steps: { length } }: Exclude<DecodeAnswer, { readonly error: string }>,
) {
  const stream = new DecodeStream(tokenizer, { skipSpecialTokens: false });
  const steps = ids.slice(0, length).map((id) => {
    try {
      return stream.step(id) ?? null;
    } catch {
      return "fails";
    }
  });
  return {
    text: tokenizer.decode(ids, { skipSpecialTokens: true }),
    textWithSpecials: tokenizer.decode(ids, { skipSpecialTokens: false }),
    steps,
  };
}

/** A text with what this pipeline looks for in it. */
function salted(pipeline: Json, choose: Chooser, text: string): string {
  const added = pipeline["added_tokens"] as readonly { readonly content: string }[];
  if (added.length === 0 || choose.flag(0.4)) return text;
  const at = choose.integer(0, text.length);
  const token = choose.one(added).content;
  return text.slice(0, at) + token + (choose.flag(0.3) ? token : "") + text.slice(at);
}

/**
 * Without a post-processor at work the reference does not say which tokens are of which sequence: then padding counts
 * to the first, and what overflows to none. A sequence of them numbers the template's pieces instead.
 */
function comparable(pipeline: Json, call: Call): Call {
  const processor = pipeline["post_processor"] as Json | null;
  const isNumbered =
    processor !== null && processor["type"] !== "Sequence" && call.addSpecialTokens !== false;
  const compared = fields.filter((field) => isNumbered || field !== "sequenceIds");
  return { ...call, fields: compared };
}

function randomCall(choose: Chooser): Call {
  if (isPlain || choose.flag(0.6)) return PLAIN;
  const direction = () => choose.one(["left", "right"] as const);
  return {
    fields: FIELDS,
    addSpecialTokens: choose.flag(),
    ...(choose.flag(0.3)
      ? {}
      : {
          truncation: choose.flag(0.3) && {
            maxLength: choose.integer(3, 20),
            strategy: choose.one(["longest-first", "only-first", "only-second"] as const),
            stride: choose.integer(0, 3),
            direction: direction(),
          },
        }),
    ...(choose.flag(0.3)
      ? {}
      : { padding: choose.flag(0.3) && { length: choose.integer(1, 30), direction: direction() } }),
  };
}
