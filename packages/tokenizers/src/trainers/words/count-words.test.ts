import { createRandom, drain, type JsonObject } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { parseTokenizer } from "../../schema.ts";
import { countWords } from "./count-words.ts";
import { findCuts } from "./locality.ts";
import { createWordStages } from "./word-stages.ts";

const CL100K =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const byteLevel = (fields: JsonObject = {}) => ({
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
  ...fields,
});
const metaspace = (scheme: string) => ({
  type: "Metaspace",
  replacement: "▁",
  prepend_scheme: scheme,
  split: true,
});
const sequence = (...pretokenizers: JsonObject[]) => ({ type: "Sequence", pretokenizers });
const bert = (lowercase: boolean) => ({
  type: "BertNormalizer",
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase,
});
const digits = { type: "Digits", individual_digits: true };
const compatible = { type: "Sequence", normalizers: [{ type: "NFKC" }, { type: "Lowercase" }] };
const split = { type: "Split", pattern: { Regex: CL100K }, behavior: "Isolated", invert: false };

/** Pipelines, and how their texts are cut. */
const pipelines: readonly (readonly [string, string, JsonObject])[] = [
  ["gpt2", "byte level", { pre_tokenizer: byteLevel() }],
  ["gpt2", "NFC and byte level", { normalizer: { type: "NFC" }, pre_tokenizer: byteLevel() }],
  ["none", "NFKC and byte level", { normalizer: compatible, pre_tokenizer: byteLevel() }],
  ["space", "prefixed byte level", { pre_tokenizer: byteLevel({ add_prefix_space: true }) }],
  ["gpt2", "digits and byte level", { pre_tokenizer: sequence(digits, byteLevel()) }],
  ["space", "cl100k", { pre_tokenizer: sequence(split, byteLevel({ use_regex: false })) }],
  ["bert", "BERT", { normalizer: bert(true), pre_tokenizer: { type: "BertPreTokenizer" } }],
  ["bert", "cased BERT", { normalizer: bert(false), pre_tokenizer: { type: "BertPreTokenizer" } }],
  ["bert", "bare BERT", { pre_tokenizer: { type: "BertPreTokenizer" } }],
  ["word", "words", { normalizer: compatible, pre_tokenizer: { type: "Whitespace" } }],
  ["whitespace", "white space", { pre_tokenizer: { type: "WhitespaceSplit" } }],
  [
    "whitespace",
    "white space and digits",
    { pre_tokenizer: sequence({ type: "WhitespaceSplit" }, digits) },
  ],
  [
    "whitespace",
    "marked words",
    { pre_tokenizer: sequence({ type: "WhitespaceSplit" }, metaspace("always")) },
  ],
  [
    "none",
    "words marked by place",
    { pre_tokenizer: sequence({ type: "WhitespaceSplit" }, metaspace("first")) },
  ],
  ["space", "metaspace", { pre_tokenizer: metaspace("always") }],
  ["space", "metaspace first", { normalizer: bert(true), pre_tokenizer: metaspace("first") }],
  ["space", "metaspace never", { normalizer: compatible, pre_tokenizer: metaspace("never") }],
  ["none", "punctuation", { pre_tokenizer: { type: "Punctuation", behavior: "Isolated" } }],
  ["none", "nothing", {}],
  [
    "gpt2",
    "added tokens",
    {
      added_tokens: ["'s", "an"].map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: true,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      pre_tokenizer: byteLevel(),
    },
  ],
];

/** What stages may stumble over, next to each other in all orders. */
const ITEMS = [
  ..." \t\n\r\v\f\0\u0001\u007f'\"!-_=.,aAzZ09",
  ..."\u0085\u00a0\u00adé\u0301\u0338\u1680\u2003\u200b\u2028\u202f\u205f\u3000\ufeffÅ½ßİ中あ한ї𐐀😀▁Ġ",
  "\ud800",
  "\udc00",
  "'s",
  "'re",
  "  ",
  "an",
  "the",
];

describe("countWords() cuts texts into parts without changing their words", () => {
  const random = createRandom(7);
  const texts = Array.from({ length: 1500 }, () =>
    Array.from({ length: random.integer(14) }, () => ITEMS[random.integer(ITEMS.length)]).join(""),
  );

  test.each(pipelines)("%s: %s", async (cuts, _, base) => {
    expect(findCuts(base)).toBe(cuts);
    const model = { type: "WordLevel", vocab: {}, unk_token: "" };
    const stages = createWordStages(parseTokenizer(JSON.stringify({ ...base, model })));
    const wanted = new Map<string, number>();
    for (const text of texts) {
      for (const word of stages.words(text)) wanted.set(word, (wanted.get(word) ?? 0) + 1);
    }
    const found = await drain(countWords(base, texts, { maxWords: 1e6, signal: undefined }));
    expect(new Map(found.entries())).toEqual(wanted);
  });
});
