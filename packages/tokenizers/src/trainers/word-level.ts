import { specialTokens, type TrainWordLevelOptions } from "./options.ts";
import type { WordCounts } from "./words/word-counts.ts";

/**
 * The most frequent words, by id; of equals the one of lower code points. A word that is a special token too stands
 * there twice, and its later place counts, as in the reference.
 */
export function learnWordLevel(
  words: WordCounts,
  options: TrainWordLevelOptions,
): readonly string[] {
  const { vocabSize = 30_000, minFrequency = 0 } = options;
  const frequent = [...words.entries()]
    .filter(([, count]) => count >= minFrequency)
    .sort(([a, countA], [b, countB]) => countB - countA || compareCodePoints(a, b));
  const specials = specialTokens(options).map((token) => token.content);
  return [...specials, ...frequent.map(([word]) => word)].slice(0, vocabSize);
}

/** Order of code points, which is that of UTF-8 bytes; that of UTF-16 units has astral characters too early. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Surrogates go after all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
