import type { Tokenizer } from "@bearhug/tokenizers";
import { type Block, type Call, type Field, type Input, sides } from "./call.ts";
import { digestBlock, encodeBlock, rowOf } from "./fields.ts";
import type { BlockDigests, Oracle, Row, RowsAnswer } from "./oracle.ts";

export interface Subject {
  readonly json: string;
  readonly tokenizer: Tokenizer;
  readonly oracle: Oracle;
}

/** Reports at most this many inputs of a comparison. */
const MOST_REPORTS = 3;
/** Questions to the reference while one difference is made small. */
const MOST_QUESTIONS = 400;

/** Compares all blocks by digests; differences come back as text, each with the smallest input that shows it. */
export async function compareBlocks(
  subject: Subject,
  blocks: readonly Block[],
  call: Call,
): Promise<readonly string[]> {
  const asked = subject.oracle.digests(subject.json, blocks, call);
  asked.catch(() => {}); // awaited below; ours may throw first
  const ours: BlockDigests[] = [];
  for (const block of blocks) {
    ours.push(digestBlock(subject.tokenizer, block, call));
    await breathe(); // what the reference answers must be read meanwhile
  }
  const theirs = await asked;
  const different = blocks.filter((_, i) => !agree(ours[i], theirs[i]));
  const reports: string[] = [];
  for (const block of different.slice(0, MOST_REPORTS)) {
    reports.push(await describeDifference(subject, block, call));
  }
  if (different.length > reports.length) {
    reports.push(`${different.length} of ${blocks.length} blocks differ`);
  }
  return reports;
}

export function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function agree(ours: BlockDigests | undefined, theirs: BlockDigests | undefined): boolean {
  if (!ours || !theirs) return false;
  if ("error" in ours || "error" in theirs) return "error" in ours && "error" in theirs;
  return ours.every((digest, i) => digest === theirs[i]);
}

function ourRows({ tokenizer }: Subject, input: Input, call: Call): RowsAnswer {
  try {
    const rows = encodeBlock(tokenizer, [input], call)[0] ?? [];
    return rows.map((row) => rowOf(tokenizer, row, { input, fields: call.fields }));
  } catch (error) {
    return { error: String(error) };
  }
}

/** Compares inputs one by one; what the reference panics at is left out. */
export async function compareInputs(
  subject: Subject,
  inputs: readonly Input[],
  call: Call,
): Promise<string | undefined> {
  const theirs = await subject.oracle.rows(subject.json, inputs, call);
  for (const [i, input] of inputs.entries()) {
    const expected = theirs[i] ?? { error: "no answer" };
    if (firstDifference(ourRows(subject, input, call), expected) === undefined) continue;
    return describe(subject, await minimise(subject, input, call), call);
  }
  return undefined;
}

async function describeDifference(subject: Subject, block: Block, call: Call): Promise<string> {
  const theirs = await subject.oracle.rows(subject.json, block, call);
  for (const [i, input] of block.entries()) {
    const ours = ourRows(subject, input, call);
    const expected = theirs[i] ?? { error: "no answer" };
    if (firstDifference(ours, expected) === undefined) continue;
    const small = await minimise(subject, input, call);
    return describe(subject, small, call);
  }
  const { fields, ...options } = call;
  return `A block of ${block.length} inputs differs, none of them by itself: ${JSON.stringify(options)} ${excerpt(block)}`;
}

async function describe(subject: Subject, input: Input, call: Call): Promise<string> {
  const [theirs = { error: "no answer" }] = await subject.oracle.rows(subject.json, [input], call);
  const ours = ourRows(subject, input, call);
  const { fields: _, ...options } = call;
  return [
    `${firstDifference(ours, theirs) ?? "no difference any more"}`,
    `input ${escaped(input)} with ${JSON.stringify(options)}`,
    ...("error" in theirs || "error" in ours
      ? []
      : [
          `ours      ${excerpt(ours[0]?.tokens)} ${excerpt(ours[0]?.ids)}`,
          `reference ${excerpt(theirs[0]?.tokens)} ${excerpt(theirs[0]?.ids)}`,
        ]),
  ].join("\n  ");
}

/** No answer: the reference panics, or refuses settings before it sees a text. */
const NO_ANSWER = /^PanicException|stride set to \d+/;
/** Where the reference counts below zero, and then does not truncate at all. */
const OURS_ALONE = /special tokens alone take/;

/** Field, row and place of the first difference, with what stands there on both sides. */
function firstDifference(ours: RowsAnswer, theirs: RowsAnswer): string | undefined {
  if ("error" in theirs && NO_ANSWER.test(theirs.error)) return undefined;
  if ("error" in ours && OURS_ALONE.test(ours.error)) return undefined;
  if ("error" in ours || "error" in theirs) {
    if ("error" in ours && "error" in theirs) return undefined;
    return "error" in ours
      ? `ours fails: ${ours.error}`
      : `the reference fails: ${(theirs as { readonly error: string }).error}`;
  }
  if (ours.length !== theirs.length) {
    return `${ours.length} rows, the reference has ${theirs.length}`;
  }
  for (const [i, row] of ours.entries()) {
    const difference = rowDifference(row, theirs[i] ?? {});
    if (difference) return i === 0 ? difference : `row ${i}: ${difference}`;
  }
  return undefined;
}

function rowDifference(ours: Row, theirs: Row): string | undefined {
  for (const field of Object.keys(ours) as Field[]) {
    const [mine = [], other = []] = [ours[field], theirs[field]];
    const length = Math.max(mine.length, other.length);
    for (let at = 0; at < length; at++) {
      if (mine[at] === other[at]) continue;
      const near = (values: typeof mine) => escaped(values.slice(Math.max(0, at - 3), at + 6));
      return `${field}[${at}]: ours … ${near(mine)} …, reference … ${near(other)} …`;
    }
  }
  return undefined;
}

/** Takes parts of the input away as long as both sides still differ. */
async function minimise(subject: Subject, input: Input, call: Call): Promise<Input> {
  let questions = 0;
  const differs = async (candidate: Input): Promise<boolean> => {
    questions++;
    const [theirs = { error: "no answer" }] = await subject.oracle.rows(
      subject.json,
      [candidate],
      call,
    );
    return firstDifference(ourRows(subject, candidate, call), theirs) !== undefined;
  };
  let best = partsOf(input);
  for (let size = best.parts.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.parts.length && questions < MOST_QUESTIONS; ) {
      const parts = [...best.parts.slice(0, at), ...best.parts.slice(at + size)];
      if (parts.length > 0 && (await differs(best.join(parts)))) best = { ...best, parts };
      else at += size;
    }
  }
  return best.join(best.parts);
}

/** An input as pieces that can be left out: characters of a text, words of a list, characters of both sides. */
function partsOf(input: Input): {
  readonly parts: readonly string[];
  readonly join: (parts: readonly string[]) => Input;
} {
  if (typeof input === "string") {
    return { parts: [...input], join: (parts) => parts.join("") };
  }
  if (!("text" in input)) return { parts: input, join: (parts) => parts };
  const [text, pair] = sides(input);
  if (typeof text !== "string" || typeof pair !== "string") {
    return { parts: ["all"], join: () => input };
  }
  const SIDE = "\u0000side";
  return {
    parts: [...text, SIDE, ...pair],
    join(parts) {
      const middle = parts.indexOf(SIDE);
      if (middle < 0) return { text: "", pair: "" };
      return { text: parts.slice(0, middle).join(""), pair: parts.slice(middle + 1).join("") };
    },
  };
}

function escaped(value: unknown): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => {
    const isLetter = /[\p{L}\p{N}▁]/u.test(unit);
    return isLetter ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function excerpt(values: unknown): string {
  const text = escaped(values ?? null);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
