import { BYTE_CHARACTERS } from "../unicode/byte-alphabet.ts";

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Tokens in the byte alphabet to text. Bytes that are no UTF-8 become U+FFFD. */
export function decodeBytes(tokens: readonly string[]): string {
  const bytes: number[] = [];
  for (const token of tokens) {
    const ofToken = Array.from(token, (character) => BYTE_OF_CHARACTER.get(character));
    // A token that is not written in bytes (an added one) stands for itself.
    const isBytes = ofToken.every((byte) => byte !== undefined);
    for (const byte of isBytes ? ofToken : encoder.encode(token)) bytes.push(byte ?? 0);
  }
  return decoder.decode(Uint8Array.from(bytes));
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
    const digits = BYTE_TOKEN.exec(token)?.[1];
    if (digits !== undefined) {
      bytes.push(Number.parseInt(digits, 16));
      continue;
    }
    flush();
    result.push(token);
  }
  flush();
  return result;
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
