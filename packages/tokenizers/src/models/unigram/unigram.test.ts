import { readFileSync } from "node:fs";
import { createRandom, type Random } from "@bearhug/core";
import { describe, expect, it } from "vitest";
import { UnknownTokenError } from "../../errors.ts";
import { createUnigram, type UnigramDefinition } from "../unigram.ts";
import { Vocabulary } from "../vocabulary.ts";

function define(
  pieces: readonly (readonly [string, number])[],
  options: Partial<UnigramDefinition> = {},
): UnigramDefinition {
  return {
    type: "Unigram",
    vocabulary: Vocabulary.from(pieces.map(([piece], id) => [piece, id] as const)),
    scores: Float64Array.from(pieces, ([, score]) => score),
    unkId: 0,
    byteFallback: false,
    ...options,
  };
}

/** The same search, plainly: every piece at every place. */
function searchPlainly(word: string, pieces: readonly (readonly [string, number])[]): number[] {
  const ids = new Map(pieces.map(([piece], id) => [piece, id]));
  const characters = Array.from(word);
  const least = Math.min(...pieces.map(([, score]) => score));
  const best: { score: number; start: number; id: number }[] = [{ score: 0, start: 0, id: -1 }];
  const relax = ([start, end]: [number, number], id: number, score: number) => {
    const total = score + (best[start]?.score ?? 0);
    if (best[end] && !(total > best[end].score)) return;
    best[end] = { score: total, start, id };
  };
  for (let start = 0; start < characters.length; start++) {
    for (let end = start + 1; end <= characters.length; end++) {
      const id = ids.get(characters.slice(start, end).join(""));
      if (id !== undefined) relax([start, end], id, pieces[id]?.[1] ?? 0);
    }
    if (!ids.has(characters[start] as string)) relax([start, start + 1], 0, least - 10);
  }
  const path: number[] = [];
  for (let end = characters.length; end > 0; end = best[end]?.start ?? 0) {
    const id = best[end]?.id ?? 0;
    if (id !== 0 || path[0] !== 0) path.unshift(id);
  }
  return path;
}

const ALPHABET = [..."▁abcdé中文😀𝒜"];

function randomText(random: Random, length: number, alphabet: readonly string[]): string {
  return Array.from({ length }, () => alphabet[random.integer(alphabet.length)]).join("");
}

function randomPieces(random: Random): [string, number][] {
  // Few different scores, so that there are ties.
  const score = () => -random.integer(4) / 4 - 1;
  const characters = ALPHABET.filter(() => random.uniform() < 0.8);
  const pieces = new Set(characters);
  while (pieces.size < 40) pieces.add(randomText(random, 2 + random.integer(5), ALPHABET));
  return [["<unk>", 0], ...[...pieces].map((piece): [string, number] => [piece, score()])];
}

describe("createUnigram()", () => {
  it("finds what a plain search finds, the first of equal scores", () => {
    const random = createRandom(1);
    for (let round = 0; round < 40; round++) {
      const pieces = randomPieces(random);
      const model = createUnigram(define(pieces));
      for (let i = 0; i < 30; i++) {
        const text = randomText(random, random.integer(25), [...ALPHABET, "x", "🙃"]);
        expect([...model.encodeIds(text)], text).toEqual(searchPlainly(text, pieces));
      }
    }
  });

  it("gives the same ids with offsets and without", () => {
    const random = createRandom(2);
    const bytes = Array.from({ length: 256 }, (_, byte): [string, number] => {
      return [`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, 0];
    });
    for (const byteFallback of [false, true]) {
      const model = createUnigram(define([...randomPieces(random), ...bytes], { byteFallback }));
      for (let i = 0; i < 200; i++) {
        const text = randomText(random, random.integer(20), [...ALPHABET, "x", "ж", "🙃"]);
        const tokens = model.tokenize(text);
        expect([...model.encodeIds(text)]).toEqual(tokens.map((token) => token.id));
        const covered = new Set(tokens.map(({ start, end }) => text.slice(start, end)));
        if (!byteFallback)
          expect([...tokens.map((t) => text.slice(t.start, t.end))].join("")).toBe(text);
        expect(covered.has("")).toBe(false);
      }
    }
  });

  it("takes the last of equal pieces, and pieces that unknown characters together are", () => {
    const model = createUnigram(
      define([
        ["<unk>", 0],
        ["a", -5],
        ["a", -1],
        ["xy", -100],
      ]),
    );
    expect([...model.encodeIds("a")]).toEqual([2]);
    // Two unknown characters cost more than the piece; behind "<unk>" they join it.
    expect([...model.encodeIds("axya")]).toEqual([2, 3, 2]);
    expect([...model.encodeIds("<unk>z<unk>")]).toEqual([0]);
  });

  it("refuses a character that it would have to call unknown, whatever is better in the end", () => {
    const model = createUnigram(define([["ab", -1]], { unkId: undefined }));
    expect(() => model.encodeIds("ab")).toThrow(UnknownTokenError);
    expect(() => model.tokenize("x")).toThrow(UnknownTokenError);
  });

  it("encodes a word of half a million characters in time that grows with it", () => {
    const pieces = randomPieces(createRandom(3));
    const model = createUnigram(define(pieces));
    const part = randomText(createRandom(4), 50, ALPHABET);
    const ids = model.encodeIds(part.repeat(10_000));
    // Far from its ends, the long word repeats what a shorter one has.
    const short = model.encodeIds(part.repeat(200));
    expect([...ids.subarray(0, 1000)]).toEqual([...short.subarray(0, 1000)]);
  });
});

interface Sampling {
  readonly vocab: [string, number][];
  readonly text: string;
  readonly tolerance: number;
  readonly cases: {
    readonly name: string;
    readonly input: { readonly alpha: number; readonly nbestSize: number | null };
    readonly expected: Record<string, number>;
  }[];
}

const SAMPLING = new URL(
  "../../../../../fixtures/tokenizers/unigram-sampling.json",
  import.meta.url,
);
const sampling: Sampling = JSON.parse(readFileSync(SAMPLING, "utf8"));

describe("segmentations drawn by chance", () => {
  it.each(sampling.cases)("come as often as the reference's: $name", ({ input, expected }) => {
    const { alpha, nbestSize } = input;
    const options = { alpha, nbestSize: nbestSize ?? undefined };
    const model = createUnigram(define(sampling.vocab, options));
    const draws = 20_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const ids = model.encodeIds(sampling.text).join(" ");
      counts.set(ids, (counts.get(ids) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(Object.keys(expected).sort());
    for (const [ids, share] of Object.entries(expected)) {
      expect(Math.abs((counts.get(ids) ?? 0) / draws - share), ids).toBeLessThan(
        sampling.tolerance,
      );
    }
  });

  it("are the same again with the same numbers, and the best one with alpha 0", () => {
    const draw = (seed: number) => {
      const random = createRandom(seed).uniform;
      const model = createUnigram(define(sampling.vocab, { alpha: 0.2, random }));
      return Array.from({ length: 20 }, () => model.encodeIds(sampling.text).join(" "));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const best = createUnigram(define(sampling.vocab, { alpha: 0 }));
    expect([...best.encodeIds(sampling.text)]).toEqual([6, 1, 0, 5]);
  });
});
