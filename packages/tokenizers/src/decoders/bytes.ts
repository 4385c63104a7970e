import { BYTE_CHARACTERS } from "../unicode/byte-alphabet.ts";

/** The byte of each character of the byte alphabet; −1 for the others below its end. */
const BYTES = createByteTable();

function createByteTable(): Int16Array {
  const table = new Int16Array(0x144).fill(-1);
  for (const [byte, character] of BYTE_CHARACTERS.entries()) table[character.charCodeAt(0)] = byte;
  return table;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Tokens in the byte alphabet to text. Bytes that are no UTF-8 become U+FFFD. */
export function decodeBytes(tokens: readonly string[]): string {
  const bytes = tokens.flatMap((token) => [...byteLevelBytes(token)]);
  return decoder.decode(Uint8Array.from(bytes));
}

/** The bytes that a token is written for; one that is not written in bytes (an added one) stands for itself. */
export function byteLevelBytes(token: string): Uint8Array {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES[token.charCodeAt(i)] ?? -1;
    if (byte < 0) return encoder.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}

/** `<0x61>` to "a". A run of such tokens that is no UTF-8 becomes one U+FFFD for each. */
export function decodeFallback(tokens: readonly string[]): readonly string[] {
  const result: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) result.push(...decodeRun(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = fallbackByte(token);
    if (byte >= 0) {
      bytes.push(byte);
      continue;
    }
    flush();
    result.push(token);
  }
  flush();
  return result;
}

/** The byte that a token such as `<0x61>` stands for; −1 for other tokens. */
export function fallbackByte(token: string): number {
  const digits = token.length === 6 ? BYTE_TOKEN.exec(token)?.[1] : undefined;
  return digits === undefined ? -1 : Number.parseInt(digits, 16);
}

/** A sign counts as a digit's place, as the reference reads numbers. */
const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/;

function decodeRun(bytes: readonly number[]): readonly string[] {
  try {
    return [strictDecoder.decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => "\ufffd");
  }
}
