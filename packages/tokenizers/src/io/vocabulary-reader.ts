import { MAX_ID, Vocabulary } from "../models/vocabulary.ts";
import { IntList } from "./int-list.ts";
import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  type JsonCursor,
  OPEN_LIST,
  OPEN_OBJECT,
} from "./json-cursor.ts";

/** A vocabulary whose ids are its positions, with the pieces' scores. */
export class Pieces {
  readonly vocabulary: Vocabulary;
  readonly scores: Float64Array;

  constructor(vocabulary: Vocabulary, scores: Float64Array) {
    this.vocabulary = vocabulary;
    this.scores = scores;
  }
}

/** `{"token": id, …}`. */
export function readVocabulary(cursor: JsonCursor): Vocabulary {
  const tokens = new TokenList(cursor);
  const ids = new IntList();
  cursor.expect(OPEN_OBJECT);
  if (!cursor.skip(CLOSE_OBJECT)) {
    do {
      tokens.add();
      cursor.expect(COLON);
      const id = cursor.integer();
      if (id > MAX_ID) cursor.fail();
      ids.push(id);
    } while (cursor.hasMore(CLOSE_OBJECT));
  }
  const vocabulary = Vocabulary.fromBytes({ ...tokens.finish(), ids: ids.finish() });
  // In an object the later field replaces an earlier one of its name.
  return vocabulary.repeatsTokens ? cursor.fail() : vocabulary;
}

/** `[["piece", score], …]`. */
export function readPieces(cursor: JsonCursor): Pieces {
  const tokens = new TokenList(cursor);
  const scores: number[] = [];
  cursor.expect(OPEN_LIST);
  if (!cursor.skip(CLOSE_LIST)) {
    do {
      cursor.expect(OPEN_LIST);
      tokens.add();
      cursor.expect(COMMA);
      scores.push(cursor.number());
      cursor.expect(CLOSE_LIST);
    } while (cursor.hasMore(CLOSE_LIST));
  }
  return new Pieces(Vocabulary.fromBytes(tokens.finish()), Float64Array.from(scores));
}

/** Tokens one after the other. */
class TokenList {
  readonly #cursor: JsonCursor;
  readonly #starts = new IntList();
  #pool: Uint8Array = new Uint8Array(1 << 16);
  #end = 0;

  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
    this.#starts.push(0);
  }

  add(): void {
    const cursor = this.#cursor;
    const start = this.#end;
    const { at } = cursor;
    this.#end = cursor.string(this.#pool, start);
    if (this.#end > this.#pool.length) {
      this.#grow(start);
      cursor.at = at;
      cursor.string(this.#pool, start);
    }
    if ((this.#pool[start] & 0xc0) === 0x80) cursor.fail(); // no character begins so
    this.#starts.push(this.#end);
  }

  finish(): { readonly pool: Uint8Array; readonly starts: Int32Array } {
    const pool = this.#pool.slice(0, this.#end);
    decoder.decode(pool); // throws when it is no UTF-8
    return { pool, starts: this.#starts.finish() };
  }

  /** Makes room up to the end; the bytes up to `start` stay. */
  #grow(start: number): void {
    const larger = new Uint8Array(2 * this.#end);
    larger.set(this.#pool.subarray(0, start));
    this.#pool = larger;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });
