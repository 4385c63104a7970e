import { readFileSync } from "node:fs";
import { createRandom, type ProgressEvent } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { Tokenizer } from "./tokenizer.ts";

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);
const bertJson = readFileSync(new URL("tiny-bert-tokenizer.json", FIXTURES), "utf8");
const robertaJson = readFileSync(new URL("tiny-roberta-tokenizer.json", FIXTURES), "utf8");
const robertaFile = JSON.parse(robertaJson);

const GPT4 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const byteLevel = (changes: object) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
  ...changes,
});
const splitting = (pattern: string) => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
    byteLevel({ use_regex: false }),
  ],
});
const roberta = (changes: object) =>
  Tokenizer.fromJson(JSON.stringify({ ...robertaFile, ...changes }));

/** BPE over text whose spaces are marked, with a token for each letter and some words. */
function llama(preTokenizer: object | null, normalizer: object | null): Tokenizer {
  const letters = [..."▁abcdehlorw.,\n0é中"];
  const merges = [
    ["▁", "h"],
    ["l", "o"],
    ["▁h", "e"],
    ["▁", "▁"],
    ["l", "lo"],
    ["▁he", "llo"],
  ];
  const names = ["<unk>", "<s>", ...letters, ...merges.map(([a = "", b = ""]) => a + b)];
  const vocab = Object.fromEntries(names.map((name, id) => [name, id]));
  const model = { type: "BPE", vocab, merges, unk_token: "<unk>", fuse_unk: true };
  const file = { model, normalizer, pre_tokenizer: preTokenizer };
  return Tokenizer.fromJson(JSON.stringify(file)).addSpecialTokens(["<s>"]);
}

/** Words that begin with a mark, as T5 and XLM-R have them. */
function unigram(changes: object): Tokenizer {
  const pieces = [..."▁abcdehlorw.,\n0é中", "▁h", "lo", "▁he", "llo", "▁hello", "▁w", "'s", "▁▁"];
  const vocab = [["<unk>", 0], ...pieces.map((piece, i) => [piece, -1 - (i % 7)])];
  const model = { type: "Unigram", vocab, unk_id: 0 };
  return Tokenizer.fromJson(JSON.stringify({ model, ...changes }));
}

const marked = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
const words = { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, marked] };
const oneSpace = { type: "Replace", pattern: { Regex: " {2,}" }, content: " " };

const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "first", split: false };
const marking = {
  type: "Sequence",
  normalizers: [
    { type: "Prepend", prepend: "▁" },
    { type: "Replace", pattern: { String: " " }, content: "▁" },
  ],
};
const flags = { normalized: false } as const;
const awkward = [
  { content: "<tok>", ...flags },
  { content: "lo w", ...flags, singleWord: true },
  { content: "he", ...flags, singleWord: true },
  { content: "\n\n", ...flags, lstrip: true },
  { content: "<r>", ...flags, rstrip: true },
  { content: "<both>", ...flags, lstrip: true, rstrip: true },
];

const exact: readonly (readonly [string, Tokenizer])[] = [
  ["BERT", Tokenizer.fromJson(bertJson)],
  ["GPT-2", roberta({ pre_tokenizer: byteLevel({}) })],
  [
    "GPT-2 with a space in front",
    roberta({ pre_tokenizer: byteLevel({ add_prefix_space: true }) }),
  ],
  ["the pattern of GPT-4", roberta({ pre_tokenizer: splitting(GPT4) })],
  ["a pattern and NFC", roberta({ pre_tokenizer: splitting(GPT4), normalizer: { type: "NFC" } })],
  ["added tokens of all flags", roberta({ pre_tokenizer: splitting(GPT4) }).addTokens(awkward)],
  ["marked spaces", llama(null, marking)],
  ["Unigram", unigram({ pre_tokenizer: marked })],
  ["Unigram of words, added tokens", unigram({ pre_tokenizer: words }).addTokens(awkward)],
  ["Unigram, NFKC", unigram({ pre_tokenizer: marked, normalizer: { type: "NFKC" } })],
  ["Unigram, spaces in a row", unigram({ pre_tokenizer: marked, normalizer: oneSpace })],
  ["marked spaces, by the pre-tokenizer", llama(metaspace, null).addTokens(awkward)],
];

const PARTS = [
  ..."ab'hlow01 .,\n",
  " he",
  "llo ",
  "hello",
  " w",
  "'s",
  "'ll",
  "\n\n",
  "  \n ",
  "   ",
  "\t",
  "é",
  "e\u0301",
  "中文",
  "。\n",
  "が",
  "각",
  "ᄀ\u1161\u11a8",
  "Привет ",
  "😀",
  "<tok>",
  "<r>",
  "<both>",
  "<s>",
  "[MASK]",
  "\u00a0",
];

function randomText(seed: number, length: number): string {
  const random = createRandom(seed);
  return Array.from({ length }, () => PARTS[Math.floor(random.uniform() * PARTS.length)]).join("");
}

async function collect(
  tokenizer: Tokenizer,
  ...[source, options]: Parameters<Tokenizer["encodeStream"]>
): Promise<readonly Int32Array[]> {
  const batches: Int32Array[] = [];
  for await (const ids of tokenizer.encodeStream(source, options)) batches.push(ids);
  return batches;
}

const joined = (batches: readonly Int32Array[]) => batches.flatMap((ids) => [...ids]);

/** A text in pieces of random lengths, as strings or as bytes, which end anywhere. */
function pieces(text: string, seed: number): (string | Uint8Array)[] {
  const random = createRandom(seed);
  const bytes = new TextEncoder().encode(text);
  const source: { readonly length: number; slice(from: number, to: number): string | Uint8Array } =
    seed % 2 === 0 ? text : bytes;
  const result: (string | Uint8Array)[] = [];
  for (let at = 0; at < source.length; ) {
    const end = at + 1 + Math.floor(random.uniform() * 40);
    result.push(source.slice(at, end));
    at = end;
  }
  return result;
}

function hash(ids: Int32Array, before: number): number {
  let sum = before;
  for (let i = 0; i < ids.length; i++) sum = (Math.imul(sum, 31) + (ids[i] ?? 0)) | 0;
  return sum;
}

describe("encodeStream() gives the ids of the whole text", () => {
  test.each(exact)("%s", async (_, tokenizer) => {
    expect(tokenizer.isStreamExact).toBe(true);
    let most = 0;
    for (let seed = 0; seed < 60; seed++) {
      const text = randomText(seed, 120);
      const batchUnits = 8 + seed;
      const addSpecialTokens = seed % 3 > 0;
      const batches = await collect(tokenizer, pieces(text, seed), {
        batchUnits,
        addSpecialTokens,
      });
      expect(joined(batches), JSON.stringify(text)).toEqual([
        ...tokenizer.encodeIds(text, { addSpecialTokens }),
      ]);
      most = Math.max(most, batches.length);
    }
    expect(most).toBeGreaterThan(5);
  });

  test("a long one, with bounded memory", { timeout: 60_000 }, async () => {
    const [, tokenizer] = exact[3];
    const paragraph = `${randomText(1, 2000)}\n`;
    const count = Math.ceil(4_000_000 / paragraph.length);
    let given = 0;
    let done = 0;
    function* source() {
      for (let i = 0; i < count; i++) {
        given += paragraph.length;
        yield paragraph;
      }
    }
    const onProgress = (event: ProgressEvent) => {
      done = event.done;
    };
    let heldUnits = 0;
    let longestBatch = 0;
    let length = 0;
    let sum = 0;
    for await (const ids of tokenizer.encodeStream(source(), { onProgress })) {
      heldUnits = Math.max(heldUnits, given - done);
      longestBatch = Math.max(longestBatch, ids.length);
      length += ids.length;
      sum = hash(ids, sum);
    }
    const whole = tokenizer.encodeIds(paragraph.repeat(count));
    expect(done).toBe(count * paragraph.length);
    expect(length).toBe(whole.length);
    expect(hash(whole, 0)).toBe(sum);
    // What is read and not yet given out: two batches, the first of which is being used.
    expect(heldUnits).toBeLessThan(600_000);
    expect(longestBatch).toBeLessThan(300_000);
  });
});

describe("encodeStream()", () => {
  const [, bert] = exact[0];

  test("of nothing gives the special tokens", async () => {
    expect(joined(await collect(bert, []))).toEqual([...bert.encodeIds("")]);
  });

  test("where no safe cut is known, gives the ids of the lines", async () => {
    const tokenizer = Tokenizer.fromJson(
      JSON.stringify({
        ...JSON.parse(bertJson),
        normalizer: { type: "Lowercase" },
        post_processor: null,
      }),
    ).with({
      preTokenizer: {
        type: "Split",
        pattern: { type: "Regex", source: "(?<=a) " },
        behavior: "Removed",
        invert: false,
      },
    });
    expect(tokenizer.isStreamExact).toBe(false);
    const lines = ["hello world\n", "a fine abc\n", "hello b a b\n", "c"];
    const ids = joined(await collect(tokenizer, lines, { batchUnits: 13 }));
    expect(ids).toEqual(lines.flatMap((line) => [...tokenizer.encodeIds(line)]));
  });

  test("stops when it is aborted, between batches and before the first", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stream = bert.encodeStream(
      Array.from({ length: 100 }, () => "hello world "),
      {
        batchUnits: 64,
        signal,
      },
    );
    expect((await stream.next()).done).toBe(false);
    controller.abort(new Error("enough"));
    await expect(stream.next()).rejects.toThrow("enough");
    await expect(bert.encodeStream(["a"], { signal }).next()).rejects.toThrow("enough");
  });

  test("reads a web stream", async () => {
    const { body } = new Response("Hello, world! naïve 😀");
    expect(joined(await collect(bert, body ?? []))).toEqual([
      ...bert.encodeIds("Hello, world! naïve 😀"),
    ]);
  });

  test("refuses a template without the text", () => {
    const special = { type: "special", id: 2, token: "[CLS]", typeId: 0 } as const;
    const odd = bert.with({ postProcessor: { single: [special], pair: [special], trims: [] } });
    return expect(odd.encodeStream(["a"]).next()).rejects.toThrow(RangeError);
  });
});
