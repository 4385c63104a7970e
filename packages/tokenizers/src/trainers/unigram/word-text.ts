import type { WordCounts } from "../words/word-counts.ts";

/** All words in one array of characters. */
export interface WordText {
  /** Words one after the other, each with a 0 behind it. Other numbers stand for code points, in their order. */
  readonly characters: Int32Array;
  /** By number: the code point. */
  readonly codePoints: readonly number[];
  /** Where each word begins; word `w` ends one before `starts[w + 1]`. */
  readonly starts: Int32Array;
  readonly counts: Float64Array;
}

/** U+0000 is a boundary between words as well, as in the reference. */
export function createWordText(words: WordCounts): WordText {
  const found = new Set<number>([0]);
  let length = 0;
  for (const [word] of words.entries()) {
    for (const character of word) {
      found.add(character.codePointAt(0) as number); // a character has a code point
      length++;
    }
    length++;
  }
  const codePoints = [...found].sort((a, b) => a - b);
  const numbers = new Map(codePoints.map((codePoint, number) => [codePoint, number]));
  const characters = new Int32Array(length);
  const starts = new Int32Array(words.size + 1);
  let at = 0;
  let index = 0;
  for (const [word] of words.entries()) {
    for (const character of word) {
      characters[at++] = numbers.get(character.codePointAt(0) as number) ?? 0; // all were collected
    }
    at++;
    starts[++index] = at;
  }
  return { characters, codePoints, starts, counts: words.counts() };
}

/** The text of `length` characters from `start` on. */
export function textOf(
  { characters, codePoints }: WordText,
  start: number,
  length: number,
): string {
  let text = "";
  for (let i = start; i < start + length; i++)
    text += String.fromCodePoint(codePoints[characters[i]]);
  return text;
}
