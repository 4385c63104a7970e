import { createRandom } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { DecodeStream } from "./decode-stream.ts";
import { DecodeStreamError } from "./errors.ts";
import { Tokenizer } from "./tokenizer.ts";

const byteLevel = { type: "ByteLevel", add_prefix_space: true, trim_offsets: true };
const llama = {
  type: "Sequence",
  decoders: [
    { type: "Replace", pattern: { String: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    { type: "Strip", content: " ", start: 1, stop: 0 },
  ],
};
const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
const bytes = [0x61, 0x80, 0x8c, 0xbc, 0xc3, 0xe2, 0xf0, 0x9f, 0x98, 0x80];

function load(decoder: object, words: readonly string[]): Tokenizer {
  const vocab = Object.fromEntries(["<s>", ...words].map((word, id) => [word, id]));
  const model = { type: "WordLevel", vocab, unk_token: "<s>" };
  return Tokenizer.fromJson(JSON.stringify({ model, decoder })).addSpecialTokens(["<s>"]);
}

const level = load(byteLevel, [..."aĢĮ¼ÃâðŁĺ", "Ġhi", "é", "\ufffd"]);
const fallback = load(llama, [...bytes.map(hex), "▁", "▁hi", "é", "\ufffd"]);

/** Bytes that made text on their own can make none together with later ones, which is an error. */
function result(stream: DecodeStream, id: number): unknown {
  try {
    return stream.step(id);
  } catch (error) {
    return error instanceof DecodeStreamError ? DecodeStreamError : error;
  }
}

describe("Tokenizer.decodeStream()", () => {
  test.each([
    ["byte-level", level],
    ["byte fallback", fallback],
    ["WordPiece", load({ type: "WordPiece", prefix: "##", cleanup: true }, ["a", "##b", "'", "s"])],
  ])("%s: gives what decoding everything at each step would give", (_, tokenizer) => {
    const random = createRandom(3);
    const { size } = tokenizer.getVocab();
    for (let round = 0; round < 24; round++) {
      // In every other round nothing but single bytes, so that texts stay unfinished for long.
      const limit = round % 2 === 0 ? size : Math.min(size, 10);
      const ids = Array.from({ length: 400 }, () => Math.floor(random.uniform() * (limit + 1)));
      const skipSpecialTokens = round % 3 > 0;
      const stream = tokenizer.decodeStream({ skipSpecialTokens });
      const whole = new DecodeStream(
        { decode: (list, options) => tokenizer.decode(list, options) },
        { skipSpecialTokens },
      );
      for (const id of ids) {
        const expected = result(whole, id);
        expect(result(stream, id)).toBe(expected);
        if (expected === DecodeStreamError) break;
      }
    }
  });

  test.each([
    ["bytes that make no character", level, Array.from({ length: 40_000 }, (_, i) => 2 + (i % 2))],
    ["the same, by fallback", fallback, Array.from({ length: 40_000 }, (_, i) => 2 + (i % 2))],
    ["tokens that are left out", level, new Array<number>(40_000).fill(0)],
    ["ids without a token", level, new Array<number>(40_000).fill(77)],
  ])("%s cost no more the more they are", (_, tokenizer, ids) => {
    const stream = tokenizer.decodeStream();
    const start = process.cpuUsage().user;
    expect(ids.filter((id) => stream.step(id) !== undefined)).toEqual([]);
    // Decoding all of them at each step would be 800 million tokens: minutes.
    expect(process.cpuUsage().user - start).toBeLessThan(8_000_000);
    expect(stream.step(tokenizer.tokenToId("Ġhi") ?? tokenizer.tokenToId("▁hi") ?? 0)).toMatch(
      /hi$/,
    );
  });
});
