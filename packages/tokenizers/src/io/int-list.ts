/** A typed array that grows. */
export class IntList {
  #items = new Int32Array(1 << 14);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#items.length) this.#grow();
    this.#items[this.#length++] = value;
  }

  /** As long as it must be, and no longer. */
  finish(): Int32Array {
    return this.#items.slice(0, this.#length);
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#length);
    larger.set(this.#items);
    this.#items = larger;
  }
}
