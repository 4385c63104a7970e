import { BYTE_CHARACTERS } from "../../unicode/byte-alphabet.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { type BpeDefinition, createBpe } from "./bpe.ts";
import { canMergeIds, mergeSymbols } from "./merge-symbols.ts";

/** The ids of a chunk of text. */
export type ChunkEncoder = (chunk: string) => Int32Array;

/**
 * Ids of raw text where the vocabulary has its UTF-8 in the byte alphabet: those that the model gives after a
 * ByteLevel step. A lone surrogate counts as U+FFFD.
 */
export function createByteLevelEncoder(definition: BpeDefinition): ChunkEncoder {
  const { encodeIds } = createBpe(definition);
  if (!canMergeIds(definition)) return (chunk) => encodeIds(spell(encoder.encode(chunk)));
  const { vocabulary, merges, ignoreMerges, endOfWordSuffix } = definition;
  const ids = idsOfBytes(vocabulary, "");
  const lastIds = endOfWordSuffix === "" ? ids : idsOfBytes(vocabulary, endOfWordSuffix);
  const encodeBytes = (bytes: Uint8Array, length: number): Int32Array => {
    const whole = ignoreMerges ? idOfWhole(bytes, length, vocabulary) : -1;
    if (whole >= 0) return Int32Array.of(whole);
    const target = length > MAX_SHORT ? new Int32Array(length) : symbols;
    let every = 0; // negative as soon as one id is
    for (let i = 0; i < length - 1; i++) {
      const id = ids[bytes[i]];
      target[i] = id;
      every |= id;
    }
    const last = lastIds[bytes[length - 1]];
    target[length - 1] = last;
    // Where a byte has no token, the model knows what to do.
    if ((every | last) < 0) return encodeIds(spell(bytes.subarray(0, length)));
    return target.slice(0, mergeSymbols(target, length, merges));
  };
  return (chunk) => {
    if (chunk === "") return new Int32Array(0);
    if (chunk.length <= MAX_SHORT / 3) return encodeBytes(utf8, writeUtf8(chunk));
    const bytes = encoder.encode(chunk);
    return encodeBytes(bytes, bytes.length);
  };
}

/** Bytes of a chunk that the arrays below have room for. */
const MAX_SHORT = 192;
const utf8 = new Uint8Array(MAX_SHORT);
const symbols = new Int32Array(MAX_SHORT);
const spelled = new Uint8Array(2 * MAX_SHORT);
const encoder = new TextEncoder();

function writeUtf8(chunk: string): number {
  const { length } = chunk;
  for (let i = 0; i < length; i++) {
    const unit = chunk.charCodeAt(i);
    if (unit > 0x7f) return encoder.encodeInto(chunk, utf8).written;
    utf8[i] = unit;
  }
  return length;
}

/** The token of each byte's character, −1 for none. */
function idsOfBytes(vocabulary: Vocabulary, suffix: string): Int32Array {
  return Int32Array.from(BYTE_CHARACTERS, (character) => vocabulary.id(character + suffix) ?? -1);
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
