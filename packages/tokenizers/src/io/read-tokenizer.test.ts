import { createRandom } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { TokenizerFormatError } from "../errors.ts";
import { Merges } from "../models/bpe/merges.ts";
import type { ModelDefinition } from "../models/model.ts";
import { parseModel } from "../models/model.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import { parseTokenizer, parseTokenizerBytes } from "../schema.ts";
import { Tokenizer } from "../tokenizer.ts";
import { readPlainly, readQuickly } from "./read-tokenizer.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A model as plain values, to compare. */
function plain(model: ModelDefinition): unknown {
  const { vocabulary, ...others } = model;
  const merges = "merges" in others ? [...others.merges.pairs(vocabulary)] : undefined;
  const scores = "scores" in others ? [...others.scores] : undefined;
  // Objects put names that are numbers first.
  const entries = [...vocabulary.entries()].sort(([a, i], [b, j]) => i - j || (a < b ? -1 : 1));
  return { ...others, entries, merges, scores };
}

const quickModel = (text: string) => parseModel(readQuickly(encode(text))["model"], "model");
const plainModel = (text: string) => parseModel(readPlainly(encode(text))["model"], "model");

const BPE = {
  type: "BPE",
  unk_token: null,
  continuing_subword_prefix: null,
  vocab: { '"': 0, "\\": 1, Ġ: 2, a: 3, b: 4, ab: 5, Ġab: 6, "😀": 7, '"\\': 8, "\n": 9, "": 10 },
  merges: ["a b", "Ġ ab", '" \\'],
};
const PAIRS = { ...BPE, merges: BPE.merges.map((merge) => merge.split(" ")) };
const UNIGRAM = {
  type: "Unigram",
  unk_id: 0,
  vocab: [
    ["<unk>", 0],
    ["▁a", -1.5e-3],
    ["▁a", -13.502321243286133],
    ["\u0000\u007f", -0],
  ],
};
const WORD_PIECE = {
  type: "WordPiece",
  unk_token: "[UNK]",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 100,
  vocab: { "[UNK]": 7, a: 1, "##b": 2000000 },
};
const file = (model: unknown, space?: number) =>
  JSON.stringify({ version: "1.0", added_tokens: [], model }, undefined, space);
/** As Python writes files by default. */
const ascii = (text: string) =>
  text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const FILES: Readonly<Record<string, string>> = {
  "merges as text": file(BPE),
  "merges as pairs": file(PAIRS),
  "on lines": file(BPE, 2),
  "pairs on lines": file(PAIRS, 2),
  "ASCII alone": ascii(file(BPE)),
  "pairs in ASCII alone": ascii(file(PAIRS)),
  "merges before the vocabulary": file({ merges: BPE.merges, vocab: BPE.vocab, type: "BPE" }),
  "the model first": JSON.stringify({ model: BPE, normalizer: { type: "NFC" } }),
  "without a type": file({ vocab: BPE.vocab, merges: BPE.merges }),
  "no merges": file({ ...BPE, merges: [] }),
  Unigram: file(UNIGRAM),
  "Unigram without a type": file({ ...UNIGRAM, type: undefined }),
  WordPiece: file(WORD_PIECE, 1),
  WordLevel: file({ type: "WordLevel", unk_token: "a", vocab: { a: 0 } }),
};

test.each(Object.entries(FILES))("%s: read from the bytes as from the text", (_, text) => {
  expect(plain(quickModel(text))).toEqual(plain(plainModel(text)));
  expect(plain(parseTokenizer(text).model)).toEqual(plain(plainModel(text)));
});

describe("files that are left to the plain way", () => {
  const cases: Readonly<Record<string, string>> = {
    "a token twice": '{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"b":1,"a":2}}}',
    "a vocabulary twice":
      '{"model":{"type":"WordLevel","unk_token":"a","vocab":{"b":0},"vocab":{"a":0}}}',
    "a model twice":
      '{"model":{"vocab":{}},"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}}}',
    "an escape in a name": '{"model":{"type":"WordLevel","unk_token":"a","voc\\u0061b":{"a":0}}}',
    "an id with an exponent": '{"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":1e2}}}',
    "a prefix": file({
      ...BPE,
      continuing_subword_prefix: "#",
      vocab: { a: 0, "#b": 1, ab: 2 },
      merges: ["a #b"],
    }),
    "a line of the version": file({ ...BPE, merges: ["#version: 0.2", "a b"] }),
    "a token of 5000 bytes": file({
      ...BPE,
      vocab: { ...BPE.vocab, ["x".repeat(5000)]: 20, [`a${"x".repeat(5000)}`]: 21 },
      merges: [["a", "x".repeat(5000)]],
    }),
  };
  test.each(Object.entries(cases))("%s", (_, text) => {
    expect(() => quickModel(text)).toThrow();
    expect(plain(parseTokenizer(text).model)).toEqual(plain(plainModel(text)));
  });
});

describe("broken files: an error that names the place", () => {
  const word = (vocab: string) => `{"model":{"type":"WordLevel","unk_token":"a","vocab":${vocab}}}`;
  const cases: Readonly<Record<string, readonly [text: string, message: string]>> = {
    nothing: ["", "tokenizer.json is not JSON"],
    "no JSON": ["hello", "tokenizer.json is not JSON"],
    "a list": ["[]", "tokenizer must be an object"],
    "a byte order mark": [`\ufeff${word('{"a":0}')}`, "tokenizer.json is not JSON"],
    "more behind the end": [`${word('{"a":0}')}{}`, "tokenizer.json is not JSON"],
    "a comma at the end": [word('{"a":0,}'), "tokenizer.json is not JSON"],
    "a line break in a string": [word('{"a\n":0}'), "tokenizer.json is not JSON"],
    "a leading zero": [word('{"a":01}'), "tokenizer.json is not JSON"],
    "an unknown escape": [word('{"\\x":1}'), "tokenizer.json is not JSON"],
    "no vocabulary": [
      '{"model":{"type":"WordLevel","unk_token":"a"}}',
      "model.vocab must be an object",
    ],
    "a list as an id": [word('{"a":[0]}'), 'model.vocab["a"] must be an integer'],
    "a huge id": [word('{"a":1e400}'), 'model.vocab["a"] must be an integer'],
    "an id of 2^31": [word('{"a":2147483648}'), 'model.vocab["a"] must be an integer'],
    "a negative id": [word('{"a":-1}'), 'model.vocab["a"] must be an integer'],
    "half of a pair": [word('{"\\ud83d":0}'), "half of a surrogate pair at character 55: \\ud83d"],
    "halves in the wrong order": [word('{"\\ude00\\ud83d":0}'), "half of a surrogate pair"],
    "half of a pair elsewhere": [
      `{"version":"1.0","x":"\\udc00",${word('{"a":0}').slice(1)}`,
      "half of a surrogate pair",
    ],
    "deep nesting": [`{"x":${"[".repeat(200_000)}`, "nested deeper than 127 levels"],
    "deep nesting in an id": [word(`{"a":${"[".repeat(500)}${"]".repeat(500)}}`), "nested deeper"],
    "a merge of an absent token": [
      file({ ...BPE, merges: ["a b", "a z"] }),
      'model.merges[1] needs "z"',
    ],
    "a merge of three": [
      file({ ...BPE, merges: ["a b", "a b a"] }),
      "model.merges[1] must be a pair",
    ],
    "two spaces": [file({ ...BPE, merges: ["a  b"] }), "model.merges[0] must be a pair"],
    "a space behind": [file({ ...BPE, merges: ["a b "] }), "model.merges[0] must be a pair"],
    "a merge without a space": [file({ ...BPE, merges: ["ab"] }), "model.merges[0] must be a pair"],
    "a merge that is a number": [file({ ...BPE, merges: [1] }), "model.merges[0] must be a string"],
    "a score that is text": [
      file({ ...UNIGRAM, vocab: [["a", "b"]] }),
      "model.vocab[0][1] must be a number",
    ],
    "a score without bounds": [
      '{"model":{"type":"Unigram","vocab":[["a",1e999]]}}',
      "model.vocab[0][1] must be a number",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [text, message]) => {
    expect(() => parseTokenizer(text)).toThrow(TokenizerFormatError);
    expect(() => parseTokenizer(text)).toThrow(message);
  });

  test("bytes that are no UTF-8, in tokens and elsewhere", () => {
    const bytes = encode(word('{"a?":0,"?a":1}'));
    const marks = [...bytes.keys()].filter((i) => bytes[i] === 0x3f);
    for (const bad of [
      [0xff, 0x61],
      [0xc3, 0x61],
      [0xed, 0xa0],
      [0xc3, 0xa9],
    ]) {
      // The two halves of a character, each at the edge of a token, make UTF-8 when they are put together.
      const broken = bytes.slice();
      broken[marks[0]] = bad[0];
      broken[marks[1]] = bad[1];
      expect(() => parseTokenizerBytes(broken)).toThrow("tokenizer.json is not UTF-8");
    }
    expect(() => parseTokenizerBytes(Uint8Array.of(...encode('{"x":"'), 0xff, 0x22, 0x7d))).toThrow(
      "not UTF-8",
    );
  });

  test("every file that is cut off", () => {
    for (const text of Object.values(FILES)) {
      for (let end = 0; end < text.length; end++) {
        expect(() => parseTokenizer(text.slice(0, end))).toThrow(TokenizerFormatError);
      }
    }
  });
});

test("files changed at random: what is read from the bytes is what JSON.parse reads", () => {
  const random = createRandom(11);
  const below = (limit: number) => Math.floor(random.uniform() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const pieces = [
    ...'{}[]:,"\\ \n\t019-+.eEu#aĠ😀é\0\u001f',
    "\\u0041",
    "\\ud83d\\ude00",
    "\\n",
    "null",
    '"a"',
    '"vocab"',
    "true",
  ];
  const texts = Object.values(FILES);
  let read = 0;
  for (let i = 0; i < 8000; i++) {
    let text = pick(texts);
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const at = below(text.length);
      const gap = pick([0, 0, 1, 1, 2, 5]);
      text =
        text.slice(0, at) + (random.uniform() < 0.7 ? pick(pieces) : "") + text.slice(at + gap);
    }
    text = text.replace(/\p{Cs}/gu, "?");
    let quick: ModelDefinition;
    try {
      quick = quickModel(text);
    } catch {
      continue;
    }
    read++;
    expect(plain(quick), text).toEqual(plain(plainModel(text)));
  }
  expect(read).toBeGreaterThan(500);
});

test("Tokenizer.fromBytes() is Tokenizer.fromJson() of the same file", () => {
  const text = file(BPE);
  const fromBytes = Tokenizer.fromBytes(encode(text));
  expect(fromBytes.encode("ab").ids).toEqual(Tokenizer.fromJson(text).encode("ab").ids);
  const { model } = fromBytes.definition;
  expect(model.vocabulary).toBeInstanceOf(Vocabulary);
  expect(model.type === "BPE" && model.merges).toBeInstanceOf(Merges);
});
