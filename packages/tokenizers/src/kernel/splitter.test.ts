import { createRandom } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { createMatcher } from "../regex/pattern.ts";
import { chunkEnds } from "./chunk-encoder.ts";
import { createSplitter } from "./splitter.ts";

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const O200K_WORD = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const O200K_REST = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const ENDING = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

const PATTERNS: readonly (readonly [name: string, ...patterns: string[]])[] = [
  ["GPT-2", GPT2],
  [
    "Llama 3",
    `${ENDING}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  ],
  [
    "o200k",
    `[^\\r\\n\\p{L}\\p{N}]?${O200K_WORD}*${O200K_REST}+${ENDING}?|[^\\r\\n\\p{L}\\p{N}]?${O200K_WORD}+${O200K_REST}*${ENDING}?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  ],
  [
    "DeepSeek",
    "\\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  ],
  ["Command R", "\\p{N}", GPT2],
  ["nothing but digits", "\\p{N}{1,3}"],
];

const ALPHABET = Array.from(
  "aAbsStTreEvlLmMdD'''   \n\n\r\t1234.,!/-_中の語éßǅʰ\u0301\u0308😀😎𝒜𝟘\u00a0\u3000ſ²ⅷ½\u200d\0\u{e01f0}",
).concat("\ud800", "\udc00");

/** Ends of pieces as the machine that backtracks finds them, each pattern cutting the pieces of the one before. */
function endsByMachine(text: string, patterns: readonly string[]): number[] {
  let pieces = [text];
  for (const source of patterns) {
    const match = createMatcher({ type: "Regex", source });
    pieces = pieces.flatMap((piece) => {
      const places = [0, ...match(piece).flat(), piece.length];
      return places.slice(1).map((place, i) => piece.slice(places[i], place));
    });
  }
  let at = 0;
  return pieces.flatMap((piece) => {
    at += piece.length;
    return piece === "" ? [] : [at];
  });
}

describe("createSplitter() cuts as the patterns do", () => {
  test.each(PATTERNS)("%s", (_, ...patterns) => {
    const splitter = createSplitter(patterns);
    if (!splitter) throw new Error("no automaton");
    const random = createRandom(7);
    const below = (limit: number) => Math.floor(random.uniform() * limit);
    for (let i = 0; i < 1_500; i++) {
      // Few kinds of characters at a time: runs and their ends are where mistakes hide.
      const letters = Array.from({ length: 1 + below(8) }, () => ALPHABET[below(ALPHABET.length)]);
      const text = Array.from({ length: 1 + below(14) }, () => letters[below(letters.length)]).join(
        "",
      );
      const wellFormed = text.replace(/\p{Cs}/gu, "\ufffd");
      expect([...chunkEnds(text, splitter)], JSON.stringify(text)).toEqual(
        endsByMachine(wellFormed, patterns),
      );
    }
  });

  test("over many windows, and pieces longer than a window", () => {
    const splitter = createSplitter([GPT2]);
    if (!splitter) throw new Error("no automaton");
    const text = `${"Hello wörld's 123 😀  \n".repeat(2_000)}${"x".repeat(20_000)}${" ".repeat(20_000)}${"😀".repeat(9_001)} end`;
    expect([...chunkEnds(text, splitter)]).toEqual(endsByMachine(text, [GPT2]));
  });

  test.each([
    ["a match that may fail after its beginning, where others begin", "(?i:[ß])", GPT2],
    ["what is behind a character", "(?<=a)b|."],
    ["back references", "(a|b)\\1|."],
    ["matches that are empty", "a*"],
    ["look-ahead over several characters", "a(?=bc)|."],
  ])("%s: no automaton", (_, ...patterns) => {
    expect(createSplitter(patterns)).toBeUndefined();
  });
});
