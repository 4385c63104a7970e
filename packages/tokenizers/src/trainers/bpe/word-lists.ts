import { grownInts } from "./pair-table.ts";

/** Linked lists of word numbers in one array; what is released is used again. −1 is the empty list. */
export class WordLists {
  /** Word and next node, alternating. */
  #nodes = new Int32Array(1 << 12);
  #length = 0;
  #free = -1;

  /** The list with `word` in front, unless that stands there already. */
  push(list: number, word: number): number {
    if (list >= 0 && this.#nodes[list] === word) return list;
    let node = this.#free;
    if (node >= 0) this.#free = this.#nodes[node + 1];
    else {
      node = this.#length;
      this.#length += 2;
      if (this.#length > this.#nodes.length) this.#nodes = grownInts(this.#nodes);
    }
    this.#nodes[node] = word;
    this.#nodes[node + 1] = list;
    return node;
  }

  /** Writes the words of a list into `into`, releases the list, and gives how many they are. */
  take(list: number, into: { words: Int32Array }): number {
    const nodes = this.#nodes;
    let count = 0;
    let last = list;
    for (let node = list; node >= 0; node = nodes[node + 1]) {
      if (count === into.words.length) into.words = grownInts(into.words);
      into.words[count++] = nodes[node];
      last = node;
    }
    if (last >= 0) {
      nodes[last + 1] = this.#free;
      this.#free = list;
    }
    return count;
  }
}
