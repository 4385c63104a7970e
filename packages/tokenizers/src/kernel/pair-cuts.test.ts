import { createRandom, type Random } from "@bearhug/core";
import { describe, expect, it } from "vitest";
import { wellFormed } from "../aligned-text.ts";
import { type BpeDefinition, createBpe } from "../models/bpe/bpe.ts";
import { Merges } from "../models/bpe/merges.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import { createPairCuts, createPairScanner, nextPairCut, type PairCuts } from "./pair-cuts.ts";

/** Where the window is cut. */
function scan(text: string, cuts: PairCuts): number[] {
  const window = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const found = new Int32Array(text.length);
  const scanner = createPairScanner(window, found);
  scanner.activate(cuts);
  return [...found.subarray(0, scanner.scan(text.length))];
}

function chunksOf(text: string, cuts: PairCuts): string[] {
  const ends = [...scan(text, cuts), text.length];
  return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
}

interface Kind {
  readonly byteFallback: boolean;
  readonly fuseUnk: boolean;
  /** How many of the 256 bytes have no token. */
  readonly missingBytes: number;
  readonly hasUnknown: boolean;
}

const ALPHABET = [..."abcde,.0\né▁中文😀😁𝒜\uFFFD"];
const OTHERS = ["x", "ж", " ", " ", "🙃", "\ud83d", "\ude00", "\u0301", "字", "<"];

/** Merges of random neighbours, as training would find them. */
function randomBpe(random: Random, kind: Kind): BpeDefinition {
  const pick = <T>(list: readonly T[]): T => list[random.integer(list.length)] as T; // not empty
  const alphabet = ALPHABET.filter(() => random.uniform() < 0.8);
  const bytes = Array.from({ length: 256 - kind.missingBytes }, (_, byte) => {
    return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  });
  const tokens = [...(kind.hasUnknown ? ["<unk>"] : []), ...bytes, ...new Set(alphabet)];
  const joined = [...new Set(alphabet)];
  const merges: [string, string][] = [];
  for (let i = 0; i < 12; i++) {
    const [left, right] = [pick(joined), pick(joined)];
    merges.push([left, right]);
    if (!joined.includes(left + right)) {
      joined.push(left + right);
      tokens.push(left + right);
    }
  }
  const vocabulary = Vocabulary.from(tokens.map((token, id) => [token, id] as const));
  return {
    type: "BPE",
    vocabulary,
    merges: Merges.fromPairs(merges, vocabulary),
    unkToken: kind.hasUnknown ? "<unk>" : undefined,
    continuingSubwordPrefix: "",
    endOfWordSuffix: "",
    byteFallback: kind.byteFallback,
    fuseUnk: kind.fuseUnk,
    ignoreMerges: false,
  };
}

function randomText(random: Random): string {
  const length = random.integer(40);
  const characters = random.uniform() < 0.3 ? ALPHABET : [...ALPHABET, ...OTHERS];
  return Array.from({ length }, () => characters[random.integer(characters.length)]).join("");
}

const KINDS: readonly Kind[] = [
  { byteFallback: true, fuseUnk: true, missingBytes: 0, hasUnknown: true },
  { byteFallback: true, fuseUnk: true, missingBytes: 40, hasUnknown: true },
  { byteFallback: true, fuseUnk: false, missingBytes: 40, hasUnknown: true },
  { byteFallback: false, fuseUnk: true, missingBytes: 256, hasUnknown: true },
  { byteFallback: false, fuseUnk: false, missingBytes: 256, hasUnknown: true },
  { byteFallback: true, fuseUnk: false, missingBytes: 0, hasUnknown: false },
];

describe("createPairCuts()", () => {
  it.each(KINDS)("cuts where ids stay the same: %o", (kind) => {
    const random = createRandom(7);
    let cutCount = 0;
    for (let round = 0; round < 60; round++) {
      const definition = randomBpe(random, kind);
      const model = createBpe(definition);
      const cuts = createPairCuts(definition, "▁") as PairCuts;
      const encode = (text: string) => [...model.encodeIds(wellFormed(text).replaceAll(" ", "▁"))];
      for (let i = 0; i < 60; i++) {
        const text = randomText(random);
        const chunks = chunksOf(text, cuts);
        cutCount += chunks.length - 1;
        expect(chunks.flatMap(encode), JSON.stringify(text)).toEqual(encode(text));
      }
    }
    expect(cutCount).toBeGreaterThan(5000);
  });

  it("finds the same cuts in a window and from place to place", () => {
    const random = createRandom(8);
    for (let round = 0; round < 40; round++) {
      const cuts = createPairCuts(randomBpe(random, KINDS[round % KINDS.length] as Kind), "▁");
      const text = randomText(random);
      const found: number[] = [];
      for (let at = 0; at < text.length; ) {
        at = nextPairCut(text, at, cuts as PairCuts);
        if (at < text.length) found.push(at);
      }
      expect(found).toEqual(scan(text, cuts as PairCuts));
    }
  });

  it("never cuts a character in two", () => {
    const cuts = createPairCuts(randomBpe(createRandom(9), KINDS[0] as Kind)) as PairCuts;
    expect(scan("😃😃", cuts)).toEqual([2]);
    expect(scan("x\ud83dx", cuts)).not.toContain(2);
  });

  it("refuses what is merged by more than text", () => {
    const base = randomBpe(createRandom(10), KINDS[0] as Kind);
    expect(createPairCuts({ ...base, ignoreMerges: true })).toBeUndefined();
    expect(createPairCuts({ ...base, dropout: 0.1 })).toBeUndefined();
    expect(createPairCuts({ ...base, byteFallback: false, unkToken: undefined })).toBeUndefined();
    expect(createPairCuts({ ...base, endOfWordSuffix: "</w>" })).toBeUndefined();
    expect(createPairCuts({ ...base, continuingSubwordPrefix: "##" })).toBeUndefined();
    for (const [left, right] of [
      ["<0xE2>", "a"],
      ["a", "<0xE2>"],
      ["<unk>", "a"],
    ] as const) {
      const tokens = ["<unk>", "a", "<0xE2>", left + right];
      const vocabulary = Vocabulary.from(tokens.map((token, id) => [token, id] as const));
      const merges = Merges.fromPairs([[left, right]], vocabulary);
      expect(createPairCuts({ ...base, vocabulary, merges })).toBeUndefined();
    }
  });
});
