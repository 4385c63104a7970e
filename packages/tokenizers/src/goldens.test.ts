import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { alignText, wellFormed } from "./aligned-text.ts";
import type { Encoding } from "./encoding.ts";
import type { EncodeInput } from "./id-encoder.ts";
import { createNormalizer } from "./normalizers/normalizer.ts";
import { parseTokenizer } from "./schema.ts";
import { type EncodeOptions, Tokenizer } from "./tokenizer.ts";

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);
const REAL = new URL("../../../.assets/all-MiniLM-L6-v2/tokenizer.json", import.meta.url);

function read(name: string) {
  return JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
}

interface SingleCase {
  readonly input: string;
  readonly expected: {
    readonly ids: readonly number[];
    readonly tokens: readonly string[];
    readonly offsets: readonly number[];
    readonly wordIds: readonly (number | null)[];
    readonly decoded: string;
    readonly decodedAll: string;
  };
}

function checkSingle(tokenizer: Tokenizer, cases: readonly SingleCase[]) {
  for (const { input, expected } of cases) {
    const encoding = tokenizer.encode(input);
    const { decoded, decodedAll, ...rest } = expected;
    const actual = {
      ids: [...encoding.ids],
      tokens: encoding.tokens,
      offsets: encoding.offsets.flat(),
      wordIds: encoding.wordIds,
    };
    expect(actual, JSON.stringify(input)).toEqual(rest);
    expect(tokenizer.decode(encoding.ids)).toBe(decoded);
    expect(tokenizer.decode(encoding.ids, { skipSpecialTokens: false })).toBe(decodedAll);
  }
}

describe("Tokenizer.encode() agrees with the reference on adversarial texts", () => {
  const from = (name: string) => Tokenizer.fromJson(readFileSync(new URL(name, FIXTURES), "utf8"));

  test("a tiny BERT", () => {
    checkSingle(from("tiny-bert-tokenizer.json"), read("tiny-bert.json").cases);
  });

  test("a tiny RoBERTa (byte-level BPE, trimmed offsets)", () => {
    checkSingle(from("tiny-roberta-tokenizer.json"), read("tiny-roberta.json").cases);
  });

  test("added tokens with singleWord, lstrip and rstrip", () => {
    const { tokenizer, cases } = read("added-tokens.json");
    checkSingle(Tokenizer.fromJson(JSON.stringify(tokenizer)), cases);
  });

  test("added tokens that are matched in normalized text", () => {
    const { tokenizer, cases } = read("normalized-tokens.json");
    checkSingle(Tokenizer.fromJson(JSON.stringify(tokenizer)), cases);
  });

  test.runIf(existsSync(REAL))("the real all-MiniLM-L6-v2 (npm run assets)", () => {
    const tokenizer = Tokenizer.fromJson(readFileSync(REAL, "utf8"));
    const plain = tokenizer.with({ truncation: undefined, padding: undefined });
    checkSingle(plain, read("minilm.json").cases);
  });
});

describe("each component agrees with the reference", () => {
  interface ComponentCase {
    readonly input: string;
    readonly offsets: readonly number[];
    readonly words: readonly (number | null)[];
    readonly normalized: string | null;
  }
  for (const { name, tokenizer: file, expected } of read("components.json").cases) {
    test(name, () => {
      const definition = parseTokenizer(JSON.stringify(file));
      const normalizer = createNormalizer(definition.normalizer);
      const tokenizer = new Tokenizer(definition);
      for (const { input, offsets, words, normalized } of expected as ComponentCase[]) {
        const what = JSON.stringify(input);
        if (normalized !== null) {
          expect(normalizer(alignText(wellFormed(input))).text, what).toBe(normalized);
        }
        const encoding = tokenizer.encode(input);
        expect(encoding.offsets.flat(), what).toEqual(offsets);
        expect(encoding.wordIds, what).toEqual(words);
      }
    });
  }
});

describe("truncation, padding, pairs and words", () => {
  const tokenizer = Tokenizer.fromJson(
    readFileSync(new URL("tiny-bert-tokenizer.json", FIXTURES), "utf8"),
  );
  const allOf = (encoding: Encoding) => ({
    ids: [...encoding.ids],
    tokens: encoding.tokens,
    offsets: encoding.offsets.flat(),
    typeIds: [...encoding.typeIds],
    wordIds: encoding.wordIds,
    sequenceIds: encoding.sequenceIds,
    attentionMask: [...encoding.attentionMask],
    specialTokensMask: [...encoding.specialTokensMask],
    ...(encoding.overflowing.length > 0 && {
      overflowing: encoding.overflowing.map((part) => [
        [...part.ids],
        [...part.typeIds],
        part.offsets.flat(),
      ]),
    }),
  });
  interface LayoutCase {
    readonly name: string;
    readonly input?: readonly [string, string | null];
    readonly batch?: readonly (readonly string[])[];
    readonly words?: readonly string[];
    readonly options: EncodeOptions;
    readonly expected: { readonly error?: string };
  }
  const cases: readonly LayoutCase[] = read("layouts.json").cases;

  test.each(cases.map((item, i) => ({ ...item, name: `${i} ${item.name}` })))(
    "$name",
    ({ input, batch, words, options, expected }) => {
      if (batch) {
        const inputs = batch.map(([text = "", pair]): EncodeInput => ({ text, pair }));
        expect(tokenizer.encodeBatch(inputs, options).map(allOf)).toEqual(expected);
        return;
      }
      if (words) {
        expect(allOf(tokenizer.encode(words, options))).toEqual(expected);
        return;
      }
      const [text, pair] = input ?? ["", null];
      const encode = () => allOf(tokenizer.encode(text, { ...options, pair: pair ?? undefined }));
      if (expected.error) expect(encode).toThrow();
      else expect(encode()).toEqual(expected);
    },
  );
});
