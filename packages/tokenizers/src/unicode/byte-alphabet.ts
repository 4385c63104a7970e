import { type AlignedText, TextBuilder } from "../aligned-text.ts";

/** Byte → the printable character that stands for it. Source: GPT-2's `bytes_to_unicode`. */
export const BYTE_CHARACTERS: readonly string[] = createByteCharacters();

function createByteCharacters(): string[] {
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(isPrintable ? byte : 256 + others++);
  });
}

const encoder = new TextEncoder();

/** Each byte of the text's UTF-8 as the character that stands for it. */
export function toByteCharacters(source: AlignedText): AlignedText {
  const builder = new TextBuilder(source);
  let at = 0;
  for (const character of source.text) {
    let bytes = "";
    for (const byte of encoder.encode(character)) bytes += BYTE_CHARACTERS[byte];
    builder.write(bytes, at);
    at += character.length;
  }
  return builder.build();
}
