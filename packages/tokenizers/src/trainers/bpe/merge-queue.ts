import { grownInts, type PairTable } from "./pair-table.ts";

/**
 * A binary heap of candidates for a merge: the highest count first; of equals the pair with the smaller left id,
 * then with the smaller right id. A pair may stand in it several times, each time with words of its own.
 */
export class MergeQueue {
  readonly #pairs: PairTable;
  #counts = new Float64Array(1 << 10);
  #candidates = new Int32Array(1 << 10);
  #lists = new Int32Array(1 << 10);
  #size = 0;

  constructor(pairs: PairTable) {
    this.#pairs = pairs;
  }

  get size(): number {
    return this.#size;
  }

  /** The pair of the first candidate. */
  get pair(): number {
    return this.#candidates[0];
  }

  /** The count that the first candidate came in with. */
  get count(): number {
    return this.#counts[0];
  }

  /** The words of the first candidate. */
  get list(): number {
    return this.#lists[0];
  }

  push(pair: number, list: number): void {
    if (this.#size === this.#candidates.length) {
      this.#candidates = grownInts(this.#candidates);
      this.#lists = grownInts(this.#lists);
      const counts = new Float64Array(this.#size * 2);
      counts.set(this.#counts);
      this.#counts = counts;
    }
    const count = this.#pairs.counts[pair];
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#goesBefore(count, pair, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#counts[at] = count;
    this.#candidates[at] = pair;
    this.#lists[at] = list;
  }

  /** Gives the first candidate the current count of its pair, and the place that this earns it. */
  refreshFirst(): void {
    const pair = this.#candidates[0];
    this.#sink(this.#pairs.counts[pair], pair, this.#lists[0]);
  }

  removeFirst(): void {
    const last = --this.#size;
    if (last > 0) this.#sink(this.#counts[last], this.#candidates[last], this.#lists[last]);
  }

  /** Puts a candidate in the place of the first one and lets it sink. */
  #sink(count: number, pair: number, list: number): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size) {
        const right = child + 1;
        if (this.#goesBefore(this.#counts[right], this.#candidates[right], child)) child = right;
      }
      if (this.#goesBefore(count, pair, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#counts[at] = count;
    this.#candidates[at] = pair;
    this.#lists[at] = list;
  }

  #goesBefore(count: number, pair: number, other: number): boolean {
    const otherCount = this.#counts[other];
    if (count !== otherCount) return count > otherCount;
    const { lefts, rights } = this.#pairs;
    const otherPair = this.#candidates[other];
    if (lefts[pair] !== lefts[otherPair]) return lefts[pair] < lefts[otherPair];
    return rights[pair] < rights[otherPair];
  }

  #move(from: number, to: number): void {
    this.#counts[to] = this.#counts[from];
    this.#candidates[to] = this.#candidates[from];
    this.#lists[to] = this.#lists[from];
  }
}
