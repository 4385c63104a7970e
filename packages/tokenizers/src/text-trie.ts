/** Numbers by text, for the longest text that begins at a place of another. */
export class TextTrie {
  // An open-addressed table of edges: (node, unit) → node. Node 0 is the root, so 0 as a target is a free slot.
  #from = new Int32Array(FIRST_SLOTS);
  #units = new Uint16Array(FIRST_SLOTS);
  #to = new Int32Array(FIRST_SLOTS);
  readonly #values: (number | undefined)[] = [undefined];

  /** Text that is there already gets the new value. */
  set(text: string, value: number): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) node = this.#step(node, text.charCodeAt(i));
    this.#values[node] = value;
  }

  /** The value of the longest text that stands in `text` at `start`; −1 for none. */
  longestAt(text: string, start: number): number {
    let node = 0;
    let longest = -1;
    for (let i = start; i < text.length; i++) {
      node = this.#to[this.#slot(node, text.charCodeAt(i))];
      if (node === 0) break;
      longest = this.#values[node] ?? longest;
    }
    return longest;
  }

  #step(node: number, unit: number): number {
    const slot = this.#slot(node, unit);
    if (this.#to[slot] !== 0) return this.#to[slot];
    const next = this.#values.length;
    this.#values.push(undefined);
    this.#from[slot] = node;
    this.#units[slot] = unit;
    this.#to[slot] = next;
    if (2 * next > this.#to.length) this.#grow();
    return next;
  }

  /** Where the edge is, or would be. */
  #slot(node: number, unit: number): number {
    const mask = this.#to.length - 1;
    const hash = Math.imul(Math.imul(node, 0x9e3779b1) ^ unit, 0x85ebca6b);
    let slot = (hash >>> 15) & mask;
    while (this.#to[slot] !== 0 && (this.#from[slot] !== node || this.#units[slot] !== unit)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const from = this.#from;
    const units = this.#units;
    const to = this.#to;
    this.#from = new Int32Array(4 * to.length);
    this.#units = new Uint16Array(4 * to.length);
    this.#to = new Int32Array(4 * to.length);
    for (let i = 0; i < to.length; i++) {
      if (to[i] === 0) continue;
      const slot = this.#slot(from[i], units[i]);
      this.#from[slot] = from[i];
      this.#units[slot] = units[i];
      this.#to[slot] = to[i];
    }
  }
}

const FIRST_SLOTS = 64;
