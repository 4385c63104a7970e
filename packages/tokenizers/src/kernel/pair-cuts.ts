/**
 * Cuts for BPE without a pre-tokenizer: between two neighbours that are neighbours in no token that a merge makes.
 * No merge crosses such a place, so what stands on its two sides is encoded as if the other were not there.
 *
 * Pairs of UTF-16 units are kept in a set of bits by their hash. Two pairs that share a bit only cost a cut.
 */
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import { byteTokens } from "../models/byte-tokens.ts";
import { decodeUnits } from "../models/unigram/piece-tree.ts";
import type { Vocabulary } from "../models/vocabulary.ts";

export interface PairCuts {
  readonly type: "pairs";
  /** Made at the first call. */
  tables(): PairTables;
}

export interface PairTables {
  /** 2^20 bits: pairs of units that stand side by side in a token. */
  readonly pairs: Int32Array;
  /**
   * Of each unit: bits that forbid a cut after it (low half) and before it (high half), where one of the unit before
   * the cut meets the same one of the unit behind it.
   */
  readonly sides: Uint8Array;
}

/** Both unknown: they may become one token, or stand in another order. */
const UNKNOWN = 1;
/** Not after this unit, not before that one: the other side always has the bit. */
const NOT_AFTER = 2;
const NOT_BEFORE = 4;
/** The bits of a side. */
const SIDE = 4;

const PAIR_WORDS = 1 << 15;
const HASH_SHIFT = 12;
const FIRST_FACTOR = 0x9e3779b1 | 0;
const SECOND_FACTOR = 0x85ebca6b | 0;

/**
 * @param spaceMark what every space of the text becomes before the merges: both are then treated alike.
 * @returns `undefined` when merges could cross every place: those that join bytes of unknown characters.
 */
export function createPairCuts(
  definition: BpeDefinition,
  spaceMark?: string,
): PairCuts | undefined {
  if (!isCuttable(definition)) return undefined;
  const mark = spaceMark?.charCodeAt(0) ?? -1;
  let made: PairTables | undefined;
  return {
    type: "pairs",
    tables() {
      made ??= createTables(definition, mark);
      return made;
    },
  };
}

function createTables(definition: BpeDefinition, mark: number): PairTables {
  const pairs = new Int32Array(PAIR_WORDS);
  const joinsReplacement = addPairs(pairs, mark, definition);
  return { pairs, sides: createSides(definition, mark, joinsReplacement) };
}

const SPACE = 0x20;
/** What half of a character counts as. */
const REPLACEMENT = 0xfffd;

/** Whether text is all that merges look at: they must not join what stands for unknown characters. */
function isCuttable(definition: BpeDefinition): boolean {
  const { merges, vocabulary, unkToken } = definition;
  if (definition.ignoreMerges || (definition.dropout ?? 0) > 0) return false;
  if (definition.continuingSubwordPrefix !== "" || definition.endOfWordSuffix !== "") return false;
  // Unknown characters that vanish bring together what they stood between.
  if (unkToken === undefined && joinsUnknown(definition)) return false;
  const unkId = unkToken === undefined ? undefined : vocabulary.id(unkToken);
  const special = new Set(definition.byteFallback ? byteTokens(vocabulary) : []);
  if (unkId !== undefined) special.add(unkId);
  return merges.ids.every((id, i) => i % 3 === 2 || !special.has(id));
}

/** All neighbours in what merges make; tells whether U+FFFD is among them. */
function addPairs(pairs: Int32Array, mark: number, { merges, vocabulary }: BpeDefinition): boolean {
  let bytes = new Uint8Array(64);
  let units = new Uint16Array(64);
  let hasReplacement = false;
  for (const id of resultsOf(merges.ids)) {
    const length = vocabulary.byteLength(id);
    if (length > bytes.length) {
      bytes = new Uint8Array(2 * length);
      units = new Uint16Array(2 * length);
    }
    vocabulary.copyBytes(id, bytes, 0);
    const end = decodeUnits(bytes, length, { units, at: 0 });
    for (let i = 1; i < end; i++) {
      const first = units[i - 1];
      const second = units[i];
      addPair(pairs, first, second);
      if (first === mark || second === mark) addPairOfSpace(pairs, mark, [first, second]);
      hasReplacement ||= first === REPLACEMENT || second === REPLACEMENT;
    }
  }
  return hasReplacement;
}

/** Every token that merges make, once. */
function resultsOf(ids: Int32Array): Iterable<number> {
  let highest = -1;
  for (let i = 2; i < ids.length; i += 3) if (ids[i] > highest) highest = ids[i];
  if (highest > MAX_LISTED_ID) return new Set(ids.filter((_, i) => i % 3 === 2));
  const isListed = new Uint8Array(highest + 1);
  const results = new Int32Array(ids.length / 3);
  let count = 0;
  for (let i = 2; i < ids.length; i += 3) {
    results[count] = ids[i];
    count += 1 - isListed[ids[i]];
    isListed[ids[i]] = 1;
  }
  return results.subarray(0, count);
}

/** Up to here a byte for every id is cheaper than a set. */
const MAX_LISTED_ID = 1 << 24;

function addPair(pairs: Int32Array, first: number, second: number): void {
  const hash = Math.imul(Math.imul(first, FIRST_FACTOR) + second, SECOND_FACTOR) >>> HASH_SHIFT;
  pairs[hash >>> 5] |= 1 << (hash & 31);
}

function addPairOfSpace(pairs: Int32Array, mark: number, pair: readonly [number, number]): void {
  const [first, second] = pair;
  if (first === mark) addPair(pairs, SPACE, second);
  if (second === mark) addPair(pairs, first, SPACE);
  if (first === second) addPair(pairs, SPACE, SPACE);
}

function createSides(
  definition: BpeDefinition,
  mark: number,
  joinsReplacement: boolean,
): Uint8Array {
  const sides = new Uint8Array(0x10000).fill(NOT_BEFORE | (NOT_AFTER << SIDE));
  for (let unit = 0xd800; unit < 0xe000; unit++) {
    // Where halves may be U+FFFD that merges join, nothing next to one is certain.
    if (unit < 0xdc00 || joinsReplacement) sides[unit] |= NOT_AFTER;
    if (unit >= 0xdc00 || joinsReplacement) sides[unit] |= NOT_BEFORE << SIDE;
  }
  if (joinsUnknown(definition)) {
    const known = knownUnits(definition.vocabulary);
    if (mark >= 0) known[SPACE] = known[mark];
    for (let unit = 0; unit < 0x10000; unit++) {
      if (known[unit] === 0) sides[unit] |= UNKNOWN | (UNKNOWN << SIDE);
    }
  }
  return sides;
}

/** Whether neighbouring unknown characters depend on each other: not when each becomes the tokens of its bytes. */
function joinsUnknown({ byteFallback, vocabulary }: BpeDefinition): boolean {
  return !byteFallback || byteTokens(vocabulary).includes(-1);
}

/** 1 for the characters of the basic plane that are tokens. */
function knownUnits(vocabulary: Vocabulary): Uint8Array {
  const known = new Uint8Array(0x10000);
  for (const [token] of vocabulary.entries()) {
    if (token.length === 1) known[token.charCodeAt(0)] = 1;
  }
  return known;
}

/** Finds cuts in a window of units. */
export interface PairScanner {
  /** Whose pairs are looked for from now on. */
  activate(cuts: PairCuts): void;
  /** Writes where the window's first `length` units are cut, not their end; gives how many cuts there are. */
  scan(length: number): number;
}

const pairs = new Int32Array(PAIR_WORDS);
const sides = new Uint8Array(0x10000);

/**
 * For the window and the list of cuts that are given. To be called once: as constants of a closure that exists once
 * the arrays are as fast as constants of the module (half again as slow as parameters).
 */
export function createPairScanner(units: Uint16Array, cuts: Int32Array): PairScanner {
  let active: PairCuts | undefined;
  return {
    activate(wanted) {
      if (active === wanted) return;
      active = wanted;
      const tables = wanted.tables();
      pairs.set(tables.pairs);
      sides.set(tables.sides);
    },
    scan(length) {
      let count = 0;
      let hash = Math.imul(units[0], FIRST_FACTOR);
      let side = sides[units[0]];
      for (let i = 1; i < length; i++) {
        const unit = units[i];
        const bit = Math.imul(hash + unit, SECOND_FACTOR) >>> HASH_SHIFT;
        const next = sides[unit];
        const joined = ((pairs[bit >>> 5] >>> (bit & 31)) & 1) | (side & (next >>> SIDE));
        // Stored without a branch; only the count decides what stays.
        cuts[count] = i;
        count += joined === 0 ? 1 : 0;
        hash = Math.imul(unit, FIRST_FACTOR);
        side = next;
      }
      return count;
    },
  };
}

/** The first cut of `text` behind `start`, or its end. */
export function nextPairCut(text: string, start: number, cuts: PairCuts): number {
  const tables = cuts.tables();
  for (let at = start + 1; at < text.length; at++) {
    if (!isJoined(text.charCodeAt(at - 1), text.charCodeAt(at), tables)) return at;
  }
  return text.length;
}

function isJoined(first: number, second: number, { pairs, sides }: PairTables): boolean {
  const bit = Math.imul(Math.imul(first, FIRST_FACTOR) + second, SECOND_FACTOR) >>> HASH_SHIFT;
  if (((pairs[bit >>> 5] >>> (bit & 31)) & 1) === 1) return true;
  return (sides[first] & (sides[second] >>> SIDE)) !== 0;
}
