import { MergeQueue } from "./merge-queue.ts";
import { grownInts, PairTable } from "./pair-table.ts";
import type { SymbolWords, TokenList } from "./symbols.ts";
import { WordLists } from "./word-lists.ts";

export interface MergeOptions {
  readonly vocabSize: number;
  readonly minFrequency: number;
  readonly maxTokenLength: number | undefined;
  readonly continuingSubwordPrefix: string;
}

/**
 * Merges the most frequent pair until the vocabulary is full. Counts are kept up to date word by word; a candidate
 * knows the words its pair was found in when it was queued.
 *
 * What the reference does is done here too, surprises included: a merged pair keeps its count, so a pair that was
 * queued twice (its token came from two different pairs) is merged twice; the length limit is on counting new
 * pairs, and counts them in characters of the words.
 *
 * Source: Hugging Face tokenizers 0.23, `models/bpe/trainer.rs`: equal vocabulary and merges.
 */
export class MergeLearner {
  readonly #list: TokenList;
  readonly #words: SymbolWords;
  readonly #options: MergeOptions;
  readonly #pairs = new PairTable();
  readonly #queue = new MergeQueue(this.#pairs);
  readonly #lists = new WordLists();
  /** Characters of each symbol of the words; kept only where there is a limit. */
  readonly #spans: Int32Array | undefined;
  /** Left and right ids, alternating, in order of the merges. */
  readonly #merges: number[] = [];
  /** For each pair, its words of the merge that is being done; −1 outside of it. */
  #touchedLists = new Int32Array(1 << 10).fill(-1);
  #touched = new Int32Array(1 << 10);
  #touchedSize = 0;
  readonly #scratch = { words: new Int32Array(1 << 10) };

  constructor(list: TokenList, words: SymbolWords, options: MergeOptions) {
    this.#list = list;
    this.#words = words;
    this.#options = options;
    if (options.maxTokenLength !== undefined) {
      this.#spans = new Int32Array(words.symbols.length).fill(1);
    }
  }

  /** Ids of the pairs in order of their merges; a pair that was merged twice stands where it was last. */
  merges(): readonly (readonly [left: number, right: number])[] {
    const places = new Map<number, number>();
    for (let i = 0; i < this.#merges.length; i += 2) {
      const key = this.#merges[i] * 0x8000_0000 + this.#merges[i + 1];
      places.delete(key);
      places.set(key, i);
    }
    return [...places.values()].map((i) => [this.#merges[i], this.#merges[i + 1]] as const);
  }

  /** Counts the pairs of words [from, to). */
  countPairs(from: number, to: number): void {
    const { symbols, starts, lengths, counts } = this.#words;
    for (let word = from; word < to; word++) {
      const end = starts[word] + lengths[word];
      for (let i = starts[word] + 1; i < end; i++) {
        this.#increase(this.#pairs.find(symbols[i - 1], symbols[i]), word, counts[word]);
      }
    }
  }

  /** To be called once all pairs are counted. */
  queueAll(): void {
    this.#queueTouched();
  }

  /** Merges until about `budget` words were looked at; false when there is nothing left to do. */
  run(budget: number): boolean {
    const { vocabSize, minFrequency } = this.#options;
    const queue = this.#queue;
    for (let spent = 0; spent < budget; ) {
      if (this.#list.size >= vocabSize || queue.size === 0) return false;
      const { pair, count } = queue;
      if (count !== this.#pairs.counts[pair]) {
        queue.refreshFirst();
        spent++;
        continue;
      }
      if (count < 1 || count < minFrequency) return false;
      const found = this.#lists.take(queue.list, this.#scratch);
      queue.removeFirst();
      this.#mergePair(pair, found);
      spent += found;
    }
    return true;
  }

  #mergePair(pair: number, found: number): void {
    const left = this.#pairs.lefts[pair];
    const right = this.#pairs.rights[pair];
    const { tokens } = this.#list;
    const { continuingSubwordPrefix } = this.#options;
    const tail = tokens[right];
    const rest = tail.startsWith(continuingSubwordPrefix)
      ? tail.slice(continuingSubwordPrefix.length)
      : tail;
    const merged = this.#list.add(tokens[left] + rest);
    this.#merges.push(left, right);
    const { words } = this.#scratch;
    for (let i = 0; i < found; i++) {
      if (this.#spans) this.#mergeLimited(words[i], pair, merged);
      else this.#mergeWord(words[i], pair, merged);
    }
    this.#queueTouched();
  }

  #mergeWord(word: number, pair: number, merged: number): void {
    const left = this.#pairs.lefts[pair];
    const right = this.#pairs.rights[pair];
    const { symbols, starts, lengths } = this.#words;
    const start = starts[word];
    const end = start + lengths[word];
    const count = this.#words.counts[word];
    let to = start;
    for (let from = start; from < end; ) {
      if (symbols[from] !== left || from + 1 >= end || symbols[from + 1] !== right) {
        symbols[to++] = symbols[from++];
        continue;
      }
      if (to > start) {
        this.#decrease(symbols[to - 1], left, count);
        this.#increase(this.#pairs.find(symbols[to - 1], merged), word, count);
      }
      symbols[to++] = merged;
      from += 2;
      if (from < end) {
        this.#decrease(right, symbols[from], count);
        this.#increase(this.#pairs.find(merged, symbols[from]), word, count);
      }
    }
    lengths[word] = to - start;
  }

  /** The same, where pairs of too many characters are not counted. */
  #mergeLimited(word: number, pair: number, merged: number): void {
    const left = this.#pairs.lefts[pair];
    const right = this.#pairs.rights[pair];
    const spans = this.#spans as Int32Array; // only called where there is a limit
    const { symbols, starts, lengths } = this.#words;
    const limit = this.#options.maxTokenLength ?? 0;
    const start = starts[word];
    const end = start + lengths[word];
    const count = this.#words.counts[word];
    let to = start;
    for (let from = start; from < end; ) {
      if (symbols[from] !== left || from + 1 >= end || symbols[from + 1] !== right) {
        spans[to] = spans[from];
        symbols[to++] = symbols[from++];
        continue;
      }
      const span = spans[from] + spans[from + 1];
      if (to > start) {
        this.#decrease(symbols[to - 1], left, count);
        if (spans[to - 1] + span < limit)
          this.#increase(this.#pairs.find(symbols[to - 1], merged), word, count);
      }
      spans[to] = span;
      symbols[to++] = merged;
      from += 2;
      if (from < end) {
        this.#decrease(right, symbols[from], count);
        if (spans[from] + span < limit)
          this.#increase(this.#pairs.find(merged, symbols[from]), word, count);
      }
    }
    lengths[word] = to - start;
  }

  #decrease(left: number, right: number, count: number): void {
    this.#pairs.counts[this.#pairs.find(left, right)] -= count;
  }

  #increase(pair: number, word: number, count: number): void {
    this.#pairs.counts[pair] += count;
    if (pair >= this.#touchedLists.length) {
      const { length } = this.#touchedLists;
      this.#touchedLists = grownInts(this.#touchedLists).fill(-1, length);
    }
    const list = this.#touchedLists[pair];
    if (list < 0) {
      if (this.#touchedSize === this.#touched.length) this.#touched = grownInts(this.#touched);
      this.#touched[this.#touchedSize++] = pair;
    }
    this.#touchedLists[pair] = this.#lists.push(list, word);
  }

  #queueTouched(): void {
    for (let i = 0; i < this.#touchedSize; i++) {
      const pair = this.#touched[i];
      const list = this.#touchedLists[pair];
      this.#touchedLists[pair] = -1;
      if (this.#pairs.counts[pair] > 0) this.#queue.push(pair, list);
      else this.#lists.take(list, this.#scratch);
    }
    this.#touchedSize = 0;
  }
}
