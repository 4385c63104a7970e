/** Numbers of 32 bits one behind the other, in an array that grows. */
export class IntList {
  #items = new Int32Array(16);
  #length = 0;

  push(item: number): void {
    if (this.#length === this.#items.length) {
      const items = new Int32Array(2 * this.#length);
      items.set(this.#items);
      this.#items = items;
    }
    this.#items[this.#length++] = item;
  }

  at(index: number): number {
    return this.#items[index];
  }

  set(index: number, item: number): void {
    this.#items[index] = item;
  }

  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  toArray(): Int32Array {
    return this.#items.slice(0, this.#length);
  }
}
