import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Encoding, type Span } from "./encoding.ts";
import { Tokenizer } from "./tokenizer.ts";

/** As the generator writes it; what is expected is compared as a whole. */
interface Fixture {
  readonly cases: readonly {
    readonly tokenizer: string;
    readonly text: string | readonly string[];
    readonly pair: string | readonly string[] | null;
    // biome-ignore lint/suspicious/noExplicitAny: many columns, each compared with one of the encoding
    readonly expected: any;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    readonly edits: readonly any[];
  }[];
  readonly merges: readonly {
    readonly texts: readonly string[];
    readonly maxLength: number | null;
    readonly growingOffsets: boolean;
    readonly expected: unknown;
  }[];
}

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FIXTURES), "utf8");
const { cases, merges }: Fixture = JSON.parse(read("encodings.json"));
const tokenizers: Readonly<Record<string, Tokenizer>> = {
  "tiny-bert": Tokenizer.fromJson(read("tiny-bert-tokenizer.json")),
  "tiny-roberta": Tokenizer.fromJson(read("tiny-roberta-tokenizer.json")),
};

function columns(encoding: Encoding) {
  return {
    ids: [...encoding.ids],
    tokens: encoding.tokens,
    offsets: encoding.offsetsIn("codePoints"),
    typeIds: [...encoding.typeIds],
    wordIds: encoding.wordIds,
    attentionMask: [...encoding.attentionMask],
    specialTokensMask: [...encoding.specialTokensMask],
  };
}

const allOf = (encoding: Encoding) => ({
  ...columns(encoding),
  overflowing: encoding.overflowing.map(columns),
});

/** UTF-16 position of the character at `index`. */
const toUnits = (text: string, index: number) =>
  Array.from(text).slice(0, index).join("").length + Math.max(0, index - Array.from(text).length);
const toCharacters = (text: string, span: Span | undefined) =>
  span ? span.map((at) => Array.from(text.slice(0, at)).length) : null;

describe("Encoding answers as the reference does", () => {
  test.each(cases)("$tokenizer $text $pair", ({ tokenizer, text, pair, expected, edits }) => {
    const encoding = tokenizers[tokenizer].encode(text, { pair: pair ?? undefined });
    const { sequences, sequenceIds, tokenToSequence, tokenToChars, tokenToWord, ...rest } =
      expected;
    expect(allOf(encoding)).toEqual(rest);
    expect(encoding.sequenceIds).toEqual(sequenceIds);
    const each = encoding.tokens.map((_, token) => token);
    expect(each.map((token) => encoding.tokenToSequence(token) ?? null)).toEqual(tokenToSequence);
    expect(each.map((token) => encoding.tokenToWord(token) ?? null)).toEqual(tokenToWord);
    const inCharacters = encoding.offsetsIn("codePoints");
    expect(
      each.map((token) => (encoding.tokenToChars(token) ? inCharacters[token] : null)),
    ).toEqual(tokenToChars);
    [text, pair].slice(0, sequences.length).forEach((sequence, i) => {
      const { wordToTokens, wordToChars, charToToken, charToWord } = sequences[i];
      const words = wordToTokens.map((_: unknown, word: number) => word);
      const textOf = (word: number) => (typeof sequence === "string" ? sequence : sequence?.[word]);
      expect(words.map((word: number) => encoding.wordToTokens(word, i) ?? null)).toEqual(
        wordToTokens,
      );
      expect(
        words.map((word: number) =>
          toCharacters(textOf(word) ?? "", encoding.wordToChars(word, i)),
        ),
      ).toEqual(wordToChars);
      if (typeof sequence !== "string") return;
      const positions = charToToken.map((_: unknown, at: number) => toUnits(sequence, at));
      expect(positions.map((at: number) => encoding.charToToken(at, i) ?? null)).toEqual(
        charToToken,
      );
      expect(positions.map((at: number) => encoding.charToWord(at, i) ?? null)).toEqual(charToWord);
    });
    for (const { truncate, expected: cut, padded } of edits) {
      const [length, options] = truncate;
      const shorter = encoding.truncate(length, options);
      expect(allOf(shorter)).toEqual(cut);
      const filled = shorter.pad(6, { direction: "left", id: 7, typeId: 1, token: "[P]" });
      expect(allOf(filled)).toEqual(padded);
    }
  });

  test.each(merges)("merge() of $texts, growing: $growingOffsets", (item) => {
    const truncation = item.maxLength === null ? false : { maxLength: item.maxLength };
    const encodings = item.texts.map((text: string) =>
      tokenizers["tiny-bert"].encode(text, { truncation, padding: false }),
    );
    const { growingOffsets } = item;
    expect(allOf(Encoding.merge(encodings, { growingOffsets }))).toEqual(item.expected);
  });
});

test("offsetsIn() counts units, characters and bytes, a lone surrogate as U+FFFD", () => {
  const text = "aé中😁 \ud800 z";
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const encoding = tokenizers["tiny-bert"].encode(text, { addSpecialTokens: false });
  const units = encoding.offsetsIn("utf16");
  expect(units).toEqual(encoding.offsets);
  expect(
    encoding.offsetsIn("bytes").map(([start, end]) => decoder.decode(bytes.subarray(start, end))),
  ).toEqual(units.map(([start, end]) => text.slice(start, end)));
  expect(
    encoding
      .offsetsIn("codePoints")
      .map(([start, end]) => Array.from(text).slice(start, end).join("")),
  ).toEqual(units.map(([start, end]) => text.slice(start, end)));
});

test("a truncated encoding still knows its sequences; a stride beyond the length is refused", () => {
  const encoding = tokenizers["tiny-bert"].encode("Hello", { pair: "world" });
  expect(encoding.sequenceRanges).toEqual([
    [1, 2],
    [3, 4],
  ]);
  const cut = encoding.truncate(4);
  expect(cut.sequenceIds).toEqual([null, 0, null, 1]);
  expect(cut.charToToken(0, 1)).toBe(3);
  expect(encoding.truncate(99)).toBe(encoding);
  expect(encoding.wordToTokens(0, 2)).toBeUndefined();
  expect(encoding.tokenToSequence(-1)).toBeUndefined();
  expect(encoding.tokenToSequence(99)).toBeUndefined();
  expect(() => encoding.truncate(2, { stride: 2 })).toThrow(RangeError);
});
