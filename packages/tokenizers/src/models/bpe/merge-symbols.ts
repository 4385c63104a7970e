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

/** Up to so many symbols a scan is faster than a heap (both measured on words of English and Chinese). */
const MAX_SCANNED = 48;

/** Rank of each symbol's pair with the next one. −1 is stored as the highest number, so it is never the least. */
const ranks = new Uint32Array(MAX_SCANNED);
const NO_RANK = 0xffff_ffff;

/** Merges the first `count` of `symbols` in place; gives how many are left. */
export function mergeSymbols(symbols: Int32Array, count: number, merges: Merges): number {
  if (count < 2) return count;
  return count > MAX_SCANNED
    ? mergeByHeap(symbols, count, merges)
    : mergeByScan(symbols, count, merges);
}

function mergeByScan(symbols: Int32Array, count: number, { ids, table }: Merges): number {
  for (let i = 1; i < count; i++) ranks[i - 1] = table.rank(symbols[i - 1], symbols[i]);
  for (let left = count - 1; ; left--) {
    let best = NO_RANK;
    let at = 0;
    for (let i = 0; i < left; i++) {
      const rank = ranks[i];
      if (rank < best) {
        best = rank;
        at = i;
      }
    }
    if (best === NO_RANK) return left + 1;
    const id = ids[3 * best + 2];
    symbols[at] = id;
    for (let i = at + 1; i < left; i++) {
      symbols[i] = symbols[i + 1];
      ranks[i] = ranks[i + 1];
    }
    if (at > 0) ranks[at - 1] = table.rank(symbols[at - 1], id);
    if (at < left - 1) ranks[at] = table.rank(id, symbols[at + 1]);
  }
}

/** Symbols as a linked list; entries of the heap are a rank and a position in one double. */
function mergeByHeap(symbols: Int32Array, count: number, { ids, table }: Merges): number {
  const places = 2 ** Math.ceil(Math.log2(count));
  const next = Int32Array.from({ length: count }, (_, i) => i + 1);
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const heap = new DoubleHeap(3 * count);
  const enqueue = (at: number) => {
    const after = next[at];
    const rank = after < count ? table.rank(symbols[at], symbols[after]) : -1;
    if (rank >= 0) heap.push(rank * places + at);
  };
  for (let i = 0; i + 1 < count; i++) enqueue(i);
  while (heap.size > 0) {
    const entry = heap.pop();
    const rank = Math.floor(entry / places);
    const at = entry - rank * places;
    const after = next[at];
    const isStale =
      after >= count || symbols[at] !== ids[3 * rank] || symbols[after] !== ids[3 * rank + 1];
    if (isStale) continue;
    symbols[at] = ids[3 * rank + 2];
    symbols[after] = -1;
    next[at] = next[after];
    if (next[at] < count) previous[next[at]] = at;
    if (previous[at] >= 0) enqueue(previous[at]);
    enqueue(at);
  }
  let left = 0;
  for (let i = 0; i < count; i = next[i]) symbols[left++] = symbols[i];
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
