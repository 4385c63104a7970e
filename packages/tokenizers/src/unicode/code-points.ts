/**
 * Sets of code points as sorted boundaries: [b0, b1), [b2, b3), … Patterns put their character classes together
 * with these; {@link membership} makes the table that is asked while matching.
 */
export type CodePoints = readonly number[];

/** A fixed set of code points. */
export interface CodePointSet {
  has(codePoint: number): boolean;
}

const END = 0x110000;

export const EVERY_CODE_POINT: CodePoints = [0, END];

export function union(a: CodePoints, b: CodePoints): CodePoints {
  return combine(a, b, (inA, inB) => inA || inB);
}

export function unionAll(sets: readonly CodePoints[]): CodePoints {
  // Pairwise, so that many small sets do not cost the square of their number.
  if (sets.length <= 1) return sets[0] ?? [];
  const half = sets.length >> 1;
  return union(unionAll(sets.slice(0, half)), unionAll(sets.slice(half)));
}

export function intersection(a: CodePoints, b: CodePoints): CodePoints {
  return combine(a, b, (inA, inB) => inA && inB);
}

export function complement(set: CodePoints): CodePoints {
  return combine(EVERY_CODE_POINT, set, (inAll, inSet) => inAll && !inSet);
}

function combine(
  a: CodePoints,
  b: CodePoints,
  keeps: (inA: boolean, inB: boolean) => boolean,
): CodePoints {
  const result: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const at = Math.min(a[i] ?? END, b[j] ?? END);
    if (a[i] === at) i++;
    if (b[j] === at) j++;
    const isIn = keeps((i & 1) === 1, (j & 1) === 1);
    if (isIn !== ((result.length & 1) === 1)) result.push(at);
  }
  return result;
}

/** Boundaries of `gap,length` runs in base 36, the gap counted from the end before; a length of 1 is left out. */
export function decodeCodePoints(coded: string): CodePoints {
  const boundaries: number[] = [];
  let end = 0;
  if (coded === "") return boundaries;
  for (const part of coded.split(" ")) {
    const [gap, length = "1"] = part.split(",");
    const first = end + Number.parseInt(gap, 36);
    end = first + Number.parseInt(length, 36);
    boundaries.push(first, end);
  }
  return boundaries;
}

/** Every member of `set`, in order. */
export function* eachCodePoint(set: CodePoints): Generator<number> {
  for (let i = 0; i < set.length; i += 2) {
    for (let code = set[i]; code < set[i + 1]; code++) yield code;
  }
}

/** A page is 256 code points: eight words of bits. Page 0 is empty, page 1 full; others exist once each. */
export function membership(set: CodePoints): CodePointSet {
  const pageOf = new Uint16Array(END >> 8);
  const partial = new Map<number, Uint32Array>();
  for (let i = 0; i < set.length; i += 2) addRange(set[i], set[i + 1], { pageOf, partial });
  const bits = new Uint32Array((2 + partial.size) * 8);
  bits.fill(0xffff_ffff, 8, 16);
  let next = 2;
  for (const [page, words] of partial) {
    bits.set(words, next * 8);
    pageOf[page] = next++;
  }
  return {
    has: (codePoint) =>
      ((bits[(pageOf[codePoint >>> 8] << 3) | ((codePoint >>> 5) & 7)] >>> (codePoint & 31)) &
        1) ===
      1,
  };
}

function addRange(
  first: number,
  end: number,
  { pageOf, partial }: { readonly pageOf: Uint16Array; readonly partial: Map<number, Uint32Array> },
): void {
  for (let code = first; code < end; ) {
    const page = code >>> 8;
    const stop = Math.min(end, (page + 1) << 8);
    if (stop - code === 256) pageOf[page] = 1;
    else {
      const words = partial.get(page) ?? new Uint32Array(8);
      for (let each = code; each < stop; each++) words[(each >>> 5) & 7] |= 1 << (each & 31);
      partial.set(page, words);
    }
    code = stop;
  }
}
