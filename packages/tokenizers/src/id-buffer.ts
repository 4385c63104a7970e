/** Ids one after the other, in an array that grows. */
export class IdBuffer {
  #ids: Int32Array;
  #length = 0;

  constructor(capacity = 1024) {
    this.#ids = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#grow(1);
    this.#ids[this.#length++] = id;
  }

  append(ids: Int32Array): void {
    if (this.#length + ids.length > this.#ids.length) this.#grow(ids.length);
    this.#ids.set(ids, this.#length);
    this.#length += ids.length;
  }

  /** Takes back what stands behind the first `length` ids. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** The ids as they are now; writing goes on in the same memory. */
  view(): Int32Array {
    return this.#ids.subarray(0, this.#length);
  }

  /** A copy of the ids that takes no more memory than they need. */
  toArray(): Int32Array {
    return this.#ids.slice(0, this.#length);
  }

  #grow(count: number): void {
    const ids = new Int32Array(Math.max(this.#length + count, 2 * this.#ids.length));
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
