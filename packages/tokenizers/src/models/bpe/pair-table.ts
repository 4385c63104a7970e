import { scramble, tableCapacity } from "../token-table.ts";

/**
 * Ids of a pair → its rank: open-addressed, a slot has the rank and, in the bits that are left, a part of the pair's
 * hash. The pairs themselves stay in `Merges`.
 */
export class PairTable {
  readonly #ids: Int32Array;
  readonly #slots: Int32Array;
  readonly #tagMask: number;
  #seed = 0;

  /** @param ids left, right and result of each rank. */
  constructor(ids: Int32Array) {
    const count = ids.length / 3;
    this.#ids = ids;
    this.#slots = new Int32Array(tableCapacity(count));
    this.#tagMask = -1 << (32 - Math.clz32(count));
    for (let tries = 0; !this.#fill(); tries++) {
      if (tries > MAX_TRIES) throw new RangeError("model.merges were made to collide");
      this.#seed = scramble(this.#seed + 0x9e3779b9);
    }
  }

  /** The rank of a pair, the last where it stands twice; −1 for none. */
  rank(left: number, right: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const tagMask = this.#tagMask;
    const hash = hashPair(left ^ this.#seed, right);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = slots[at];
      if (slot === 0) return -1;
      if (((slot ^ hash) & tagMask) !== 0) continue;
      const rank = (slot & ~tagMask) - 1;
      if (this.#ids[3 * rank] === left && this.#ids[3 * rank + 1] === right) return rank;
    }
  }

  /** False when a pair would stand too far from its place. */
  #fill(): boolean {
    const ids = this.#ids;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const tagMask = this.#tagMask;
    slots.fill(0);
    for (let i = 0, rank = 0; i < ids.length; i += 3, rank++) {
      const hash = hashPair(ids[i] ^ this.#seed, ids[i + 1]);
      let at = hash & mask;
      for (let probes = 0; slots[at] !== 0; probes++) {
        if (probes > MAX_PROBES) return false;
        const other = 3 * ((slots[at] & ~tagMask) - 1);
        if (ids[other] === ids[i] && ids[other + 1] === ids[i + 1]) break; // the last one counts
        at = (at + 1) & mask;
      }
      slots[at] = (hash & tagMask) | (rank + 1);
    }
    return true;
  }
}

/** A well-mixed table has runs of some tens of slots; only pairs that were made to collide go beyond. */
const MAX_PROBES = 1000;
const MAX_TRIES = 8;

function hashPair(left: number, right: number): number {
  const hash = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
  return Math.imul(hash ^ (hash >>> 15), 0x846ca68b) ^ (hash >>> 13);
}
