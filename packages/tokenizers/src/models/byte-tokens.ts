import type { Vocabulary } from "./vocabulary.ts";

const encoder = new TextEncoder();

/** Ids of the tokens `<0x00>` to `<0xFF>`; −1 where the vocabulary lacks one. */
export function byteTokens(vocabulary: Vocabulary): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const digits = byte.toString(16).toUpperCase().padStart(2, "0");
    return vocabulary.id(`<0x${digits}>`) ?? -1;
  });
}

/** The ids of `text` byte by byte; `undefined` when one of them has no token. */
export function spellBytes(text: string, tokens: Int32Array): number[] | undefined {
  const ids = Array.from(encoder.encode(text), (byte) => tokens[byte]);
  return ids.includes(-1) ? undefined : ids;
}

/** Bytes of UTF-8 that the character needs. */
export function byteLength(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** For each byte of the text's UTF-8, and for its end: where its character begins, in units. */
export function unitsOfBytes(text: string): Int32Array {
  const units: number[] = [];
  let at = 0;
  for (const character of text) {
    const bytes = byteLength(character.codePointAt(0) as number); // one character
    for (let i = 0; i < bytes; i++) units.push(at);
    at += character.length;
  }
  units.push(at);
  return Int32Array.from(units);
}
