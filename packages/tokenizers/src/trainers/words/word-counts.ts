/** Distinct words in order of first appearance, and how often each came. */
export class WordCounts {
  readonly #counts = new Map<string, number>();
  readonly #maxWords: number;

  constructor(maxWords: number) {
    this.#maxWords = Math.min(maxWords, MAP_LIMIT);
  }

  get size(): number {
    return this.#counts.size;
  }

  add(word: string, count: number): void {
    const before = this.#counts.get(word);
    if (before === undefined && this.#counts.size >= this.#maxWords) this.#forgetRarest();
    this.#counts.set(word, (before ?? 0) + count);
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries();
  }

  words(): readonly string[] {
    return [...this.#counts.keys()];
  }

  counts(): Float64Array {
    return Float64Array.from(this.#counts.values());
  }

  /** Makes room for as many words again as are kept, at least. */
  #forgetRarest(): void {
    const sorted = this.counts().sort();
    const threshold = sorted[sorted.length >> 1];
    for (const [word, count] of this.#counts) if (count <= threshold) this.#counts.delete(word);
  }
}

/** A Map holds 2^24 entries at most. */
const MAP_LIMIT = 1 << 23;
