import { UnknownTokenError } from "../errors.ts";
import type { Model, ModelToken } from "./model.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface WordPieceDefinition {
  readonly type: "WordPiece";
  readonly vocabulary: Vocabulary;
  readonly unkToken: string;
  readonly continuingSubwordPrefix: string;
  /** Longer words, counted in code points, are unknown as a whole. */
  readonly maxInputCharsPerWord: number;
}

/** Greedy longest match from the left; a word with a part that fits nothing is unknown as a whole. */
export function createWordPiece(definition: WordPieceDefinition): Model {
  const { vocabulary, maxInputCharsPerWord, unkToken } = definition;
  const matcher = new PieceMatcher(definition);
  const unkId = vocabulary.id(unkToken);
  const unknown = (word: string): number => {
    if (unkId === undefined) throw new UnknownTokenError(word, unkToken);
    return unkId;
  };
  const isTooLong = (word: string) =>
    word.length > maxInputCharsPerWord && countCharacters(word) > maxInputCharsPerWord;
  return {
    vocabulary,
    tokenize(word) {
      if (word === "") return [];
      const count = isTooLong(word) ? 0 : matcher.match(word);
      if (count === 0) return [{ id: unknown(word), start: 0, end: word.length }];
      return matcher.tokens(count);
    },
    encodeIds(word) {
      if (word === "") return new Int32Array(0);
      const count = isTooLong(word) ? 0 : matcher.match(word);
      return count === 0 ? Int32Array.of(unknown(word)) : matcher.ids(count);
    },
  };
}

/**
 * Matches on the word's UTF-8. The prefix of a piece that goes on with a word is written over the bytes before it,
 * which are matched already: no string is put together.
 */
class PieceMatcher {
  readonly #vocabulary: Vocabulary;
  readonly #prefix: Uint8Array;
  #bytes: Uint8Array = new Uint8Array(0);
  #ids: Int32Array = new Int32Array(0);
  /** Where each piece ends, in units of the word. */
  #ends: Int32Array = new Int32Array(0);

  constructor({ vocabulary, continuingSubwordPrefix }: WordPieceDefinition) {
    this.#vocabulary = vocabulary;
    this.#prefix = encoder.encode(continuingSubwordPrefix);
    this.#makeRoom(INITIAL_ROOM);
  }

  /** How many pieces the word has; 0 when a part of it fits none. */
  match(word: string): number {
    const vocabulary = this.#vocabulary;
    const prefix = this.#prefix;
    const end = this.#write(word);
    const bytes = this.#bytes;
    let count = 0;
    let units = 0;
    for (let at = prefix.length; at < end; count++) {
      const isFirst = count === 0;
      const start = isFirst ? at : at - prefix.length;
      const position = vocabulary.longestAt(bytes, start, end);
      const matched = position < 0 ? 0 : start + vocabulary.lengthAt(position);
      if (matched <= at) return 0;
      units += countUnits(bytes, at, matched);
      this.#ids[count] = vocabulary.idAt(position);
      this.#ends[count] = units;
      at = matched;
      if (at < end) bytes.set(prefix, at - prefix.length);
    }
    return count;
  }

  ids(count: number): Int32Array {
    return this.#ids.slice(0, count);
  }

  tokens(count: number): ModelToken[] {
    return Array.from({ length: count }, (_, i) => ({
      id: this.#ids[i],
      start: i === 0 ? 0 : this.#ends[i - 1],
      end: this.#ends[i],
    }));
  }

  /** The word's UTF-8 behind room for a prefix; gives its end. */
  #write(word: string): number {
    const room = this.#prefix.length;
    if (3 * word.length > this.#ids.length) this.#makeRoom(6 * word.length);
    const bytes = this.#bytes;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      if (unit > 0x7f) return room + encoder.encodeInto(word, bytes.subarray(room)).written;
      bytes[room + i] = unit;
    }
    return room + word.length;
  }

  #makeRoom(size: number): void {
    this.#bytes = new Uint8Array(size + this.#prefix.length);
    this.#ids = new Int32Array(size);
    this.#ends = new Int32Array(size);
  }
}

const encoder = new TextEncoder();

/** Bytes of nearly all words. */
const INITIAL_ROOM = 512;

/** UTF-16 units of whole characters in UTF-8. */
function countUnits(bytes: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let i = start; i < end; i++) {
    if ((bytes[i] & 0xc0) !== 0x80) units += bytes[i] < 0xf0 ? 1 : 2;
  }
  return units;
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
