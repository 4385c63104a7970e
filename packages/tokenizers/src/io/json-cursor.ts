/**
 * Reads JSON straight from its bytes, no strings made. It accepts nothing that JSON is not, but gives up on what is
 * rare in tokenizer files by throwing {@link UnusualJsonError}: the caller then reads the file in the plain way, which
 * also finds the words for errors.
 */

export class UnusualJsonError extends Error {
  override readonly name = "UnusualJsonError";
}

export class JsonCursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  fail(): never {
    throw new UnusualJsonError(`at byte ${this.at}`);
  }

  /** The next byte that is no white space; `undefined` at the end. */
  peek(): number | undefined {
    const { bytes } = this;
    let { at } = this;
    while (bytes[at] <= SPACE && isSpace(bytes[at])) at++;
    this.at = at;
    return bytes[at];
  }

  /** Passes over `byte`, where it is the very next one. */
  take(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes over white space, and over `byte`, where it is next. */
  skip(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  expect(byte: number): void {
    if (!this.skip(byte)) this.fail();
  }

  /** Between items of a list or an object: whether another one follows; its end is passed over. */
  hasMore(close: number): boolean {
    if (this.skip(COMMA)) return true;
    this.expect(close);
    return false;
  }

  /**
   * Writes the UTF-8 of a string at `to`; gives where it ends, which may be beyond the target. Whether raw bytes are
   * UTF-8 is left to the caller.
   */
  string(target: Uint8Array, to: number): number {
    this.expect(QUOTE);
    const { bytes } = this;
    let { at } = this;
    let end = to;
    for (;;) {
      const byte = bytes[at];
      if (PLAIN[byte] === 1) {
        target[end++] = byte;
        at++;
        continue;
      }
      this.at = at;
      if (byte === BACKSLASH) {
        end = this.#escape(target, end);
        at = this.at;
        continue;
      }
      return this.take(QUOTE) ? end : this.fail();
    }
  }

  /** Digits alone: no sign, no fraction. */
  integer(): number {
    const first = this.peek();
    const { bytes } = this;
    let { at } = this;
    let value = 0;
    for (let digit = bytes[at] - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at] - ZERO) {
      value = value * 10 + digit;
    }
    const length = at - this.at;
    if (length === 0 || length > 10 || (first === ZERO && length > 1)) this.fail();
    this.at = at;
    return value;
  }

  number(): number {
    this.peek();
    const { bytes, at } = this;
    let end = at;
    while (NUMBER_BYTES[bytes[end]] === 1) end++;
    const text = String.fromCharCode(...bytes.subarray(at, Math.min(end, at + MAX_NUMBER)));
    if (end - at > MAX_NUMBER || !NUMBER.test(text)) this.fail();
    this.at = end;
    const value = Number(text);
    return Number.isFinite(value) ? value : this.fail();
  }

  #escape(target: Uint8Array, to: number): number {
    const letter = this.bytes[this.at + 1];
    const value = ESCAPES[letter] ?? 0;
    if (value > 0) {
      this.at += 2;
      target[to] = value;
      return to + 1;
    }
    if (letter !== LETTER_U) this.fail();
    return writeCodePoint(this.#codePoint(), target, to);
  }

  /** `\uXXXX`, or two of them that are a surrogate pair. */
  #codePoint(): number {
    const high = this.#hexUnit();
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff) this.fail();
    const low = this.#hexUnit();
    if (low < 0xdc00 || low > 0xdfff) this.fail();
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }

  #hexUnit(): number {
    const { bytes, at } = this;
    if (bytes[at] !== BACKSLASH || bytes[at + 1] !== LETTER_U) this.fail();
    let unit = 0;
    for (let i = at + 2; i < at + 6; i++) {
      const digit = HEX[bytes[i]] ?? -1;
      if (digit < 0) this.fail();
      unit = unit * 16 + digit;
    }
    this.at = at + 6;
    return unit;
  }
}

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
const ZERO = 0x30;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_LIST = 0x5d;
const LETTER_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function byteTable(values: Readonly<Record<string, number>>, otherwise: number): Int8Array {
  const table = new Int8Array(256).fill(otherwise);
  for (const [character, value] of Object.entries(values)) table[character.charCodeAt(0)] = value;
  return table;
}

/** Bytes that stand for themselves in a string. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

const ESCAPES = byteTable(
  { '"': 0x22, "\\": 0x5c, "/": 0x2f, b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 },
  0,
);

const HEX = byteTable(
  Object.fromEntries(
    [..."0123456789abcdef", ..."ABCDEF"].map((digit) => [digit, parseInt(digit, 16)]),
  ),
  -1,
);

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
const NUMBER_BYTES = byteTable(
  Object.fromEntries([..."0123456789+-.eE"].map((sign) => [sign, 1])),
  0,
);
const MAX_NUMBER = 64;

function writeCodePoint(codePoint: number, target: Uint8Array, to: number): number {
  if (codePoint < 0x80) {
    target[to] = codePoint;
    return to + 1;
  }
  if (codePoint < 0x800) {
    target[to] = 0xc0 | (codePoint >> 6);
    target[to + 1] = 0x80 | (codePoint & 0x3f);
    return to + 2;
  }
  if (codePoint < 0x10000) {
    target[to] = 0xe0 | (codePoint >> 12);
    target[to + 1] = 0x80 | ((codePoint >> 6) & 0x3f);
    target[to + 2] = 0x80 | (codePoint & 0x3f);
    return to + 3;
  }
  target[to] = 0xf0 | (codePoint >> 18);
  target[to + 1] = 0x80 | ((codePoint >> 12) & 0x3f);
  target[to + 2] = 0x80 | ((codePoint >> 6) & 0x3f);
  target[to + 3] = 0x80 | (codePoint & 0x3f);
  return to + 4;
}
