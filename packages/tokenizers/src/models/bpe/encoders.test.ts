import { createRandom } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { BYTE_CHARACTERS } from "../../unicode/byte-alphabet.ts";
import { Vocabulary } from "../vocabulary.ts";
import { type BpeDefinition, createBpe } from "./bpe.ts";
import { createByteLevelEncoder } from "./byte-level-encoder.ts";
import { Merges } from "./merges.ts";

const random = createRandom(7);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const pick = <T>(list: readonly T[]): T => list[below(list.length)];

/** Merges of random neighbours: chains of all depths, several ways to one token, pairs that stand twice. */
function randomModel(alphabet: readonly string[], size: number, suffix = ""): BpeDefinition {
  const tokens = new Set([...alphabet, ...(suffix ? alphabet.map((item) => item + suffix) : [])]);
  const merges: (readonly [string, string])[] = [];
  while (merges.length < size) {
    const list = [...tokens];
    const left = pick(list);
    const right = pick(list);
    if ((suffix && left.endsWith(suffix)) || left.length + right.length > 12) continue;
    tokens.add(left + right);
    merges.push([left, right]);
  }
  const vocabulary = Vocabulary.from([...tokens].map((token, id) => [token, id]));
  return {
    type: "BPE",
    vocabulary,
    merges: Merges.fromPairs(merges, vocabulary),
    unkToken: undefined,
    continuingSubwordPrefix: "",
    endOfWordSuffix: suffix,
    fuseUnk: false,
    ignoreMerges: false,
  };
}

const randomWord = (alphabet: readonly string[], length: number) =>
  Array.from({ length }, () => pick(alphabet)).join("");

const idsOf = (definition: BpeDefinition, word: string) =>
  createBpe(definition)
    .tokenize(word)
    .map((token) => token.id);

const LENGTHS = [0, 1, 2, 3, 5, 8, 13, 30, 47, 48, 49, 50, 64, 65, 66, 200, 1000];

describe("encodeIds() gives the ids of tokenize()", () => {
  const letters = [..."abcdé漢😀"];
  const base = randomModel(letters, 150);
  const withUnknown = Vocabulary.from([...base.vocabulary.entries(), ["<unk>", 9999]]);
  const bytes = ["<0xC3>", "<0xA8>", "<0x0A>", "<0xF0>"].map((name, i) => [name, 500 + i] as const);
  const withBytes = Vocabulary.from([...withUnknown.entries(), ...bytes]);
  const models: Readonly<Record<string, BpeDefinition>> = {
    plain: base,
    "a suffix": randomModel(letters, 150, "</w>"),
    "unknown characters": { ...base, vocabulary: withUnknown, unkToken: "<unk>" },
    "fused unknown characters": {
      ...base,
      vocabulary: withUnknown,
      unkToken: "<unk>",
      fuseUnk: true,
    },
    "spelled bytes": {
      ...base,
      vocabulary: withBytes,
      unkToken: "<unk>",
      fuseUnk: true,
      byteFallback: true,
    },
    "spelled bytes, unknown ones apart": {
      ...base,
      vocabulary: withBytes,
      unkToken: "<unk>",
      byteFallback: true,
    },
    "whole words first": { ...base, ignoreMerges: true },
    "a prefix": { ...base, continuingSubwordPrefix: "a" },
    "shared ids": {
      ...base,
      vocabulary: Vocabulary.from([...base.vocabulary.entries(), ["xx", 3]]),
    },
  };
  test.each(Object.entries(models))("%s", (_, definition) => {
    const model = createBpe(definition);
    const alphabet = [...letters, "è", "\n", "z", "я", "\ud800"];
    for (const length of LENGTHS) {
      for (let i = 0; i < 40; i++) {
        const word = randomWord(i % 2 ? alphabet : letters, length);
        expect([...model.encodeIds(word)]).toEqual(model.tokenize(word).map((token) => token.id));
      }
    }
  });

  test("an unknown token that is missing is asked for in vain, as by tokenize()", () => {
    const model = createBpe({ ...base, unkToken: "<none>" });
    expect(() => model.encodeIds("zz")).toThrow('no "<none>"');
    expect([...model.encodeIds("a")]).toEqual(idsOf(base, "a"));
  });
});

describe("createByteLevelEncoder() gives the ids of tokenize() on the byte alphabet", () => {
  const spell = (text: string) =>
    Array.from(new TextEncoder().encode(text), (byte) => BYTE_CHARACTERS[byte]).join("");
  const whole = randomModel(BYTE_CHARACTERS, 600);
  const some = randomModel(BYTE_CHARACTERS.slice(32, 200), 600);
  const models: Readonly<Record<string, BpeDefinition>> = {
    "all bytes": whole,
    "whole words first": { ...whole, ignoreMerges: true },
    "a suffix": randomModel(BYTE_CHARACTERS, 600, "</w>"),
    "some bytes": some,
    "some bytes, and an unknown token": { ...some, unkToken: BYTE_CHARACTERS[40] },
    dropout: { ...whole, dropout: 1 },
    "a prefix": { ...whole, continuingSubwordPrefix: "a" },
  };
  const alphabet = [..." \nabcdefgnrst.0é漢я😀\u0001\u0300", "\ud83d"];
  test.each(Object.entries(models))("%s", (_, definition) => {
    const encode = createByteLevelEncoder(definition);
    for (const length of LENGTHS) {
      for (let i = 0; i < 20; i++) {
        const word = randomWord(i % 2 ? alphabet : alphabet.slice(0, 14), length);
        expect([...encode(word)]).toEqual(idsOf(definition, spell(word)));
      }
    }
  });
});

test("a long word does not take time by its square", () => {
  const { encodeIds } = createBpe(randomModel([..."ab"], 300));
  // The test's own limit of time is the measure: a scan for each merge would take minutes.
  expect(encodeIds(randomWord([..."ab"], 300_000)).length).toBeGreaterThan(1000);
});
