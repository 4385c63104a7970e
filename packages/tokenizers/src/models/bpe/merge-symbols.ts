/**
 * Merges a word's symbols, ids alone: the pair of the lowest rank first, the leftmost of equals. Short words are
 * scanned for their best pair; longer ones have a heap, so that time never grows with the square of the length.
 */

import type { BpeDefinition } from "./bpe.ts";
import type { Merges } from "./merges.ts";

/**
 * Whether ids alone decide. With a prefix, a merge need not make a longer token; where two tokens share an id, the
 * id does not say which it is; and chance needs the queue of the whole model.
 */
export function canMergeIds(definition: BpeDefinition): boolean {
  const { vocabulary, continuingSubwordPrefix, dropout = 0 } = definition;
  return dropout === 0 && continuingSubwordPrefix === "" && !vocabulary.sharesIds;
}

/** Up to so many symbols a scan for the best pair is faster than a heap. */
const MAX_SCANNED = 48;

/** Merges the first `count` of `symbols` in place; gives how many are left. */
export function mergeSymbols(symbols: Int32Array, count: number, merges: Merges): number {
  if (count < 2) return count;
  if (!canScan(count, merges)) return mergeByHeap(symbols, count, merges);
  for (let i = 0; i < count; i++) work[i] = symbols[i];
  for (let i = 1; i < count; i++) keys[i - 1] = merges.table.rank(symbols[i - 1], symbols[i]);
  const left = mergeByScan(count, merges);
  for (let i = 0; i < left; i++) symbols[i] = work[i];
  return left;
}

/** What the bytes of a word begin as. */
export interface ByteSymbols {
  readonly merges: Merges;
  /** The token of each byte. */
  readonly ids: Int32Array;
  /** Ranks by pairs of bytes, 256 · left + right; −1 for none. */
  readonly ranks: Int32Array;
}

/** The ids of the first `count` of `bytes`, at most {@link MAX_SCANNED} of them. */
export function mergeBytes(bytes: Uint8Array, count: number, from: ByteSymbols): Int32Array {
  const { ids, ranks, merges } = from;
  for (let i = 0; i < count; i++) work[i] = ids[bytes[i]];
  for (let i = 1; i < count; i++) keys[i - 1] = ranks[(bytes[i - 1] << 8) | bytes[i]];
  const left = mergeByScan(count, merges);
  const result = new Int32Array(left);
  for (let i = 0; i < left; i++) result[i] = work[i];
  return result;
}

export function canScan(count: number, merges: Merges): boolean {
  return count <= MAX_SCANNED && merges.count < NO_KEY >> POSITION_BITS;
}

// Loops touch no arrays but these: V8 keeps the addresses of a module's own constants in registers.
const work = new Int32Array(MAX_SCANNED + 4);
/** Ranks of pairs with the next symbol, −1 for none; then keys, which are ranks and positions, the best least. */
const keys = new Int32Array(MAX_SCANNED + 4);
const next = new Int32Array(MAX_SCANNED + 4);
const previous = new Int32Array(MAX_SCANNED + 4);
const POSITION_BITS = 6;
const POSITION_MASK = (1 << POSITION_BITS) - 1;
const NO_KEY = 0x7fff_ffff;

function keyOf(rank: number, position: number): number {
  return rank < 0 ? NO_KEY : (rank << POSITION_BITS) | position;
}

/**
 * The first `count` symbols of `work` as a linked list; the least key is found without a branch that would be guessed
 * wrongly (measured 1.5× as fast from 16 symbols on, 2× from 24).
 */
function mergeByScan(count: number, { ids, table }: Merges): number {
  for (let i = 0; i < count; i++) {
    keys[i] = keyOf(keys[i], i);
    next[i] = i + 1;
    previous[i] = i - 1;
  }
  // The last symbol has no pair, and keys are read by fours.
  for (let i = count - 1; i < count + 3; i++) keys[i] = NO_KEY;
  for (let best = leastKey(count); best !== NO_KEY; best = leastKey(count)) {
    const at = best & POSITION_MASK;
    const id = ids[3 * (best >> POSITION_BITS) + 2];
    const before = previous[at];
    const absorbed = next[at];
    const after = next[absorbed];
    work[at] = id;
    keys[absorbed] = NO_KEY;
    next[at] = after;
    previous[after] = at;
    keys[at] = after < count ? keyOf(table.rank(id, work[after]), at) : NO_KEY;
    if (before >= 0) keys[before] = keyOf(table.rank(work[before], id), before);
  }
  let left = 0;
  for (let i = 0; i < count; i = next[i]) work[left++] = work[i];
  return left;
}

/** The least of four at a time: a difference's sign says whether to add it. */
function leastKey(count: number): number {
  let a = NO_KEY;
  let b = NO_KEY;
  let c = NO_KEY;
  let d = NO_KEY;
  for (let i = 0; i < count; i += 4) {
    a = least(a, keys[i]);
    b = least(b, keys[i + 1]);
    c = least(c, keys[i + 2]);
    d = least(d, keys[i + 3]);
  }
  return least(least(a, b), least(c, d));
}

function least(a: number, b: number): number {
  const difference = (b - a) | 0;
  return (a + (difference & (difference >> 31))) | 0;
}

/** Symbols as a linked list; entries of the heap are a rank and a position in one double. */
function mergeByHeap(symbols: Int32Array, count: number, { ids, table }: Merges): number {
  const places = 2 ** Math.ceil(Math.log2(count));
  const heap = new DoubleHeap(3 * count);
  const after = new Int32Array(count);
  const before = new Int32Array(count);
  const enqueue = (at: number) => {
    const rank = after[at] < count ? table.rank(symbols[at], symbols[after[at]]) : -1;
    if (rank >= 0) heap.push(rank * places + at);
  };
  for (let i = 0; i < count; i++) {
    after[i] = i + 1;
    before[i] = i - 1;
  }
  for (let i = 0; i < count; i++) enqueue(i);
  while (heap.size > 0) {
    const entry = heap.pop();
    const rank = Math.floor(entry / places);
    const at = entry - rank * places;
    const absorbed = after[at];
    const isStale =
      absorbed >= count || symbols[at] !== ids[3 * rank] || symbols[absorbed] !== ids[3 * rank + 1];
    if (isStale) continue;
    symbols[at] = ids[3 * rank + 2];
    symbols[absorbed] = -1;
    after[at] = after[absorbed];
    if (after[at] < count) before[after[at]] = at;
    if (before[at] >= 0) enqueue(before[at]);
    enqueue(at);
  }
  let left = 0;
  for (let i = 0; i < count; i = after[i]) symbols[left++] = symbols[i];
  return left;
}

/** A binary heap of doubles, least first. */
class DoubleHeap {
  size = 0;
  readonly #items: Float64Array;

  constructor(capacity: number) {
    this.#items = new Float64Array(capacity);
  }

  push(value: number): void {
    const items = this.#items;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent] <= value) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = value;
  }

  pop(): number {
    const items = this.#items;
    const least = items[0];
    const last = items[--this.size];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && items[child + 1] < items[child]) child++;
      if (items[child] >= last) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return least;
  }
}
