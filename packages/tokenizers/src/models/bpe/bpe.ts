import { createRandom, parseArray, parseString, parseStrings } from "@bearhug/core";
import { TokenizerFormatError, UnknownTokenError } from "../../errors.ts";
import { byteLength, byteTokens, spellBytes, unitsOfBytes } from "../byte-tokens.ts";
import type { Model, ModelToken } from "../model.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { createIdEncoder } from "./id-encoder.ts";
import type { Merges } from "./merges.ts";

export interface BpeDefinition {
  readonly type: "BPE";
  readonly vocabulary: Vocabulary;
  readonly merges: Merges;
  readonly unkToken: string | undefined;
  readonly continuingSubwordPrefix: string;
  readonly endOfWordSuffix: string;
  /** The chance that a merge is passed over, 0 to 1; above 0 the tokens differ from call to call. */
  readonly dropout?: number | undefined;
  /** Numbers from 0 to 1 for the dropout. Default: a generator with a fixed seed. */
  readonly random?: (() => number) | undefined;
  /** Unknown characters become the tokens of their bytes, when all of them exist. */
  readonly byteFallback?: boolean | undefined;
  /** Neighbouring unknown characters become one token. */
  readonly fuseUnk: boolean;
  /** A word that is in the vocabulary is one token, whatever the merges say. */
  readonly ignoreMerges: boolean;
}

/** `["a", "b"]` pairs, or `"a b"` strings of older files. */
export function parseMerges(value: unknown, path: string): readonly (readonly [string, string])[] {
  const merges: (readonly [string, string])[] = [];
  parseArray(value, path).forEach((item, i) => {
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

/** A part of a word; offsets are bytes of its UTF-8. */
interface BpeSymbol {
  id: number;
  start: number;
  end: number;
  previous: number;
  next: number;
}

/** Byte-pair encoding: the pair of the lowest rank first, the leftmost of equals. */
export function createBpe(definition: BpeDefinition): Model {
  const { vocabulary, ignoreMerges, dropout = 0 } = definition;
  const symbols = createSymbols(definition);
  const drop = dropout > 0 ? { dropout, random: definition.random ?? seeded() } : undefined;
  const encodeIds = createIdEncoder(definition);
  const tokenize = (word: string): ModelToken[] => {
    if (word === "") return [];
    const whole = ignoreMerges && !drop ? vocabulary.id(word) : undefined;
    if (whole !== undefined) return [{ id: whole, start: 0, end: word.length }];
    return toUnits(word, mergeAll(symbols(word), definition.merges, drop));
  };
  return {
    vocabulary,
    tokenize,
    encodeIds: (word) => encodeIds(word) ?? Int32Array.from(tokenize(word), (token) => token.id),
  };
}

function seeded(): () => number {
  const random = createRandom(0);
  return () => random.uniform();
}

/**
 * Byte offsets to units: a token of a part of a character has the whole character's. Bytes of a prefix or suffix can
 * lead beyond the word (where the reference's offsets lose all meaning): they count to its last character.
 */
function toUnits(word: string, symbols: readonly BpeSymbol[]): ModelToken[] {
  const read = symbols.at(-1)?.end ?? 0;
  if (read <= word.length && ASCII.test(word)) return [...symbols];
  const units = unitsOfBytes(word);
  return symbols.map(({ id, start, end }) => {
    const from = units[Math.min(start, units.length - 2)];
    const last = units[Math.min(end, units.length - 1) - 1];
    return { id, start: from, end: last + ((word.codePointAt(last) ?? 0) > 0xffff ? 2 : 1) };
  });
}

const ASCII = /^[\0-\x7f]*$/;

/** Cuts words into the symbols that merging starts from. */
function createSymbols(definition: BpeDefinition): (word: string) => BpeSymbol[] {
  const { vocabulary, unkToken } = definition;
  const bytes = definition.byteFallback ? byteTokens(vocabulary) : undefined;
  const addUnknown = (symbols: SymbolList, part: WordPart) => {
    const spelled = bytes && spellBytes(part.text, bytes);
    if (spelled) {
      // An unknown character before stays pending: it comes out after these.
      for (const id of spelled) symbols.add(id, 1);
      return;
    }
    if (unkToken === undefined) return; // dropped: it does not advance the offsets
    const id = vocabulary.id(unkToken);
    if (id === undefined) throw new UnknownTokenError(part.text, unkToken);
    symbols.addPending(id, part.bytes, definition.fuseUnk);
  };
  return (word) => {
    const symbols = new SymbolList();
    for (const part of wordParts(word, definition)) {
      const known = vocabulary.id(part.text);
      if (known === undefined) {
        addUnknown(symbols, part);
        continue;
      }
      symbols.flush();
      symbols.add(known, part.bytes);
    }
    return symbols.finish();
  };
}

/** A character as the vocabulary has it there, and the bytes that it is without prefix and suffix. */
interface WordPart {
  readonly text: string;
  readonly bytes: number;
}

function wordParts(word: string, definition: BpeDefinition): WordPart[] {
  const { continuingSubwordPrefix, endOfWordSuffix } = definition;
  let read = 0;
  return Array.from(word, (character) => {
    read += character.length;
    const prefix = read === character.length ? "" : continuingSubwordPrefix;
    const suffix = read === word.length ? endOfWordSuffix : "";
    const bytes = byteLength(character.codePointAt(0) as number); // one character
    return { text: prefix + character + suffix, bytes };
  });
}

class SymbolList {
  readonly #symbols: BpeSymbol[] = [];
  #pending: { readonly id: number; readonly bytes: number } | undefined;

  /** An unknown character, which the next one may join. */
  addPending(id: number, bytes: number, fuses: boolean): void {
    const joined = fuses && this.#pending ? this.#pending.bytes : 0;
    if (!fuses) this.flush();
    this.#pending = { id, bytes: bytes + joined };
  }

  flush(): void {
    if (this.#pending) this.add(this.#pending.id, this.#pending.bytes);
    this.#pending = undefined;
  }

  add(id: number, bytes: number): void {
    const index = this.#symbols.length;
    const start = this.#symbols.at(-1)?.end ?? 0;
    const symbol = { id, start, end: start + bytes, previous: index - 1, next: index + 1 };
    this.#symbols.push(symbol);
  }

  finish(): BpeSymbol[] {
    this.flush();
    const last = this.#symbols.at(-1);
    if (last) last.next = -1;
    return this.#symbols;
  }
}

interface Dropout {
  readonly dropout: number;
  readonly random: () => number;
}

/**
 * Merges in a queue of (rank, position); an entry is stale when the pair at its position no longer makes the same
 * token. With dropout, merges are set aside by chance, and come back after the next one that was not.
 */
function mergeAll(
  symbols: readonly BpeSymbol[],
  merges: Merges,
  drop: Dropout | undefined,
): BpeSymbol[] {
  const { table } = merges;
  const rankAt = (index: number): number => {
    if (index < 0) return -1;
    const { id, next } = symbols[index];
    return id < 0 || next < 0 ? -1 : table.rank(id, symbols[next].id);
  };
  const queue = new MinHeap();
  const enqueue = (index: number) => {
    const rank = rankAt(index);
    if (rank >= 0) queue.push(rank * POSITIONS + index);
  };
  for (let index = 0; index < symbols.length; index++) enqueue(index);
  const setAside: number[] = [];
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    if (drop && drop.random() < drop.dropout) {
      setAside.push(entry);
      continue;
    }
    for (const each of setAside.splice(0)) queue.push(each);
    const index = entry % POSITIONS;
    const rank = rankAt(index);
    const wanted = merges.result((entry - index) / POSITIONS);
    if (rank < 0 || merges.result(rank) !== wanted) continue;
    absorbNext(symbols, index, wanted);
    enqueue(symbols[index].previous);
    enqueue(index);
  }
  return symbols.filter((symbol) => symbol.id >= 0);
}

/** The symbol at `index` and the one after it become `id`. */
function absorbNext(symbols: readonly BpeSymbol[], index: number, id: number): void {
  const symbol = symbols[index];
  const absorbed = symbols[symbol.next];
  symbol.id = id;
  symbol.end = absorbed.end;
  symbol.next = absorbed.next;
  absorbed.id = -1;
  if (symbol.next >= 0) symbols[symbol.next].previous = index;
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
