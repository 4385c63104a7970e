import { Merges } from "../models/bpe/merges.ts";
import type { TokenBytes, Vocabulary } from "../models/vocabulary.ts";
import { IntList } from "./int-list.ts";
import { CLOSE_LIST, COMMA, type JsonCursor, OPEN_LIST, QUOTE, SPACE } from "./json-cursor.ts";

/** `["a b", …]` or `[["a", "b"], …]`, where merged tokens have no prefix to lose. */
export function readMerges(cursor: JsonCursor, vocabulary: Vocabulary): Merges {
  const reader = new MergesReader(cursor, vocabulary);
  cursor.expect(OPEN_LIST);
  if (!cursor.skip(CLOSE_LIST)) {
    do reader.read();
    while (cursor.hasMore(CLOSE_LIST));
  }
  return reader.finish();
}

/**
 * Files list merges in the order of the tokens that they make, so the result is mostly that of the last merge or the
 * next one. Comparing the text with these also finds where the left token ends. Anything else is searched.
 */
class MergesReader {
  readonly #cursor: JsonCursor;
  readonly #vocabulary: Vocabulary;
  readonly #tokens: TokenBytes;
  readonly #ids = new IntList();
  /** Position of the last result. */
  #position = -1;
  /** From there to where the next one is looked for first: 0 or 1. */
  #step = 1;

  constructor(cursor: JsonCursor, vocabulary: Vocabulary) {
    this.#cursor = cursor;
    this.#vocabulary = vocabulary;
    this.#tokens = vocabulary.bytes;
  }

  finish(): Merges {
    return new Merges(this.#ids.finish());
  }

  read(): void {
    const isPair = this.#cursor.peek() === OPEN_LIST;
    let middle = this.#splitOf(this.#position + this.#step, isPair);
    if (middle < 0) {
      this.#step = 1 - this.#step;
      middle = this.#splitOf(this.#position + this.#step, isPair);
    }
    if (middle < 0) {
      this.#search(isPair);
      return;
    }
    this.#position += this.#step;
    const { pool, starts } = this.#tokens;
    this.#push(pool, starts[this.#position], middle);
    this.#push(pool, middle, starts[this.#position + 1]);
    this.#ids.push(this.#vocabulary.idAt(this.#position));
  }

  /**
   * Where in the pool the right part begins, if the merge at the cursor makes the token at `position`; it is then
   * passed over. −1 when it does not, or is written with escapes or spaces.
   */
  #splitOf(position: number, isPair: boolean): number {
    const { pool, starts } = this.#tokens;
    if (position < 0 || position + 1 >= starts.length) return -1;
    if (!isPair && pool[starts[position]] === VERSION[0]) return -1;
    const cursor = this.#cursor;
    const { at } = cursor;
    const end = starts[position + 1];
    if (isPair) cursor.expect(OPEN_LIST);
    const middle = cursor.skip(QUOTE) ? this.#match(starts[position], end) : end;
    const isSplit = middle < end && (isPair ? this.#passComma() : cursor.take(SPACE));
    const isWhole = isSplit && this.#match(middle, end) === end && cursor.take(QUOTE);
    if (isWhole && middle > starts[position] && (!isPair || cursor.skip(CLOSE_LIST))) return middle;
    cursor.at = at;
    return -1;
  }

  /** From the end of the left string to the start of the right one. */
  #passComma(): boolean {
    const cursor = this.#cursor;
    return cursor.take(QUOTE) && cursor.skip(COMMA) && cursor.skip(QUOTE);
  }

  /** Passes over the text as far as it is that of the pool, and stands for itself; gives where that ends. */
  #match(start: number, end: number): number {
    const { pool } = this.#tokens;
    const { bytes } = this.#cursor;
    let { at } = this.#cursor;
    let i = start;
    while (i < end && bytes[at] === pool[i] && IS_SOLID[pool[i]] === 1) {
      at++;
      i++;
    }
    this.#cursor.at = at;
    return i;
  }

  #search(isPair: boolean): void {
    const middle = isPair ? readPair(this.#cursor) : readText(this.#cursor);
    this.#push(merged, 0, middle);
    this.#push(merged, middle, mergedEnd);
    this.#push(merged, 0, mergedEnd);
    this.#position = this.#vocabulary.positionOf(merged, 0, mergedEnd);
  }

  #push(bytes: Uint8Array, start: number, end: number): void {
    const id = this.#vocabulary.idOfBytes(bytes, start, end);
    if (id < 0) this.#cursor.fail();
    this.#ids.push(id);
  }
}

/** Bytes that stand for themselves in a string, but for the space that parts the tokens of `"a b"`. */
const IS_SOLID = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > SPACE && byte !== QUOTE && byte !== 0x5c ? 1 : 0,
);

/** Both tokens of a merge, one after the other; longer ones are left to the plain way. */
const merged = new Uint8Array(4096);
let mergedEnd = 0;

/** `["a", "b"]`; gives where the right token begins. */
function readPair(cursor: JsonCursor): number {
  cursor.expect(OPEN_LIST);
  const middle = cursor.string(merged, 0);
  cursor.expect(COMMA);
  mergedEnd = cursor.string(merged, middle);
  cursor.expect(CLOSE_LIST);
  if (mergedEnd > merged.length) cursor.fail();
  return middle;
}

/** `"a b"`, with a single space; gives where the right token begins. */
function readText(cursor: JsonCursor): number {
  const end = cursor.string(merged, 0);
  if (end > merged.length || isVersion()) cursor.fail();
  let middle = -1;
  for (let i = 0; i < end; i++) {
    if (merged[i] !== SPACE) {
      if (middle >= 0) merged[i - 1] = merged[i];
      continue;
    }
    if (middle >= 0) cursor.fail();
    middle = i;
  }
  if (middle < 0) cursor.fail();
  mergedEnd = end - 1;
  return middle;
}

const VERSION = new TextEncoder().encode("#version");

/** Such a line is none of the merges. */
function isVersion(): boolean {
  return merged[0] === VERSION[0] && VERSION.every((byte, i) => merged[i] === byte);
}
