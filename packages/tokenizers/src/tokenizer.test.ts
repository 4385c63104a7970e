import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  TokenizerFormatError,
  TruncationError,
  UnknownTokenError,
  UnsupportedComponentError,
} from "./errors.ts";
import { Tokenizer } from "./tokenizer.ts";

const json = readFileSync(
  new URL("../../../fixtures/tokenizers/tiny-bert-tokenizer.json", import.meta.url),
  "utf8",
);
const bert = Tokenizer.fromJson(json);

/** Stages run one by one when a token must be matched in normalized text, even one that never occurs. */
const plain = bert.addTokens(["\u{10fffd}"]);

describe("Tokenizer.encode() by its word cache and by its stages", () => {
  const scripts = [
    "The quick brown fox, isn't it? ",
    "naïve café e\u0301 ",
    "中文分词 測試",
    "한국어 😀👍 \ud800",
    "a\u000bb\u0085c\u200d ",
    "[MASK] [mask] ",
    "x".repeat(15),
    "\n\t ",
    "。「」、",
  ];
  // A fixed sequence that puts every pair of scripts next to each other.
  const mixed = Array.from({ length: 4_000 }, (_, i) => scripts[(i * i + (i >> 3)) % 9]).join("");

  test.each([
    ["a long text, over many windows", mixed],
    ["a word that is longer than a window", `a ${"b".repeat(20_000)} c`],
    ["signs without a cut, each a word", `hello ${"。".repeat(20_000)}!`],
    ["nothing but spaces", " ".repeat(40_000)],
    ["windows that end inside surrogate pairs", "😀".repeat(20_001)],
  ])("%s: the same ids", (_, text) => {
    expect(bert.encode(text).ids).toEqual(plain.encode(text).ids);
    expect(bert.encode(text).tokens.length).toBe(bert.encode(text).ids.length);
  });

  test("two tokenizers share the cache without mixing their words", () => {
    const cased = new Tokenizer({
      ...bert.definition,
      normalizer: {
        type: "BertNormalizer",
        cleanText: true,
        handleChineseChars: true,
        stripAccents: false,
        lowercase: false,
      },
    });
    const lower = [...bert.encode("HELLO hello").ids];
    const upper = [...cased.encode("HELLO hello").ids];
    expect([...bert.encode("HELLO hello").ids]).toEqual(lower);
    expect(upper).not.toEqual(lower);
    expect(upper[2]).toBe(lower[2]);
  });
});

describe("Tokenizer.fromJson() names what is wrong", () => {
  const file = JSON.parse(json);
  const load = (changes: object) => () =>
    Tokenizer.fromJson(JSON.stringify({ ...file, ...changes }));

  test.each([
    ["model.vocab", { model: { ...file.model, vocab: { a: -1 } } }, 'model.vocab["a"] must be'],
    [
      "model fields",
      { model: { ...file.model, unk_token: 5 } },
      "model.unk_token must be a string",
    ],
    ["no model", { model: null }, "model must be an object"],
    ["unclear model", { model: { vocab: {} } }, "model.type is missing"],
    ["version", { version: "2.0" }, 'version must be "1.0"'],
    ["added token", { added_tokens: [{ id: 1 }] }, "added_tokens[0].content must be a string"],
    ["padding", { padding: { strategy: "Longest" } }, "padding.strategy must be"],
    [
      "a nested normalizer",
      { normalizer: { type: "Sequence", normalizers: [{ type: "Strip" }] } },
      "normalizer.normalizers[0].strip_left must be true or false",
    ],
    [
      "a template",
      {
        post_processor: {
          type: "TemplateProcessing",
          single: [{ SpecialToken: { id: "[X]", type_id: 0 } }],
          pair: [],
          special_tokens: {},
        },
      },
      'post_processor.single[0].SpecialToken.id "[X]" is not among special_tokens',
    ],
    [
      "merges",
      { model: { type: "BPE", vocab: { a: 0 }, merges: ["a b c"] } },
      "model.merges[0] must be a pair of tokens",
    ],
    [
      "merges outside the vocabulary",
      { model: { type: "BPE", vocab: { a: 0 }, merges: [["a", "b"]] } },
      'model.merges[0] needs "b"',
    ],
  ])("%s", (_, changes, message) => {
    expect(load(changes)).toThrow(TokenizerFormatError);
    expect(load(changes)).toThrow(message);
  });

  test("text that is not JSON", () => {
    expect(() => Tokenizer.fromJson("{")).toThrow(TokenizerFormatError);
  });

  test.each([
    ["normalizer", { normalizer: { type: "NFX" } }, "normalizer"],
    ["pre_tokenizer", { pre_tokenizer: { type: "Sentences" } }, "pre_tokenizer"],
    [
      "a regular expression",
      {
        pre_tokenizer: {
          type: "Sequence",
          pretokenizers: [{ type: "Split", pattern: { Regex: "\\X" }, behavior: "Removed" }],
        },
      },
      "pre_tokenizer.pretokenizers[0].pattern.Regex",
    ],
    ["model", { model: { type: "Ngram", vocab: [] } }, "model"],
    ["decoder", { decoder: { type: "Guess" } }, "decoder"],
  ])("%s that is not supported", (_, changes, path) => {
    try {
      load(changes)();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedComponentError);
      expect(error).toMatchObject({ path, code: "TOKENIZER_COMPONENT_UNSUPPORTED" });
    }
  });
});

describe("Tokenizer.encode() finds single words", () => {
  const model = { type: "WordLevel", vocab: { "[UNK]": 0 }, unk_token: "[UNK]" };
  const flags = {
    special: true,
    normalized: false,
    single_word: true,
    lstrip: false,
    rstrip: false,
  };
  const file = { version: "1.0", model, added_tokens: [{ id: 1, content: "<s>", ...flags }] };
  const tokenizer = Tokenizer.fromJson(JSON.stringify(file));
  test.each([
    ["漢<s>", false],
    ["𠀀<s>", false],
    ["<s>𠀀", false],
    ["漢\udfff<s>", true],
    ["漢\ud840<s>", true],
    ["<s>\udc00漢", true],
    ["😀<s>", true],
  ])("%j: %s", (text, isFound) => {
    expect(tokenizer.encode(text).ids.includes(1)).toBe(isFound);
  });
});

test("Tokenizer.encode() cuts at digits that patterns do not know yet", () => {
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const preTokenizers = [{ type: "Digits", individual_digits: true }, bytes];
  const file = {
    version: "1.0",
    pre_tokenizer: { type: "Sequence", pretokenizers: preTokenizers },
    model: { type: "BPE", vocab: { "[UNK]": 0 }, merges: [], unk_token: "[UNK]" },
  };
  const tokenizer = Tokenizer.fromJson(JSON.stringify(file));
  expect(tokenizer.encode("\u{11de6}\u0301").wordIds).toEqual([0, 0, 0, 0, 1, 1]);
});

describe("Tokenizer.encode() refuses what cannot be done", () => {
  test("truncation below the special tokens", () => {
    expect(() => bert.encode("a", { truncation: { maxLength: 1 } })).toThrow(TruncationError);
  });

  test("cutting a second text that is not there", () => {
    const truncation = { maxLength: 4, strategy: "only-second" } as const;
    expect(() => bert.encode("a b c d e f", { truncation })).toThrow(/no second sequence/);
  });

  test("a word that nothing in the vocabulary stands for", () => {
    const model = { type: "WordLevel", vocab: { a: 0 }, unk_token: "?" };
    const tokenizer = Tokenizer.fromJson(JSON.stringify({ version: "1.0", model }));
    expect([...tokenizer.encode("a").ids]).toEqual([0]);
    expect(() => tokenizer.encode("b")).toThrow(UnknownTokenError);
  });
});
