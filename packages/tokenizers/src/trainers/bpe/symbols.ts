import type { WordCounts } from "../words/word-counts.ts";
import { grownInts } from "./pair-table.ts";

/** Tokens in order of their ids. */
export class TokenList {
  readonly tokens: string[] = [];
  readonly #ids = new Map<string, number>();

  /** The id of `token`, which gets the next one when it is new. */
  add(token: string): number {
    const known = this.#ids.get(token);
    if (known !== undefined) return known;
    const id = this.tokens.length;
    this.tokens.push(token);
    this.#ids.set(token, id);
    return id;
  }

  has(token: string): boolean {
    return this.#ids.has(token);
  }

  get size(): number {
    return this.tokens.length;
  }
}

/** Words as runs of ids: word `w` is `symbols[starts[w] … starts[w] + lengths[w])`. */
export interface SymbolWords {
  readonly symbols: Int32Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly counts: Float64Array;
}

export interface AlphabetOptions {
  readonly limitAlphabet: number | undefined;
  readonly initialAlphabet: readonly number[];
}

/**
 * Adds the characters of the words, in order of code points. When there are too many, the rarest go; of equally rare
 * ones those of higher code points (in the reference that is left to chance).
 */
export function addAlphabet(list: TokenList, words: WordCounts, options: AlphabetOptions): void {
  const counts = new Map<number, number>();
  for (const [word, count] of words.entries()) {
    for (const character of word) {
      const codePoint = character.codePointAt(0) as number; // a character has one
      counts.set(codePoint, (counts.get(codePoint) ?? 0) + count);
    }
  }
  for (const codePoint of options.initialAlphabet) counts.set(codePoint, Number.POSITIVE_INFINITY);
  const byCount = [...counts].sort(([a, countA], [b, countB]) =>
    countA === countB ? a - b : countB > countA ? 1 : -1,
  );
  const kept = byCount.slice(0, options.limitAlphabet ?? byCount.length);
  for (const codePoint of kept.map(([each]) => each).sort((a, b) => a - b)) {
    list.add(String.fromCodePoint(codePoint));
  }
}

export interface AffixOptions {
  readonly continuingSubwordPrefix: string;
  readonly endOfWordSuffix: string;
}

/**
 * Cuts words into characters with their prefix and suffix; characters outside the alphabet are left out. Decorated
 * characters get ids as they are met, in order of the words' first appearance (in the reference that order is
 * left to chance).
 */
export function toSymbols(list: TokenList, words: WordCounts, affixes: AffixOptions): SymbolWords {
  const counts = words.counts();
  const starts = new Int32Array(counts.length);
  const lengths = new Int32Array(counts.length);
  let symbols = new Int32Array(1 << 12);
  let used = 0;
  let index = 0;
  const idOf = createLookup(list, affixes);
  for (const [word] of words.entries()) {
    starts[index] = used;
    while (used + word.length > symbols.length) symbols = grownInts(symbols);
    let next = 0;
    for (const character of word) {
      const place = next > 0 ? NOT_FIRST : 0;
      next += character.length;
      const id = idOf(character, next === word.length ? place | LAST : place);
      if (id >= 0) symbols[used++] = id;
    }
    lengths[index] = used - starts[index];
    index++;
  }
  return { symbols, starts, lengths, counts };
}

const NOT_FIRST = 1;
const LAST = 2;

/** Ids by character and place; −1 for characters outside the alphabet. */
function createLookup(
  list: TokenList,
  { continuingSubwordPrefix, endOfWordSuffix }: AffixOptions,
): (character: string, place: number) => number {
  const ids = [0, NOT_FIRST, LAST, NOT_FIRST | LAST].map(() => new Map<string, number>());
  return (character, place) => {
    const known = ids[place].get(character);
    if (known !== undefined) return known;
    const prefix = place & NOT_FIRST ? continuingSubwordPrefix : "";
    const suffix = place & LAST ? endOfWordSuffix : "";
    const id = list.has(character) ? list.add(prefix + character + suffix) : -1;
    ids[place].set(character, id);
    return id;
  };
}
