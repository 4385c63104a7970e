// Text put together from the bytes of tokens. What the loops touch are constants of this module that nothing else
// can see: read from objects, or exported, they would be several times slower on V8. So one window and one table of
// tokens serve all tokenizers; tags tell whose an entry is. It knows nothing of tokens but their numbers.

/** Bytes that a token stands for, and when. */
export interface TokenPiece {
  readonly kind: (typeof PIECE_KINDS)[keyof typeof PIECE_KINDS];
  readonly bytes: Uint8Array;
}

export const PIECE_KINDS = {
  text: 0,
  /** Text that can be left out. */
  special: 1,
  /** One byte, which counts if its neighbours of this kind make UTF-8 with it. */
  byte: 2,
  /** No token has this id. */
  absent: 3,
} as const;

const SPECIAL = PIECE_KINDS.special;
const BYTE = PIECE_KINDS.byte;
const ABSENT = PIECE_KINDS.absent;

/** Ids that are decoded at a time. */
export const ID_WINDOW = 0x2000;
/** Longer pieces are not kept. */
export const MAX_PIECE = 0x1000;
/** More tags there are not. */
export const MAX_TAG: number = 2 ** 19 - 1;

/** The text is taken out when so many bytes are in the window, which has room for the worst that can follow. */
const FULL = 0x4000;
const WINDOW = 4 * FULL + MAX_PIECE + 16;

const idWindow = new Int32Array(ID_WINDOW);
const bytes = new Uint8Array(WINDOW);
const view = new DataView(bytes.buffer);

// Of each entry: id; tag, kind and length; up to eight bytes, or where they are and how many.
const ENTRIES = 0x2_0000;
const table = new Int32Array(4 * ENTRIES);
const LONG = 9;
const pool = new Uint8Array(0x10_0000);
let poolEnd = 0;

/** Where the next byte goes. */
let end = 0;
/** Where a run of single bytes began; −1 when none is open. */
let runStart = -1;
/** All bytes so far together: bit 7 of one of them says that the text is not ASCII. */
let bits = 0;

/** Makes the window empty. */
export function beginText(): void {
  end = 0;
  runStart = -1;
  bits = 0;
}

/** Takes ids over; what fits no id becomes one that no token has. */
export function loadIds(ids: ArrayLike<number>, from: number, to: number): void {
  if (ids instanceof Int32Array && to - from > 64) {
    idWindow.set(ids.subarray(from, to));
    return;
  }
  for (let i = from; i < to; i++) {
    const id = ids[i];
    idWindow[i - from] = id;
    if (idWindow[i - from] !== id) idWindow[i - from] = -1;
  }
}

/** The id at a place of the window. */
export function loadedId(index: number): number {
  return idWindow[index];
}

/**
 * Writes the bytes of ids [from, to) of the window. Ends before the first one whose piece is not there, or when
 * the text must be taken out; gives where.
 */
export function writeIds(from: number, to: number, { tag, skipsSpecial }: WriteOptions): number {
  const owner = tag << 12;
  const salt = saltOf(tag);
  let all = bits;
  let at = end;
  let i = from;
  for (; i < to && at < FULL; i++) {
    const id = idWindow[i];
    const slot = ((id ^ salt) & (ENTRIES - 1)) << 2;
    // Below 4096 only when the entry is the owner's; then kind and length are left.
    const meta = (table[slot + 1] ^ owner) >>> 0;
    if (table[slot] !== id || meta >= 0x1000) break;
    if (meta >= LONG || runStart >= 0) {
      end = at;
      writeRare(slot, skipsSpecial);
      at = end;
      continue;
    }
    const low = table[slot + 2];
    const high = table[slot + 3];
    view.setInt32(at, low, true);
    view.setInt32(at + 4, high, true);
    all |= low | high;
    at += meta;
  }
  end = at;
  bits |= all;
  return i;
}

/** Any piece: also a long one, a single byte, one that is left out, and one that ends a run of single bytes. */
function writeRare(slot: number, skipsSpecial: boolean): void {
  const kind = (table[slot + 1] >> 8) & 0xf;
  if (kind === ABSENT || (kind === SPECIAL && skipsSpecial)) return;
  beginPiece(kind);
  const length = table[slot + 1] & 0xff;
  if (length < LONG) {
    view.setInt32(end, table[slot + 2], true);
    view.setInt32(end + 4, table[slot + 3], true);
    bits |= table[slot + 2] | table[slot + 3];
    end += length;
    return;
  }
  const start = table[slot + 2];
  const stop = start + table[slot + 3];
  for (let i = start; i < stop; i++) {
    bytes[end++] = pool[i];
    bits |= pool[i];
  }
}

function beginPiece(kind: number): void {
  if (kind !== BYTE) closeRun();
  else if (runStart < 0) runStart = end;
}

/** Whether the id at a place of the window is a token that is shown; −1 when its piece is not there. */
export function isShown(index: number, { tag, skipsSpecial }: WriteOptions): boolean | -1 {
  const id = idWindow[index];
  const slot = ((id ^ saltOf(tag)) & (ENTRIES - 1)) << 2;
  const meta = (table[slot + 1] ^ (tag << 12)) >>> 0;
  if (table[slot] !== id || meta >= 0x1000) return -1;
  const kind = meta >> 8;
  return kind !== ABSENT && (kind !== SPECIAL || !skipsSpecial);
}

export interface WriteOptions {
  readonly tag: number;
  readonly skipsSpecial: boolean;
}

/** Keeps the piece of an id. */
export function keepPiece(tag: number, id: number, piece: TokenPiece): void {
  const slot = ((id ^ saltOf(tag)) & (ENTRIES - 1)) << 2;
  const { length } = piece.bytes;
  const owner = (tag << 12) | (piece.kind << 8);
  let low = 0;
  let high = 0;
  if (length < LONG) {
    for (let i = 0; i < length; i++) {
      if (i < 4) low |= piece.bytes[i] << (8 * i);
      else high |= piece.bytes[i] << (8 * (i - 4));
    }
  } else {
    if (poolEnd + length > pool.length) forgetPieces();
    pool.set(piece.bytes, poolEnd);
    low = poolEnd;
    high = length;
    poolEnd += length;
  }
  table[slot] = id;
  table[slot + 1] = owner | Math.min(length, LONG);
  table[slot + 2] = low;
  table[slot + 3] = high;
}

/** Tokenizers that are used by turns should not push each other's common tokens out. */
function saltOf(tag: number): number {
  return Math.imul(tag, 0x3779);
}

function forgetPieces(): void {
  table.fill(0);
  poolEnd = 0;
}

/** Whether text must be taken out before more is written. */
export function isWindowFull(): boolean {
  return end >= FULL;
}

/**
 * The text of what was written, up to the last character that is certain to be whole; that and what follows stays.
 * `undefined` when nothing is: single bytes in a row that fill the window.
 */
export function takeText(): string | undefined {
  const cut = runStart >= 0 ? runStart : lastStart();
  if (cut === 0) return undefined;
  const text = textOf(cut);
  bytes.copyWithin(0, cut, end);
  end -= cut;
  if (runStart >= 0) runStart -= cut;
  bits = end > 0 ? 0x80 : 0;
  return text;
}

/** The text of all that is left. */
export function endText(): string {
  closeRun();
  return textOf(end);
}

/** Where the last character begins that more bytes could change. */
function lastStart(): number {
  for (let i = end - 1; i > 0 && i > end - 5; i--) if ((bytes[i] & 0xc0) !== 0x80) return i;
  return end;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const unitDecoder = new TextDecoder("utf-16le", { ignoreBOM: true });
const units = new Uint16Array(WINDOW);
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function textOf(length: number): string {
  const isAscii = (bits & 0x8080_8080) === 0;
  if (isAscii && length <= SPELLED) return spell(length);
  // V8 reads UTF-8 at 3.4 ns a byte once it is not ASCII, a third of what this and UTF-16 take.
  const count = isAscii || !isLittleEndian ? -1 : toUnits(length);
  if (count >= 0) return unitDecoder.decode(units.subarray(0, count));
  return decoder.decode(bytes.subarray(0, length));
}

/** Shorter ASCII is put together faster than a decoder is called. */
const SPELLED = 16;

function spell(length: number): string {
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** The first bytes as UTF-16; −1 when they are no UTF-8. */
function toUnits(length: number): number {
  let at = 0;
  let count = 0;
  while (at < length) {
    const lead = bytes[at];
    if (lead < 0x80) {
      units[count++] = lead;
      at++;
      continue;
    }
    const codePoint = characterAt(at);
    if (codePoint < 0) return -1;
    at += widthOf(codePoint);
    if (codePoint < 0x1_0000) {
      units[count++] = codePoint;
      continue;
    }
    units[count++] = 0xd7c0 + (codePoint >> 10);
    units[count++] = 0xdc00 | (codePoint & 0x3ff);
  }
  // The last character may have ended behind the text.
  return at === length ? count : -1;
}

/** The character beyond ASCII that begins at `at`; −1 when none does. */
function characterAt(at: number): number {
  if (bytes[at] < 0xe0) return ofTwo(at);
  return bytes[at] < 0xf0 ? ofThree(at) : ofFour(at);
}

/** Bytes of a character beyond ASCII. */
function widthOf(codePoint: number): number {
  if (codePoint < 0x800) return 2;
  return codePoint < 0x1_0000 ? 3 : 4;
}

function isNext(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function ofTwo(at: number): number {
  const lead = bytes[at];
  if (lead < 0xc2 || !isNext(bytes[at + 1])) return -1;
  return ((lead & 31) << 6) | (bytes[at + 1] & 63);
}

function ofThree(at: number): number {
  const second = bytes[at + 1];
  const third = bytes[at + 2];
  const unit = ((bytes[at] & 15) << 12) | ((second & 63) << 6) | (third & 63);
  const isCharacter = unit >= 0x800 && (unit & 0xf800) !== 0xd800;
  return isCharacter && isNext(second) && isNext(third) ? unit : -1;
}

function ofFour(at: number): number {
  const lead = bytes[at];
  if (lead > 0xf4 || !isNext(bytes[at + 1])) return -1;
  const high = ((lead & 7) << 18) | ((bytes[at + 1] & 63) << 12);
  if (!isNext(bytes[at + 2]) || !isNext(bytes[at + 3])) return -1;
  const codePoint = high | ((bytes[at + 2] & 63) << 6) | (bytes[at + 3] & 63);
  return codePoint >= 0x1_0000 && codePoint <= 0x10_ffff ? codePoint : -1;
}

/** Ends a run of single bytes; when it is no UTF-8, each becomes one U+FFFD. */
function closeRun(): void {
  if (runStart < 0) return;
  const from = runStart;
  const to = end;
  runStart = -1;
  if (isUtf8(from, to)) return;
  end = from;
  for (let i = from; i < to; i++) {
    bytes[end++] = 0xef;
    bytes[end++] = 0xbf;
    bytes[end++] = 0xbd;
  }
  bits |= 0x80;
}

function isUtf8(from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const codePoint = bytes[at] < 0x80 ? 0 : characterAt(at);
    if (codePoint < 0) return false;
    at += codePoint === 0 ? 1 : widthOf(codePoint);
  }
  return at === to;
}
