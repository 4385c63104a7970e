import { describe, expect, test } from "vitest";
import { DecodeStream } from "./decode-stream.ts";
import { TokenizerFormatError, UnknownTokenError } from "./errors.ts";
import { Tokenizer } from "./tokenizer.ts";

const bpe = {
  type: "BPE",
  vocab: { a: 0, b: 1, ab: 2, abab: 3, "<0xC3>": 4, "<0xA9>": 5 },
  merges: ["a b", "ab ab"],
};

function load(changes: object): Tokenizer {
  return Tokenizer.fromJson(JSON.stringify({ version: "1.0", model: bpe, ...changes }));
}

describe("BPE", () => {
  test("dropout of 1 merges nothing, of 0 everything", () => {
    const ids = (dropout: number) => [...load({ model: { ...bpe, dropout } }).encode("abab").ids];
    expect(ids(1)).toEqual([0, 1, 0, 1]);
    expect(ids(0)).toEqual([3]);
  });

  test("dropout between them passes over about that share of merges", () => {
    const tokenizer = load({ model: { ...bpe, dropout: 0.3 } });
    let merged = 0;
    for (let i = 0; i < 2_000; i++) if (tokenizer.encode("ab").length === 1) merged++;
    // Binomial: 1400 ± 5 deviations of 20.5.
    expect(Math.abs(merged - 1_400)).toBeLessThan(103);
  });

  test("bytes of a character all have its offsets", () => {
    const tokenizer = load({ model: { ...bpe, byte_fallback: true } });
    const { tokens, offsets } = tokenizer.encode("aéb");
    expect(tokens).toEqual(["a", "<0xC3>", "<0xA9>", "b"]);
    expect(offsets).toEqual([
      [0, 1],
      [1, 2],
      [1, 2],
      [2, 3],
    ]);
  });
});

describe("old files", () => {
  const old = [
    { normalizer: { clean_text: true, handle_chinese_chars: true, lowercase: true } },
    { normalizer: { strip_left: true, strip_right: true } },
    { normalizer: { prepend: "a" } },
    { pre_tokenizer: { replacement: "▁", add_prefix_space: true, str_rep: "▁" } },
    { pre_tokenizer: { add_prefix_space: false, trim_offsets: true } },
    { decoder: { add_prefix_space: false, trim_offsets: true } },
    { decoder: { prefix: "##", cleanup: true } },
    { model: { vocab: [["a", 0]], unk_id: 0 } },
    { model: { vocab: { a: 0 }, unk_token: "a" } },
  ];

  test.each(old.map((file) => [JSON.stringify(file), file]))(
    "components without a type: %s",
    (_, file) => {
      expect(load(file as object).encode("a").length).toBeGreaterThan(0);
    },
  );

  test("merges as text behind a version line", () => {
    const model = { ...bpe, merges: ["#version: 0.2", "a b"] };
    expect(load({ model }).encode("ab").tokens).toEqual(["ab"]);
  });
});

describe("hostile files", () => {
  const unigram = { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0]] };
  test.each([
    [
      "an empty map",
      { normalizer: { type: "Precompiled", precompiled_charsmap: "" } },
      "precompiled_charsmap is cut off",
    ],
    [
      "a map that is cut off",
      { normalizer: { type: "Precompiled", precompiled_charsmap: "AAQAAA==" } },
      "precompiled_charsmap is cut off",
    ],
    [
      "a map that is no base64",
      { normalizer: { type: "Precompiled", precompiled_charsmap: "%%" } },
      "precompiled_charsmap must be base64",
    ],
    ["an unknown id out of range", { model: { ...unigram, unk_id: 7 } }, "model.unk_id must be"],
    [
      "a piece without a score",
      { model: { ...unigram, vocab: [["a"]] } },
      "model.vocab[0] must be a piece and its score",
    ],
    [
      "a score that is text",
      { model: { ...unigram, vocab: [["a", "b"]] } },
      "model.vocab[0][1] must be a number",
    ],
    ["dropout", { model: { ...bpe, dropout: 2 } }, "model.dropout must be from 0 to 1"],
    [
      "a length of nothing",
      { pre_tokenizer: { type: "FixedLength", length: 0 } },
      "pre_tokenizer.length must be",
    ],
    [
      "a delimiter of two",
      { pre_tokenizer: { type: "CharDelimiterSplit", delimiter: "ab" } },
      "pre_tokenizer.delimiter must be one character",
    ],
    [
      "a pattern",
      { normalizer: { type: "Replace", pattern: { Regex: "[" }, content: "" } },
      "normalizer.pattern.Regex is not a pattern",
    ],
    ["fields of no decoder", { decoder: { x: 1 } }, "decoder.type is missing"],
    [
      "a prefix that contradicts",
      {
        pre_tokenizer: {
          type: "Metaspace",
          replacement: "_",
          add_prefix_space: false,
          prepend_scheme: "first",
        },
      },
      "pre_tokenizer.add_prefix_space contradicts",
    ],
  ])("%s", (_, changes, message) => {
    expect(() => load(changes)).toThrow(TokenizerFormatError);
    expect(() => load(changes)).toThrow(message);
  });

  test("a double array that leads anywhere ends", () => {
    // 64 units of noise: every look-up has to come back.
    const units = Uint32Array.from({ length: 64 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const bytes = new Uint8Array(4 + 256);
    new DataView(bytes.buffer).setUint32(0, 256, true);
    bytes.set(new Uint8Array(units.buffer), 4);
    const precompiled_charsmap = btoa(String.fromCharCode(...bytes));
    const tokenizer = load({ normalizer: { type: "Precompiled", precompiled_charsmap } });
    expect(tokenizer.encode("aébab").length).toBeGreaterThanOrEqual(0);
  });

  test("an unknown piece without an unknown token", () => {
    const model = { type: "Unigram", vocab: [["a", -1]], unk_id: null };
    expect([...load({ model }).encode("aa").ids]).toEqual([0, 0]);
    expect(() => load({ model }).encode("ab")).toThrow(UnknownTokenError);
  });
});

describe("DecodeStream", () => {
  const vocab = { Ã: 0, "©": 1, a: 2, ð: 3, Ł: 4, ĺ: 5, Ģ: 6, Ġ: 7 };
  const tokenizer = load({
    model: { type: "BPE", vocab, merges: [] },
    decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false },
  });

  test("holds the bytes of a character back until it is whole", () => {
    const stream = new DecodeStream(tokenizer);
    const steps = [2, 0, 1, 3, 4, 5, 6, 7, 2].map((id) => stream.step(id));
    const none = undefined;
    expect(steps).toEqual(["a", none, "é", none, none, none, "😀", " ", "a"]);
  });

  test("takes several ids at a time", () => {
    const stream = new DecodeStream(tokenizer);
    expect([stream.step([2, 0]), stream.step([1, 2])]).toEqual([undefined, "aéa"]);
  });
});
