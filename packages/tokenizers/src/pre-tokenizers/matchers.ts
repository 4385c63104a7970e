import { isWhitespace, numerics, punctuation, wordCharacters } from "../unicode/set.ts";
import type { Range } from "./split.ts";

/** Each white-space character. */
export function matchWhitespace(text: string): Range[] {
  return matchEach(text, isWhitespace);
}

/** Each punctuation character, by BERT's class. */
export function matchPunctuation(text: string): Range[] {
  return matchEach(text, (codePoint) => punctuation.has(codePoint));
}

/** Each character of general category N. */
export function matchDigits(text: string): Range[] {
  return matchEach(text, numerics.has);
}

/** Runs of word characters, and runs of what is neither word nor white space. */
export function matchWords(text: string): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let kind = 0;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i) as number; // i is inside the text
    const next = wordKind(codePoint);
    if (next !== kind) {
      if (kind !== 0) ranges.push([start, i]);
      start = i;
      kind = next;
    }
    i += codePoint > 0xffff ? 2 : 1;
  }
  if (kind !== 0) ranges.push([start, text.length]);
  return ranges;
}

function wordKind(codePoint: number): 0 | 1 | 2 {
  if (wordCharacters.has(codePoint)) return 1;
  return isWhitespace(codePoint) ? 0 : 2;
}

function matchEach(text: string, matches: (codePoint: number) => boolean): Range[] {
  const ranges: Range[] = [];
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i) as number; // i is inside the text
    const end = i + (codePoint > 0xffff ? 2 : 1);
    if (matches(codePoint)) ranges.push([i, end]);
    i = end;
  }
  return ranges;
}
