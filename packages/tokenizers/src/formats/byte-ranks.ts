import { fromBase64 } from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";
import { Merges } from "../models/bpe/merges.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import { BYTE_CHARACTERS } from "../unicode/byte-alphabet.ts";
import { checkWork } from "./derive-merges.ts";

/** Byte strings with ranks: what tiktoken calls a vocabulary. */
export class ByteRanks {
  /** Tokens, spelled in the byte alphabet, in the file's order. */
  readonly ranks: ReadonlyMap<string, number>;
  readonly #path: string;

  /** @throws {TokenizerFormatError} naming a token or rank that stands twice. */
  constructor(entries: Iterable<readonly [token: string, rank: number]>, path: string) {
    const ranks = new Map<string, number>();
    const seen = new Set<number>();
    for (const [token, rank] of entries) {
      if (ranks.has(token)) {
        throw new TokenizerFormatError(`${path} has the token ${JSON.stringify(token)} twice`);
      }
      if (seen.has(rank)) throw new TokenizerFormatError(`${path} has the rank ${rank} twice`);
      ranks.set(token, rank);
      seen.add(rank);
    }
    for (const [byte, character] of BYTE_CHARACTERS.entries()) {
      if (ranks.has(character)) continue;
      throw new TokenizerFormatError(`${path} has no token for the byte ${byte}`);
    }
    this.ranks = ranks;
    this.#path = path;
  }

  get highest(): number {
    let highest = -1;
    for (const rank of this.ranks.values()) if (rank > highest) highest = rank;
    return highest;
  }

  /** Ids are the ranks, moved by `offset`; `own` has tokens with ids of their own. */
  vocabulary(offset = 0, own: Iterable<readonly [token: string, id: number]> = []): Vocabulary {
    const ids = new Map<string, number>();
    for (const [token, rank] of this.ranks) ids.set(token, rank + offset);
    for (const [token, id] of own) ids.set(token, id);
    return Vocabulary.from(ids);
  }

  /**
   * Every cut of a token into two that are tokens as well; the ways to make one token are ordered by the ranks of
   * the parts.
   *
   * Source: transformers 5, `TikTokenConverter`.
   *
   * @param vocabulary of these ranks, moved by `offset`.
   * @throws {TokenizerFormatError} when tokens are longer than any real ones.
   */
  merges(vocabulary: Vocabulary, offset = 0): Merges {
    checkWork(this.ranks.keys(), `The tokens of ${this.#path}`);
    const longest = [...this.ranks.keys()].reduce((most, { length }) => Math.max(most, length), 0);
    // A byte of a token takes one or two in its spelling.
    const token = new Uint8Array(2 * longest);
    const merges: number[] = [];
    for (const rank of [...this.ranks.values()].sort((a, b) => a - b)) {
      const id = rank + offset;
      const cuts = cutsOf(token.subarray(0, vocabulary.copyBytes(id, token, 0)), vocabulary);
      if (cuts.length > 1) cuts.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      for (const [left, right] of cuts) merges.push(left, right, id);
    }
    return new Merges(Int32Array.from(merges));
  }
}

/** Every way to cut a token, given as UTF-8, into two of the vocabulary. */
function cutsOf(token: Uint8Array, vocabulary: Vocabulary): (readonly [number, number])[] {
  const cuts: (readonly [left: number, right: number])[] = [];
  for (let at = 1; at < token.length; at++) {
    if ((token[at] & 0xc0) === 0x80) continue; // inside a character
    const left = vocabulary.idOfBytes(token, 0, at);
    if (left < 0) continue;
    const right = vocabulary.idOfBytes(token, at, token.length);
    if (right >= 0) cuts.push([left, right]);
  }
  return cuts;
}

/** Bytes in base64, as text in the byte alphabet. */
export function spellBase64(text: string, path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(text);
  } catch (cause) {
    throw new TokenizerFormatError(`${path} must be base64`, { cause });
  }
  if (bytes.length === 0) throw new TokenizerFormatError(`${path} is empty`);
  let token = "";
  for (const byte of bytes) token += BYTE_CHARACTERS[byte];
  return token;
}
