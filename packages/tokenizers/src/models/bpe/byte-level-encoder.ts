import { BYTE_CHARACTERS } from "../../unicode/byte-alphabet.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { type BpeDefinition, createBpe } from "./bpe.ts";
import {
  type ByteSymbols,
  canMergeIds,
  canScan,
  mergeBytes,
  mergeSymbols,
} from "./merge-symbols.ts";

/** The ids of a chunk of text. */
export type ChunkEncoder = (chunk: string) => Int32Array;

/**
 * Ids of raw text where the vocabulary has its UTF-8 in the byte alphabet: those that the model gives after a
 * ByteLevel step. A lone surrogate counts as U+FFFD.
 */
export function createByteLevelEncoder(definition: BpeDefinition): ChunkEncoder {
  const { encodeIds } = createBpe(definition);
  const { vocabulary, merges, ignoreMerges } = definition;
  const bytesFrom = createByteSymbols(definition);
  const encodeBytes = (bytes: Uint8Array, length: number): Int32Array => {
    const whole = ignoreMerges ? idOfWhole(bytes, length, vocabulary) : -1;
    if (whole >= 0) return Int32Array.of(whole);
    if (!bytesFrom) return encodeIds(spell(bytes.subarray(0, length)));
    if (canScan(length, merges)) return mergeBytes(bytes, length, bytesFrom);
    const symbols = new Int32Array(length);
    for (let i = 0; i < length; i++) symbols[i] = bytesFrom.ids[bytes[i]];
    return symbols.slice(0, mergeSymbols(symbols, length, merges));
  };
  return (chunk) => {
    if (chunk === "") return new Int32Array(0);
    if (chunk.length <= MAX_SHORT / 3) return encodeBytes(utf8, writeUtf8(chunk));
    const bytes = encoder.encode(chunk);
    return encodeBytes(bytes, bytes.length);
  };
}

/** `undefined` where only the model knows what to do: ids alone do not decide, or a byte has no token. */
function createByteSymbols(definition: BpeDefinition): ByteSymbols | undefined {
  const { vocabulary, merges, endOfWordSuffix } = definition;
  if (!canMergeIds(definition) || endOfWordSuffix !== "") return undefined;
  const ids = Int32Array.from(BYTE_CHARACTERS, (character) => vocabulary.id(character) ?? -1);
  if (ids.includes(-1)) return undefined;
  const ranks = new Int32Array(256 * 256);
  for (let i = 0; i < ranks.length; i++) ranks[i] = merges.table.rank(ids[i >> 8], ids[i & 0xff]);
  return { merges, ids, ranks };
}

/** Bytes of a chunk that the arrays below have room for. */
const MAX_SHORT = 192;
const utf8 = new Uint8Array(MAX_SHORT);
const spelled = new Uint8Array(2 * MAX_SHORT);
const encoder = new TextEncoder();

/** Short chunks: twice as fast as a call of the encoder. */
function writeUtf8(chunk: string): number {
  let end = 0;
  for (let i = 0; i < chunk.length; i++) {
    const unit = chunk.charCodeAt(i);
    if (unit < 0x80) {
      utf8[end++] = unit;
    } else if (unit < 0x800) {
      utf8[end++] = 0xc0 | (unit >> 6);
      utf8[end++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      utf8[end++] = 0xe0 | (unit >> 12);
      utf8[end++] = 0x80 | ((unit >> 6) & 0x3f);
      utf8[end++] = 0x80 | (unit & 0x3f);
    } else return encoder.encodeInto(chunk, utf8).written; // surrogates
  }
  return end;
}

function spell(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += BYTE_CHARACTERS[byte];
  return text;
}

/** The token that all bytes are; −1 for none. */
function idOfWhole(bytes: Uint8Array, length: number, vocabulary: Vocabulary): number {
  if (length > MAX_SHORT) return vocabulary.id(spell(bytes.subarray(0, length))) ?? -1;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const code = BYTE_CODES[bytes[i]];
    if (code < 0x80) {
      spelled[at++] = code;
      continue;
    }
    spelled[at++] = 0xc0 | (code >> 6);
    spelled[at++] = 0x80 | (code & 0x3f);
  }
  return vocabulary.idOfBytes(spelled, 0, at);
}

/** Code points of the byte alphabet: all below U+0800, so two bytes at the most. */
const BYTE_CODES = Uint16Array.from(BYTE_CHARACTERS, (character) => character.charCodeAt(0));
