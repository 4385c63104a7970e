import { parseInteger, parseObject } from "@bearhug/core";
import { TokenTable } from "./token-table.ts";

/** The UTF-8 of tokens, one after the other; `starts` has the end of the last one too. */
export interface TokenBytes {
  readonly pool: Uint8Array;
  readonly starts: Int32Array;
  /** The id of each. Default: its position. */
  readonly ids?: Int32Array | undefined;
}

/**
 * Token strings ⇄ ids, kept as bytes: no string lives here. A token can have several ids, and is then found by the
 * last one. An id that several tokens claim shows the last of them.
 */
export class Vocabulary {
  /** How many tokens there are, each counted once for every id it has. */
  readonly size: number;
  /** Whether some id has more than one token. */
  readonly sharesIds: boolean;
  readonly bytes: TokenBytes;
  readonly #table: TokenTable;
  /** Position of an id's token; undefined where ids are the positions. */
  readonly #positions: Positions | undefined;

  private constructor(bytes: TokenBytes, table: TokenTable) {
    this.size = bytes.starts.length - 1;
    this.bytes = bytes;
    this.#table = table;
    this.#positions = bytes.ids && createPositions(bytes.ids);
    this.sharesIds = bytes.ids?.some((id, i) => this.#position(id) !== i) ?? false;
  }

  /** Of tokens with their ids. A lone surrogate, which no UTF-8 can hold, counts as U+FFFD. */
  static from(entries: Iterable<readonly [token: string, id: number]>): Vocabulary {
    const tokens: Uint8Array[] = [];
    const ids: number[] = [];
    let length = 0;
    for (const [token, id] of entries) {
      const bytes = encoder.encode(token);
      tokens.push(bytes);
      ids.push(id);
      length += bytes.length;
    }
    const pool = new Uint8Array(length);
    const starts = new Int32Array(tokens.length + 1);
    tokens.forEach((bytes, i) => {
      pool.set(bytes, starts[i]);
      starts[i + 1] = starts[i] + bytes.length;
    });
    return Vocabulary.fromBytes({ pool, starts, ids: Int32Array.from(ids) });
  }

  /** Takes the arrays over: they must not change any more. */
  static fromBytes({ pool, starts, ids }: TokenBytes): Vocabulary {
    const bytes = { pool, starts, ids: ids?.some((id, i) => id !== i) ? ids : undefined };
    return new Vocabulary(bytes, new TokenTable(pool, starts));
  }

  /** Whether some token has more than one id. */
  get repeatsTokens(): boolean {
    return this.#table.hasRepetitions;
  }

  id(token: string): number | undefined {
    const position = this.#table.find(token);
    return position < 0 ? undefined : this.idAt(position);
  }

  /** The id of the token that these bytes are; −1 for none. */
  idOfBytes(bytes: Uint8Array, start: number, end: number): number {
    const position = this.positionOf(bytes, start, end);
    return position < 0 ? -1 : this.idAt(position);
  }

  /** The position of the longest token that the bytes from `start` on begin with, up to `end`; −1 for none. */
  longestAt(bytes: Uint8Array, start: number, end: number): number {
    return this.#table.longest(bytes, start, end);
  }

  /** The position of the last token that these bytes are; −1 for none. */
  positionOf(bytes: Uint8Array, start: number, end: number): number {
    return this.#table.findBytes(bytes, start, end);
  }

  /** Bytes of the token at a position. */
  lengthAt(position: number): number {
    return this.bytes.starts[position + 1] - this.bytes.starts[position];
  }

  idAt(position: number): number {
    return this.bytes.ids ? this.bytes.ids[position] : position;
  }

  token(id: number): string | undefined {
    const position = this.#position(id);
    return position < 0 ? undefined : this.#text(position);
  }

  /** Bytes of the token's UTF-8; −1 where the id has none. */
  byteLength(id: number): number {
    const position = this.#position(id);
    return position < 0 ? -1 : this.lengthAt(position);
  }

  /** Writes the token's UTF-8 at `at`; gives where it ends. */
  copyBytes(id: number, target: Uint8Array, at: number): number {
    const position = this.#position(id);
    if (position < 0) return at;
    const { pool, starts } = this.bytes;
    let to = at;
    for (let from = starts[position]; from < starts[position + 1]; from++)
      target[to++] = pool[from];
    return to;
  }

  /** Tokens with their ids, in the order they were given. */
  *entries(): Generator<readonly [token: string, id: number]> {
    for (let i = 0; i < this.size; i++) yield [this.#text(i), this.idAt(i)];
  }

  #position(id: number): number {
    if (this.#positions) return this.#positions(id);
    return Number.isInteger(id) && id >= 0 && id < this.size ? id : -1;
  }

  #text(position: number): string {
    const { pool, starts } = this.bytes;
    const start = starts[position];
    const end = starts[position + 1];
    if (end - start > MAX_SPELLED) return decoder.decode(pool.subarray(start, end));
    let text = "";
    for (let i = start; i < end; i++) {
      if (pool[i] > 0x7f) return decoder.decode(pool.subarray(start, end));
      text += String.fromCharCode(pool[i]);
    }
    return text;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Shorter ASCII is put together faster than a decoder is called. */
const MAX_SPELLED = 24;

/** Id → position of its token, −1 for none. */
type Positions = (id: number) => number;

function createPositions(ids: Int32Array): Positions {
  let highest = -1;
  for (const id of ids) if (id > highest) highest = id;
  if (highest > 4 * ids.length + 0x1_0000) {
    // A few ids far out must not cost an array up to them.
    const map = new Map(Array.from(ids, (id, position) => [id, position]));
    return (id) => map.get(id) ?? -1;
  }
  const positions = new Int32Array(highest + 1).fill(-1);
  for (let i = 0; i < ids.length; i++) positions[ids[i]] = i;
  return (id) => positions[id] ?? -1;
}

/** Highest id that fits the 32-bit arrays ids are kept in, with room for added tokens. */
export const MAX_ID = 0x7000_0000;

/** `{"token": id}`, where the file's reader has not made a vocabulary of it. */
export function parseVocabulary(value: unknown, path: string): Vocabulary {
  if (value instanceof Vocabulary) return value;
  const entries = Object.entries(parseObject(value, path));
  for (const [token, id] of entries) {
    parseInteger(id, `${path}[${JSON.stringify(token)}]`, { min: 0, max: MAX_ID });
  }
  return Vocabulary.from(entries as [string, number][]); // every id was checked
}
