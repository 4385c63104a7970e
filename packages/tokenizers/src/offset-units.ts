/** What offsets count: units of JavaScript strings, characters as Python counts them, or bytes of UTF-8. */
export type OffsetUnit = "utf16" | "codePoints" | "bytes";

/** Offsets of tokens, in UTF-16 units; `words` tells the item when the input is a list. */
export interface TokenOffsets {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly words: Int32Array;
}

/** The same offsets in another unit of the same input. */
export function convertOffsets(
  offsets: TokenOffsets,
  input: string | readonly string[],
  unit: OffsetUnit,
): TokenOffsets {
  if (unit === "utf16") return offsets;
  const { words } = offsets;
  if (typeof input === "string") {
    const positions = positionsIn(input, unit);
    if (!positions) return offsets;
    const convert = (units: Int32Array) => units.map((at) => positions[at]);
    return { starts: convert(offsets.starts), ends: convert(offsets.ends), words };
  }
  const items = new Map<number, Int32Array | undefined>();
  const convert = (units: Int32Array) =>
    units.map((at, i) => {
      const item = words[i];
      if (!items.has(item)) items.set(item, positionsIn(input[item], unit));
      return items.get(item)?.[at] ?? at;
    });
  return { starts: convert(offsets.starts), ends: convert(offsets.ends), words };
}

/** For each UTF-16 position of `text`, and its end, the position in `unit`; `undefined` when they are the same. */
function positionsIn(text: string, unit: "codePoints" | "bytes"): Int32Array | undefined {
  if (!(unit === "bytes" ? BEYOND_ASCII : SURROGATE).test(text)) return undefined;
  const positions = new Int32Array(text.length + 1);
  let position = 0;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i) as number; // i is inside the text
    const width = codePoint > 0xffff ? 2 : 1;
    positions.fill(position, i, i + width);
    position += unit === "bytes" ? byteLength(codePoint) : 1;
    i += width;
  }
  positions[text.length] = position;
  return positions;
}

const BEYOND_ASCII = /[^\0-\x7f]/;
const SURROGATE = /[\ud800-\udfff]/;

/** A lone surrogate counts as the U+FFFD that stands for it, which is as long. */
function byteLength(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint > 0xffff ? 4 : 3;
}
