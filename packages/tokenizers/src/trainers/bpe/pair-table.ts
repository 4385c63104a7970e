/** Numbers pairs of ids as they appear, and counts them. Open addressing on flat arrays. */
export class PairTable {
  size = 0;
  lefts: Int32Array = new Int32Array(1 << 10);
  rights: Int32Array = new Int32Array(1 << 10);
  counts: Float64Array = new Float64Array(1 << 10);
  /** Left, right, pair + 1 (or 0) and nothing: one line of the processor's cache answers. Never more than half full. */
  #slots = new Int32Array(SLOT << 11);

  /** The number of a pair; a new one begins with count 0. */
  find(left: number, right: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hashPair(left, right) << 2) & mask;
    for (let found = slots[slot + 2]; found !== 0; found = slots[slot + 2]) {
      if (slots[slot] === left && slots[slot + 1] === right) return found - 1;
      slot = (slot + SLOT) & mask;
    }
    slots[slot] = left;
    slots[slot + 1] = right;
    slots[slot + 2] = this.size + 1;
    return this.#insert(left, right);
  }

  /** The number of a pair, or −1. */
  lookup(left: number, right: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hashPair(left, right) << 2) & mask;
    for (let found = slots[slot + 2]; found !== 0; found = slots[slot + 2]) {
      if (slots[slot] === left && slots[slot + 1] === right) return found - 1;
      slot = (slot + SLOT) & mask;
    }
    return -1;
  }

  #insert(left: number, right: number): number {
    const pair = this.size++;
    if (pair === this.lefts.length) {
      this.lefts = grownInts(this.lefts);
      this.rights = grownInts(this.rights);
      const counts = new Float64Array(pair * 2);
      counts.set(this.counts);
      this.counts = counts;
    }
    this.lefts[pair] = left;
    this.rights[pair] = right;
    if (this.size * 2 * SLOT > this.#slots.length) this.#growSlots();
    return pair;
  }

  #growSlots(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let pair = 0; pair < this.size; pair++) {
      let slot = (hashPair(this.lefts[pair], this.rights[pair]) << 2) & mask;
      while (slots[slot + 2] !== 0) slot = (slot + SLOT) & mask;
      slots[slot] = this.lefts[pair];
      slots[slot + 1] = this.rights[pair];
      slots[slot + 2] = pair + 1;
    }
    this.#slots = slots;
  }
}

/** Integers of a slot. */
const SLOT = 4;

function hashPair(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

export function grownInts(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}
