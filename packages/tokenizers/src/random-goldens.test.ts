import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DecodeStream } from "./decode-stream.ts";
import { DecodeStreamError } from "./errors.ts";
import { createMatcher, parsePattern } from "./regex/pattern.ts";
import { Tokenizer } from "./tokenizer.ts";

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);

interface GoldenCase<Input, Expected> {
  readonly name: string;
  readonly input: Input;
  readonly expected: Expected;
}

function read<Input, Expected>(name: string) {
  const file = JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
  return file as {
    readonly texts: readonly string[];
    /** Stands as `CHARSMAP` in the cases. */
    readonly charsmap: string;
    readonly cases: GoldenCase<Input, Expected>[];
  };
}

const patterns = read<string, string | number[][]>("patterns.json");

describe("patterns match what the reference's engine matches", () => {
  test.each(patterns.cases.map((item) => [item.name, item] as const))("%j", (_, item) => {
    const { input, expected } = item;
    if (typeof expected === "string") {
      expect(() => parsePattern({ Regex: input }, "pattern")).toThrow();
      return;
    }
    const match = createMatcher(parsePattern({ Regex: input }, "pattern"));
    patterns.texts.forEach((text, i) => {
      // The reference's splitter does not show empty matches.
      const found = match(text).filter(([start, end]) => end > start);
      expect(found.flat(), JSON.stringify(text)).toEqual(expected[i]);
    });
  });
});

type Row = [number[], string[], number[], (number | null)[]];
const pipelines = read<{ tokenizer: object; texts: string[] }, Row[]>("pipelines.json");

describe("random pipelines of components give the reference's tokens", () => {
  test.each(pipelines.cases.map((item) => [item.name, item] as const))("%s", (_, item) => {
    const json = JSON.stringify(item.input.tokenizer).replaceAll("CHARSMAP", pipelines.charsmap);
    const tokenizer = Tokenizer.fromJson(json);
    item.input.texts.forEach((text, i) => {
      const { ids, tokens, offsets, wordIds } = tokenizer.encode(text);
      const actual = [[...ids], tokens, offsets.flat(), wordIds];
      expect(actual, JSON.stringify(text)).toEqual(item.expected[i]);
    });
  });
});

interface Decoded {
  readonly texts: readonly string[];
  readonly streams: readonly (string | null)[][];
}

const decoders = read<{ decoder: object; tokens: string[][] }, Decoded>("decoders.json");

describe("decoders give the reference's text, at once and as a stream", () => {
  test.each(decoders.cases.map((item) => [item.name, item] as const))("%s", (_, item) => {
    const words = [...new Set(decoders.cases.flatMap(({ input }) => input.tokens.flat()))];
    const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
    const model = { type: "WordLevel", vocab, unk_token: "a" };
    const file = { version: "1.0", model, decoder: item.input.decoder };
    const tokenizer = Tokenizer.fromJson(JSON.stringify(file));
    item.input.tokens.forEach((tokens, i) => {
      const ids = tokens.map((token) => words.indexOf(token));
      expect(tokenizer.decode(ids), JSON.stringify(tokens)).toBe(item.expected.texts[i]);
      const stream = new DecodeStream(tokenizer);
      const local = tokenizer.decodeStream();
      for (const [step, piece] of (item.expected.streams[i] ?? []).entries()) {
        const next = () => stream.step(ids[step] ?? 0);
        if (piece === "error") expect(next).toThrow(DecodeStreamError);
        else expect(next() ?? null, JSON.stringify(tokens)).toBe(piece);
        if (piece !== "error") expect(local.step(ids[step] ?? 0) ?? null).toBe(piece);
      }
    });
  });
});
