import { type CodePointSet, decodeCodePoints, eachCodePoint, membership } from "./code-points.ts";
import { NUMERIC } from "./pattern-tables.ts";
import {
  BERT_CONTROL,
  CANONICAL,
  COMBINING_CLASSES,
  COMBINING_MARK,
  COMPATIBILITY,
  LETTER,
  NONSPACING_MARK,
  NUMBER,
  PUNCTUATION,
  WORD,
} from "./tables.ts";

export const bertControl: CodePointSet = codePointSet(BERT_CONTROL);
export const nonspacingMarks: CodePointSet = codePointSet(NONSPACING_MARK);
export const combiningMarks: CodePointSet = codePointSet(COMBINING_MARK);
export const punctuation: CodePointSet = codePointSet(PUNCTUATION);
export const wordCharacters: CodePointSet = codePointSet(WORD);
export const letters: CodePointSet = codePointSet(LETTER);
export const numbers: CodePointSet = codePointSet(NUMBER);
/** What Digits takes for digits: general category N. */
export const numerics: CodePointSet = codePointSet(NUMERIC);
export const canonicallyDecomposable: CodePointSet = codePointSet(CANONICAL);
export const compatiblyDecomposable: CodePointSet = codePointSet(COMPATIBILITY);

/** Unicode's White_Space: unlike the engine's `\s` it has U+0085 and lacks U+FEFF. */
export function isWhitespace(codePoint: number): boolean {
  if (codePoint < 0x80) return codePoint === 0x20 || (codePoint >= 9 && codePoint <= 13);
  if (codePoint < 0x1680) return codePoint === 0x85 || codePoint === 0xa0;
  if (codePoint >= 0x2000 && codePoint <= 0x200a) return true;
  return OTHER_SPACES.has(codePoint);
}

const OTHER_SPACES: ReadonlySet<number> = new Set([0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

/** The ideographs that BERT puts spaces around; the gap before U+2B920 is the reference's own. */
export function isBertIdeograph(codePoint: number): boolean {
  return IDEOGRAPHS.some(([first, last]) => codePoint >= first && codePoint <= last);
}

const IDEOGRAPHS: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fff],
  [0x3400, 0x4dbf],
  [0x20000, 0x2a6df],
  [0x2a700, 0x2b81f],
  [0x2b920, 0x2ceaf],
  [0xf900, 0xfaff],
  [0x2f800, 0x2fa1f],
];

let combiningClasses: Map<number, number> | undefined;

/** Canonical combining class; 0 for every character that the reference does not reorder. */
export function combiningClass(codePoint: number): number {
  combiningClasses ??= readCombiningClasses();
  return combiningClasses.get(codePoint) ?? 0;
}

function readCombiningClasses(): Map<number, number> {
  const classes = new Map<number, number>();
  for (const [value, coded] of Object.entries(COMBINING_CLASSES)) {
    for (const code of eachCodePoint(decodeCodePoints(coded))) classes.set(code, Number(value));
  }
  return classes;
}

/** The table is made on first use. */
function codePointSet(coded: string): CodePointSet {
  let table: CodePointSet | undefined;
  return {
    has(codePoint) {
      table ??= membership(decodeCodePoints(coded));
      return table.has(codePoint);
    },
  };
}
