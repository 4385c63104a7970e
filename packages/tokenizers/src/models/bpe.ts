import { parseString, parseStrings } from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";
import type { Model, ModelToken } from "./model.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface BpeDefinition {
  readonly type: "BPE";
  readonly vocabulary: Vocabulary;
  /** Best first. */
  readonly merges: readonly (readonly [string, string])[];
  readonly unkToken: string | undefined;
  readonly continuingSubwordPrefix: string;
  readonly endOfWordSuffix: string;
  /** Neighbouring unknown characters become one token. */
  readonly fuseUnk: boolean;
  /** A word that is in the vocabulary is one token, whatever the merges say. */
  readonly ignoreMerges: boolean;
}

/** `["a", "b"]` pairs, or `"a b"` strings of older files. */
export function parseMerges(
  list: readonly unknown[],
  path: string,
): readonly (readonly [string, string])[] {
  const merges: (readonly [string, string])[] = [];
  list.forEach((item, i) => {
    const at = `${path}[${i}]`;
    if (typeof item === "string" && item.startsWith("#version")) return;
    const parts = Array.isArray(item) ? parseStrings(item, at) : parseString(item, at).split(" ");
    const [left, right] = parts;
    if (left === undefined || right === undefined || parts.length !== 2) {
      throw new TokenizerFormatError(`${at} must be a pair of tokens`);
    }
    merges.push([left, right]);
  });
  return merges;
}

/** Ids of a pair → its rank; results by rank. */
interface MergeTable {
  readonly ranks: ReadonlyMap<number, number>;
  readonly results: Int32Array;
}

interface BpeSymbol {
  id: number;
  start: number;
  end: number;
  previous: number;
  next: number;
}

/** Byte-pair encoding: the pair of the lowest rank first, the leftmost of equals. */
export function createBpe(definition: BpeDefinition): Model {
  const { vocabulary, ignoreMerges } = definition;
  const table = createMergeTable(definition);
  return {
    vocabulary,
    tokenize(word) {
      if (word === "") return [];
      const whole = ignoreMerges ? vocabulary.id(word) : undefined;
      if (whole !== undefined) return [{ id: whole, start: 0, end: word.length }];
      return mergeAll(toSymbols(word, definition), table);
    },
  };
}

/** Vocabularies stay far under 2^24 tokens, and 2^48 is exact in a double. */
function pairKey(left: number, right: number): number {
  return left * 0x1_000_000 + right;
}

function createMergeTable(definition: BpeDefinition): MergeTable {
  const { vocabulary, merges, continuingSubwordPrefix } = definition;
  const ranks = new Map<number, number>();
  const results = new Int32Array(merges.length);
  merges.forEach(([left, right], rank) => {
    const idOf = (token: string): number => {
      const id = vocabulary.id(token);
      if (id !== undefined) return id;
      throw new TokenizerFormatError(
        `model.merges[${rank}] needs ${JSON.stringify(token)}, which model.vocab lacks`,
      );
    };
    ranks.set(pairKey(idOf(left), idOf(right)), rank);
    results[rank] = idOf(left + right.slice(continuingSubwordPrefix.length));
  });
  return { ranks, results };
}

function toSymbols(word: string, definition: BpeDefinition): BpeSymbol[] {
  const { vocabulary, continuingSubwordPrefix, endOfWordSuffix, unkToken, fuseUnk } = definition;
  const unknown = unkToken === undefined ? undefined : vocabulary.id(unkToken);
  const symbols: BpeSymbol[] = [];
  let offset = 0; // without an unknown token, dropped characters do not advance it
  let afterUnknown = false;
  let read = 0;
  for (const character of word) {
    read += character.length;
    const prefix = read === character.length ? "" : continuingSubwordPrefix;
    const suffix = read === word.length ? endOfWordSuffix : "";
    const known = vocabulary.id(prefix + character + suffix);
    const id = known ?? unknown;
    if (id === undefined) continue;
    const end = offset + character.length;
    const last = symbols.at(-1);
    if (known === undefined && afterUnknown && fuseUnk && last) last.end = end;
    else symbols.push(linked(symbols.length, { id, start: offset, end }));
    afterUnknown = known === undefined;
    offset = end;
  }
  const last = symbols.at(-1);
  if (last) last.next = -1;
  return symbols;
}

function linked(index: number, token: ModelToken): BpeSymbol {
  return { ...token, previous: index - 1, next: index + 1 };
}

/** Merges in a queue of (rank, position); an entry whose pair has changed meanwhile is passed over. */
function mergeAll(symbols: BpeSymbol[], { ranks, results }: MergeTable): ModelToken[] {
  const rankAt = (index: number): number | undefined => {
    const { id, next } = symbols[index];
    return next < 0 ? undefined : ranks.get(pairKey(id, symbols[next].id));
  };
  const queue = new MinHeap();
  const enqueue = (index: number) => {
    const rank = rankAt(index);
    if (rank !== undefined) queue.push(rank * POSITIONS + index);
  };
  for (let index = 0; index < symbols.length; index++) enqueue(index);
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const index = entry % POSITIONS;
    const rank = (entry - index) / POSITIONS;
    const symbol = symbols[index];
    if (symbol.id < 0 || rankAt(index) !== rank) continue;
    const absorbed = symbols[symbol.next];
    symbol.id = results[rank];
    symbol.end = absorbed.end;
    symbol.next = absorbed.next;
    absorbed.id = -1;
    if (symbol.next >= 0) symbols[symbol.next].previous = index;
    enqueue(index);
    if (symbol.previous >= 0) enqueue(symbol.previous);
  }
  return symbols.filter((symbol) => symbol.id >= 0);
}

/** Rank and position share a double: 2^26 positions, 2^27 ranks. */
const POSITIONS = 2 ** 26;

/** A binary heap of numbers, least first. */
class MinHeap {
  readonly #items: number[] = [];

  push(value: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent] <= value) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = value;
  }

  pop(): number | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1] < items[child]) child++;
      if (items[child] >= last) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return least;
  }
}
