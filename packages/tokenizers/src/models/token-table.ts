/**
 * An open-addressed hash table over tokens that stand in a pool of UTF-8. A slot has a token's position and, in the
 * bits that are left, a part of its hash, so that most misses never touch the pool.
 */
export class TokenTable {
  readonly #pool: Uint8Array;
  readonly #starts: Int32Array;
  readonly #slots: Int32Array;
  /** The bits of a slot, and of a hash, that are the tag. */
  readonly #tagMask: number;
  #seed = FIRST_SEED;
  /** Whether a token stands at more than one position. */
  hasRepetitions = false;
  #hashes: Int32Array | undefined;

  /** @param starts where each token begins in the pool, and where the last one ends. */
  constructor(pool: Uint8Array, starts: Int32Array) {
    const count = starts.length - 1;
    this.#pool = pool;
    this.#starts = starts;
    this.#slots = new Int32Array(tableCapacity(count));
    this.#tagMask = -1 << (32 - Math.clz32(count));
    for (let tries = 0; !this.#fill(); tries++) {
      if (tries > MAX_TRIES) throw new RangeError("the vocabulary has tokens made to collide");
      this.#seed = scramble(this.#seed + 0x9e3779b9);
    }
  }

  /** The position of the last token that is `text`; −1 for none. A lone surrogate counts as U+FFFD. */
  find(text: string): number {
    const length = writeUtf8(text);
    if (length >= 0) return this.findBytes(scratch, 0, length);
    const bytes = encoder.encode(text);
    return this.findBytes(bytes, 0, bytes.length);
  }

  /** The same for bytes [start, end) of UTF-8. */
  findBytes(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const tagMask = this.#tagMask;
    const hash = this.#hash(bytes, start, end);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = slots[at];
      if (slot === 0) return -1;
      if (((slot ^ hash) & tagMask) !== 0) continue;
      const position = (slot & ~tagMask) - 1;
      if (this.#starts[position + 1] - this.#starts[position] !== end - start) continue;
      if (this.#isAt(position, bytes, start)) return position;
    }
  }

  /** The position of the longest token that the bytes from `start` on begin with, up to `end`; −1 for none. */
  longest(bytes: Uint8Array, start: number, end: number): number {
    const hashes = this.#prefixHashes(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    const tagMask = this.#tagMask;
    for (let length = Math.min(end - start, hashes.length); length > 0; length--) {
      const hash = scramble(hashes[length - 1]);
      for (let at = hash & mask; slots[at] !== 0; at = (at + 1) & mask) {
        if (((slots[at] ^ hash) & tagMask) !== 0) continue;
        const position = (slots[at] & ~tagMask) - 1;
        if (this.#starts[position + 1] - this.#starts[position] !== length) continue;
        if (this.#isAt(position, bytes, start)) return position;
      }
    }
    return -1;
  }

  /** Hashes, not yet scrambled, of the first byte, the first two, and so on as far as tokens go. */
  #prefixHashes(bytes: Uint8Array, start: number, end: number): Int32Array {
    this.#hashes ??= new Int32Array(longestOf(this.#starts));
    const hashes = this.#hashes;
    const length = Math.min(end - start, hashes.length);
    let hash = this.#seed;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ bytes[start + i], FNV_PRIME);
      hashes[i] = hash;
    }
    return hashes;
  }

  /** Whether the token at `position` is the bytes from `start` on, as many as it has. */
  #isAt(position: number, bytes: Uint8Array, start: number): boolean {
    const pool = this.#pool;
    const end = this.#starts[position + 1];
    let at = start;
    for (let i = this.#starts[position]; i < end; i++) if (pool[i] !== bytes[at++]) return false;
    return true;
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = this.#seed;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], FNV_PRIME);
    return scramble(hash);
  }

  /** False when a token would stand too far from its place. */
  #fill(): boolean {
    const slots = this.#slots;
    const starts = this.#starts;
    const mask = slots.length - 1;
    const tagMask = this.#tagMask;
    slots.fill(0);
    for (let position = 0; position < starts.length - 1; position++) {
      const start = starts[position];
      const length = starts[position + 1] - start;
      const hash = this.#hash(this.#pool, start, start + length);
      let at = hash & mask;
      for (let probes = 0; slots[at] !== 0; probes++) {
        if (probes > MAX_PROBES) return false;
        const slot = slots[at];
        const other = (slot & ~tagMask) - 1;
        const isAlike =
          ((slot ^ hash) & tagMask) === 0 && starts[other + 1] - starts[other] === length;
        if (isAlike && this.#isAt(other, this.#pool, start)) {
          this.hasRepetitions = true; // the last one is found
          break;
        }
        at = (at + 1) & mask;
      }
      slots[at] = (hash & tagMask) | (position + 1);
    }
    return true;
  }
}

const FNV_PRIME = 0x01000193;
const FIRST_SEED = 0x811c9dc5 | 0;

/** A well-mixed table has runs of some tens of slots; only tokens that were made to collide go beyond. */
const MAX_PROBES = 1000;
const MAX_TRIES = 8;

/** Every bit of a hash depends on every bit before. */
export function scramble(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}

/** A power of two that `count` entries fill by three fifths at the most. */
export function tableCapacity(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, count / 0.6)));
}

function longestOf(starts: Int32Array): number {
  let longest = 0;
  for (let i = 1; i < starts.length; i++) longest = Math.max(longest, starts[i] - starts[i - 1]);
  return longest;
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(1024);

/** The text's UTF-8 in the scratch array: its length, or −1 when it may not fit. */
function writeUtf8(text: string): number {
  const { length } = text;
  if (length > scratch.length / 3) return -1;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return encoder.encodeInto(text, scratch).written;
    scratch[i] = unit;
  }
  return length;
}
