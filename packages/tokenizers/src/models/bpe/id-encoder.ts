import { byteTokens, spellBytes } from "../byte-tokens.ts";
import type { Vocabulary } from "../vocabulary.ts";
import type { BpeDefinition } from "./bpe.ts";
import { canMergeIds, mergeSymbols } from "./merge-symbols.ts";

/**
 * The ids of words, without offsets; `undefined` where only the whole model can tell: it would throw, or it cannot be
 * run on ids alone.
 */
export function createIdEncoder(
  definition: BpeDefinition,
): (word: string) => Int32Array | undefined {
  if (!canMergeIds(definition)) return () => undefined;
  const { vocabulary, merges, ignoreMerges, endOfWordSuffix } = definition;
  const writer = new SymbolWriter(definition);
  const suffixBytes = 3 * endOfWordSuffix.length;
  return (word) => {
    const whole = ignoreMerges && word !== "" ? vocabulary.id(word) : undefined;
    if (whole !== undefined) return Int32Array.of(whole);
    const room = 3 * word.length + suffixBytes + 1;
    const target = room > MAX_SHORT ? new Int32Array(room) : symbols;
    const count = writer.write(word, target);
    return count < 0 ? undefined : target.slice(0, mergeSymbols(target, count, merges));
  };
}

const MAX_SHORT = 192;
const symbols = new Int32Array(MAX_SHORT);

/** Writes the ids that merging starts from. */
class SymbolWriter {
  readonly #definition: BpeDefinition;
  readonly #characters: CharacterIds;
  /** Ids of `<0x00>` to `<0xFF>`, where unknown characters become their bytes. */
  readonly #bytes: Int32Array | undefined;
  readonly #unkId: number;
  #target: Int32Array = symbols;
  #count = 0;
  /** An unknown token waits: the next may join it, and spelled bytes go before it. */
  #isPending = false;

  constructor(definition: BpeDefinition) {
    const { vocabulary, byteFallback, unkToken } = definition;
    this.#definition = definition;
    this.#characters = new CharacterIds(vocabulary);
    this.#bytes = byteFallback ? byteTokens(vocabulary) : undefined;
    this.#unkId = (unkToken === undefined ? undefined : vocabulary.id(unkToken)) ?? -1;
  }

  /** How many ids the word has; −1 when the unknown token would be needed and is not in the vocabulary. */
  write(word: string, target: Int32Array): number {
    this.#target = target;
    this.#count = 0;
    this.#isPending = false;
    const suffix = this.#definition.endOfWordSuffix;
    for (let at = 0; at < word.length; ) {
      const codePoint = word.codePointAt(at) as number; // within the word
      at += codePoint > 0xffff ? 2 : 1;
      const isWritten =
        at < word.length || suffix === ""
          ? this.#add(this.#characters.id(codePoint), codePoint, "")
          : this.#addDecorated(codePoint, suffix);
      if (!isWritten) return -1;
    }
    this.#flush();
    return this.#count;
  }

  #addDecorated(codePoint: number, suffix: string): boolean {
    const id = this.#definition.vocabulary.id(String.fromCodePoint(codePoint) + suffix);
    return this.#add(id ?? -1, codePoint, suffix);
  }

  #add(id: number, codePoint: number, suffix: string): boolean {
    if (id < 0) return this.#addUnknown(String.fromCodePoint(codePoint) + suffix);
    this.#flush();
    this.#target[this.#count++] = id;
    return true;
  }

  #addUnknown(text: string): boolean {
    const spelled = this.#bytes && spellBytes(text, this.#bytes);
    if (spelled) {
      for (const id of spelled) this.#target[this.#count++] = id;
      return true;
    }
    if (this.#definition.unkToken === undefined) return true; // dropped
    if (this.#unkId < 0) return false;
    if (!this.#definition.fuseUnk) this.#flush();
    this.#isPending = true;
    return true;
  }

  #flush(): void {
    if (this.#isPending) this.#target[this.#count++] = this.#unkId;
    this.#isPending = false;
  }
}

const UNASKED = -2;

/** The ids of single characters, each looked up once; pages of them are made as text needs them. */
class CharacterIds {
  readonly #vocabulary: Vocabulary;
  readonly #pages: (Int32Array | undefined)[] = [];

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** −1 for none. */
  id(codePoint: number): number {
    const number = codePoint >> 8;
    const page = this.#pages[number] ?? this.#addPage(number);
    const id = page[codePoint & 0xff];
    return id === UNASKED ? this.#ask(page, codePoint) : id;
  }

  #addPage(number: number): Int32Array {
    const page = new Int32Array(256).fill(UNASKED);
    this.#pages[number] = page;
    return page;
  }

  #ask(page: Int32Array, codePoint: number): number {
    const id = this.#vocabulary.id(String.fromCodePoint(codePoint)) ?? -1;
    page[codePoint & 0xff] = id;
    return id;
  }
}
