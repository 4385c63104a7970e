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
  readonly #pool: Uint8Array;
  readonly #starts = new IntList();
  #end = 0;

  /** Tokens are never longer than the JSON that they come from. */
  constructor(cursor: JsonCursor) {
    this.#cursor = cursor;
    this.#pool = new Uint8Array(cursor.bytes.length - cursor.at);
    this.#starts.push(0);
  }

  add(): void {
    const start = this.#end;
    this.#end = this.#cursor.string(this.#pool, start);
    if ((this.#pool[start] & 0xc0) === 0x80) this.#cursor.fail(); // no character begins so
    this.#starts.push(this.#end);
  }

  finish(): { readonly pool: Uint8Array; readonly starts: Int32Array } {
    const pool = this.#pool.slice(0, this.#end);
    decoder.decode(pool); // throws when it is no UTF-8
    return { pool, starts: this.#starts.finish() };
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });
