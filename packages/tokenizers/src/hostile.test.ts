import { LibraryError } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { PatternLimitError, TokenizerFormatError, UnsupportedComponentError } from "./errors.ts";
import { Tokenizer } from "./tokenizer.ts";

type Json = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** One of every component that has fields. */
const STAGES: Json = {
  version: "1.0",
  truncation: { direction: "Right", max_length: 64, strategy: "LongestFirst", stride: 0 },
  padding: {
    strategy: { Fixed: 16 },
    direction: "Right",
    pad_to_multiple_of: 8,
    pad_id: 0,
    pad_type_id: 0,
    pad_token: "[PAD]",
  },
  added_tokens: [
    {
      ...{ id: 0, content: "[UNK]", single_word: false, lstrip: false },
      ...{ rstrip: false, normalized: false, special: true },
    },
  ],
  normalizer: {
    type: "Sequence",
    normalizers: [
      {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true,
      },
      { type: "Strip", strip_left: true, strip_right: true },
      { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
      { type: "Replace", pattern: { String: "é" }, content: "e" },
      { type: "Prepend", prepend: "▁" },
      { type: "NFC" },
    ],
  },
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "Split", pattern: { Regex: "x|y" }, behavior: "Isolated", invert: false },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
      { type: "Punctuation", behavior: "Isolated" },
      { type: "Digits", individual_digits: true },
      { type: "CharDelimiterSplit", delimiter: "-" },
      { type: "FixedLength", length: 5 },
    ],
  },
  post_processor: {
    type: "Sequence",
    processors: [
      { type: "ByteLevel", add_prefix_space: true, trim_offsets: false, use_regex: true },
      {
        type: "TemplateProcessing",
        single: [
          { SpecialToken: { id: "[CLS]", type_id: 0 } },
          { Sequence: { id: "A", type_id: 0 } },
        ],
        pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
        special_tokens: { "[CLS]": { id: "[CLS]", ids: [0], tokens: ["[CLS]"] } },
      },
    ],
  },
  decoder: {
    type: "Sequence",
    decoders: [
      { type: "Replace", pattern: { String: "▁" }, content: " " },
      { type: "ByteFallback" },
      { type: "Fuse" },
      { type: "Strip", content: " ", start: 1, stop: 0 },
      { type: "WordPiece", prefix: "##", cleanup: true },
      { type: "CTC", pad_token: "<pad>", word_delimiter_token: "|", cleanup: true },
      { type: "BPEDecoder", suffix: "</w>" },
      { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
    ],
  },
};

const MODELS: Readonly<Record<string, Json>> = {
  BPE: {
    ...{ type: "BPE", dropout: null, unk_token: "[UNK]", continuing_subword_prefix: null },
    ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false },
    vocab: { "[UNK]": 0, a: 1, b: 2, ab: 3 },
    merges: [["a", "b"]],
  },
  Unigram: {
    ...{ type: "Unigram", unk_id: 0, byte_fallback: false },
    vocab: [
      ["<unk>", 0],
      ["a", -1],
      ["b", -2.5],
    ],
  },
  WordPiece: {
    ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##" },
    max_input_chars_per_word: 100,
    vocab: { "[UNK]": 0, a: 1, "##b": 2 },
  },
  WordLevel: { type: "WordLevel", unk_token: "[UNK]", vocab: { "[UNK]": 0, a: 1 } },
};

/** A tokenizer of words with other parts besides. */
const words = (parts: Json): string =>
  JSON.stringify({ version: "1.0", model: MODELS["WordLevel"], ...parts });
const bpe = (fields: Json): string =>
  JSON.stringify({ version: "1.0", model: { ...MODELS["BPE"], ...fields } });
const split = (pattern: string): string =>
  words({
    pre_tokenizer: {
      ...{ type: "Split", pattern: { Regex: pattern } },
      ...{ behavior: "Isolated", invert: false },
    },
  });

/** What loading `json` throws, as `CLASS: message`. */
function refusal(json: string): string {
  try {
    Tokenizer.fromJson(json);
  } catch (error) {
    if (error instanceof TokenizerFormatError || error instanceof UnsupportedComponentError) {
      return `${error.name}: ${error.message}`;
    }
    throw error;
  }
  return "none";
}

describe("Tokenizer.fromBytes() refuses a file that was cut off", () => {
  test.each(Object.entries(MODELS))("%s, at every byte", (_, model) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...STAGES, model }));
    for (let end = 0; end < bytes.length; end++) {
      expect(() => Tokenizer.fromBytes(bytes.subarray(0, end)), `${end}`).toThrow(
        TokenizerFormatError,
      );
    }
    expect(Tokenizer.fromBytes(bytes).encode("a b").length).toBeGreaterThan(0);
  });
});

describe("Tokenizer.fromJson() names the field that is of a wrong kind", () => {
  const values = [null, 0, -1, 1.5, 1e300, "", "x", true, [], {}, [[]], [1, 2], { type: "x" }];
  const all = { ...STAGES, model: MODELS["WordLevel"] };
  const sections = Object.keys(STAGES).map((name): [string, Json] => [name, all]);
  const models = Object.entries(MODELS).map(([name, model]): [string, Json] => [name, { model }]);
  test.each([...sections, ...models])("every field of %s", (name, file) => {
    for (const path of paths(file)) {
      if (path[0] !== name && path[0] !== "model") continue;
      if (name in STAGES && path[0] === "model") continue;
      for (const value of [undefined, ...values]) checkField(file, path, value);
    }
  });
});

function checkField(file: Json, path: Path, value: unknown): void {
  const json = JSON.stringify(changed(file, path, value));
  const what = `${pathText(path)} = ${JSON.stringify(value)}`;
  let tokenizer: Tokenizer;
  try {
    tokenizer = Tokenizer.fromJson(json);
  } catch (error) {
    if (!(error instanceof LibraryError)) throw new Error(what, { cause: error });
    // The field itself, or what it is part of, or what refers to it.
    const around = pathText(path.slice(0, -1)) || pathText(path);
    const section = pathText(path.slice(0, 3));
    expect(error.message.includes(around) || error.message.includes(section), what).toBe(true);
    return;
  }
  try {
    const { ids, tokens, offsets } = tokenizer.encode("a b ab-1 [UNK] é😀");
    expect(tokens.length, what).toBe(ids.length);
    expect(offsets.length, what).toBe(ids.length);
    tokenizer.decode(ids);
  } catch (error) {
    if (!(error instanceof LibraryError)) throw new Error(what, { cause: error });
  }
}

function* paths(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    yield* paths(item, [...path, isList ? Number(key) : key]);
  }
}

/** A copy with another value at `path`; without the field where that is `undefined`. */
function changed(value: unknown, path: Path, item: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return item;
  const replace = (old: unknown) => changed(old, rest, item);
  if (Array.isArray(value)) {
    return value.flatMap((old, i) => {
      if (i !== key) return [old];
      return rest.length === 0 && item === undefined ? [] : [replace(old)];
    });
  }
  const fields = value as Json; // paths() leads through objects and arrays only
  return { ...fields, [key]: replace(fields[key]) };
}

function pathText(path: Path): string {
  return path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^\w+$/.test(key)) return `[${JSON.stringify(key)}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join("");
}

describe("Tokenizer.fromJson() names the place in a file that contradicts itself", () => {
  const template = (pieces: readonly Json[], special: Json = {}) =>
    words({
      post_processor: {
        ...{ type: "TemplateProcessing", single: pieces, pair: [], special_tokens: special },
      },
    });
  test.each([
    ["a merge of an absent token", bpe({ merges: [["a", "x"]] }), /model\.merges\[0\] needs "x"/],
    ["a merge as text of an absent one", bpe({ merges: ["x b"] }), /model\.merges\[0\] needs "x"/],
    ["a merge that makes an absent one", bpe({ merges: ["b a"] }), /model\.merges\[0\] needs "ba"/],
    ["a merge of one", bpe({ merges: ["ab"] }), /model\.merges\[0\]/],
    ["a merge of three", bpe({ merges: ["a b", ["a", "b", "a"]] }), /model\.merges/],
    ["a huge id", bpe({ vocab: { a: 4294967295 }, merges: [] }), /model\.vocab\["a"\]/],
    ["a negative id", bpe({ vocab: { a: -1 }, merges: [] }), /model\.vocab\["a"\]/],
    [
      "an unknown token outside the pieces",
      JSON.stringify({ version: "1.0", model: { ...MODELS["Unigram"], unk_id: 3 } }),
      /model\.unk_id/,
    ],
    [
      "a score that is no number",
      JSON.stringify({ version: "1.0", model: MODELS["Unigram"] }).replace("-2.5", "1e999"),
      /model\.vocab\[2\]\[1\]/,
    ],
    [
      "a template of an absent token",
      template([{ SpecialToken: { id: "[X]", type_id: 0 } }]),
      /post_processor\.single\[0\].*"\[X\]"/,
    ],
    [
      "a template of a third sequence",
      template([{ Sequence: { id: "C", type_id: 0 } }]),
      /post_processor\.single\[0\]\.Sequence\.id/,
    ],
    [
      "a character map that is cut off",
      words({ normalizer: { type: "Precompiled", precompiled_charsmap: "/////w==" } }),
      /normalizer\.precompiled_charsmap/,
    ],
    [
      "a character map that is not base64",
      words({ normalizer: { type: "Precompiled", precompiled_charsmap: "!!" } }),
      /normalizer\.precompiled_charsmap/,
    ],
  ])("%s", (_, json, message) => {
    expect(refusal(json)).toMatch(message);
  });

  test("a template whose token stands for itself is no cycle", () => {
    const special = { "[X]": { id: "[X]", ids: [7], tokens: ["[X]"] } };
    const json = template([{ SpecialToken: { id: "[X]", type_id: 0 } }], special);
    expect([...Tokenizer.fromJson(json).encode("a").ids]).toEqual([7]);
  });

  test("tokens with one id load, and both are found", () => {
    const json = bpe({ vocab: { a: 0, b: 0, ab: 0 }, merges: [] });
    expect([...Tokenizer.fromJson(json).encode("ab").ids]).toEqual([0, 0]);
  });

  test("tokens named as objects' own properties are tokens like others", () => {
    const json = words({}).replace('"a":1', '"__proto__":1,"constructor":2,"toString":3');
    const tokenizer = Tokenizer.fromJson(json);
    expect(tokenizer.tokenToId("__proto__")).toBe(1);
    expect(tokenizer.tokenToId("constructor")).toBe(2);
    expect(tokenizer.tokenToId("valueOf")).toBeUndefined();
  });
});

describe("Tokenizer.fromJson() has bounds", () => {
  const nested = (name: string, list: string, depth: number) =>
    `{"version":"1.0","model":${JSON.stringify(MODELS["WordLevel"])},"${name}":` +
    `${`{"type":"Sequence","${list}":[`.repeat(depth)}${"]}".repeat(depth)}}`;
  test.each([
    ["normalizers", nested("normalizer", "normalizers", 100_000)],
    ["pre-tokenizers", nested("pre_tokenizer", "pretokenizers", 5000)],
    ["post-processors", nested("post_processor", "processors", 5000)],
    ["decoders", nested("decoder", "decoders", 5000)],
    ["lists without an end", "[".repeat(1_000_000)],
    ["unread fields", `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  ])("%s nested without measure", (_, json) => {
    expect(refusal(json)).toMatch(/^TokenizerFormatError: .*deep/);
  });

  test.each([
    ["groups", "(".repeat(5000) + ")".repeat(5000), /pre_tokenizer\.pattern\.Regex.*nested/],
    ["classes", "[".repeat(5000), /pre_tokenizer\.pattern\.Regex.*nested/],
    ["repetitions", "a{1000}{1000}{1000}", /pre_tokenizer\.pattern\.Regex.*large/],
    ["length", "\\p{L}".repeat(100_000), /pre_tokenizer\.pattern\.Regex.*500000 characters/],
  ])("patterns: %s", (_, pattern, message) => {
    expect(refusal(split(pattern))).toMatch(message);
  });
});

describe("Tokenizer.encode() has bounds", () => {
  const text = `${"a".repeat(3000)}!`;
  test.each(["(a+)+$", "(.*)*x"])("%s backtracks without end: PatternLimitError", (pattern) => {
    const tokenizer = Tokenizer.fromJson(split(pattern));
    expect(() => tokenizer.encode(text).ids).toThrow(PatternLimitError);
  });

  test("replacements that feed each other", () => {
    const twice = { type: "Replace", pattern: { String: "a" }, content: "aa" };
    const normalizer = { type: "Sequence", normalizers: new Array(40).fill(twice) };
    const tokenizer = Tokenizer.fromJson(words({ normalizer }));
    expect(() => tokenizer.encode("a").ids).toThrow(/normalizer makes more than \d+ characters/);
  });

  test("tokens that are prefixes of each other, in a text that nearly has them", () => {
    const tokens = Array.from({ length: 1000 }, (_, i) => ({
      ...{ id: i, content: `${"a".repeat(i + 1)}c`, single_word: false, lstrip: false },
      ...{ rstrip: false, normalized: false, special: false },
    }));
    const tokenizer = Tokenizer.fromJson(words({ added_tokens: tokens }));
    expect(tokenizer.encode("a".repeat(20_000)).length).toBe(1);
  });
});
