import { type CodePointSet, decodeCodePoints, eachCodePoint, membership } from "./code-points.ts";
import { CONSONANTS, CONTROLS, EXTENDS, LINKERS, PICTURES, PREPENDS } from "./grapheme-tables.ts";

interface Tables {
  readonly controls: CodePointSet;
  readonly extends: CodePointSet;
  readonly prepends: CodePointSet;
  readonly pictures: CodePointSet;
  readonly consonants: CodePointSet;
  readonly linkers: CodePointSet;
}

let tables: Tables | undefined;

function readTables(): Tables {
  const read = (coded: string) => membership(decodeCodePoints(coded));
  return {
    controls: read(CONTROLS),
    extends: read(EXTENDS),
    prepends: read(PREPENDS),
    pictures: read(PICTURES),
    consonants: read(CONSONANTS),
    linkers: read(LINKERS),
  };
}

/** Characters that join what stands before them. */
export function marks(): Iterable<number> {
  return [JOINER, ...eachCodePoint(decodeCodePoints(EXTENDS))];
}

/** Characters that join what stands behind them, if it is no control. */
export function prepends(): Iterable<number> {
  return eachCodePoint(decodeCodePoints(PREPENDS));
}

/** Nothing under U+0300 joins its neighbours but CR with LF. */
function isSimple(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 13 || unit >= 0x300) return false;
  }
  return true;
}

/**
 * Extended grapheme clusters, as far as the reference's Precompiled can tell them apart (it looks up those under
 * six bytes). Source: Unicode Standard Annex 29, with the reference's tables.
 */
export function graphemes(text: string): string[] {
  if (isSimple(text)) return text.split("");
  tables ??= readTables();
  const clusters: string[] = [];
  const state: State = { before: -1, isAfterJoiner: false, picture: false, conjunct: 0, flags: 0 };
  let start = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) as number; // inside the text
    if (at > start && isBoundary(codePoint, state, tables)) {
      clusters.push(text.slice(start, at));
      start = at;
    }
    advance(codePoint, state, tables);
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (start < text.length) clusters.push(text.slice(start));
  return clusters;
}

interface State {
  /** The code point before, −1 at the start. */
  before: number;
  /** The one before is U+200D. */
  isAfterJoiner: boolean;
  /** A picture, marks perhaps, and nothing else. */
  picture: boolean;
  /** 1 after a consonant and its marks, 2 when one of these is a linker. */
  conjunct: 0 | 1 | 2;
  /** Regional indicators before, without a break. */
  flags: number;
}

const JOINER = 0x200d;

function isBoundary(codePoint: number, state: State, sets: Tables): boolean {
  const { before } = state;
  if (before === 13 && codePoint === 10) return false;
  if (isControl(before, sets) || isControl(codePoint, sets)) return true;
  if (sets.extends.has(codePoint) || codePoint === JOINER) return false;
  if (sets.prepends.has(before) || joinsHangul(before, codePoint)) return false;
  if (state.conjunct === 2 && sets.consonants.has(codePoint)) return false;
  if (state.picture && state.isAfterJoiner && sets.pictures.has(codePoint)) return false;
  return !(isFlag(codePoint) && state.flags % 2 === 1);
}

function advance(codePoint: number, state: State, sets: Tables): void {
  const isMark = sets.extends.has(codePoint) || codePoint === JOINER;
  state.before = codePoint;
  state.isAfterJoiner = codePoint === JOINER;
  state.flags = isFlag(codePoint) ? state.flags + 1 : 0;
  if (!isMark) {
    state.picture = sets.pictures.has(codePoint);
    state.conjunct = sets.consonants.has(codePoint) ? 1 : 0;
    return;
  }
  if (state.conjunct > 0 && sets.linkers.has(codePoint)) state.conjunct = 2;
}

function isControl(codePoint: number, { controls }: Tables): boolean {
  return codePoint === 10 || codePoint === 13 || controls.has(codePoint);
}

function isFlag(codePoint: number): boolean {
  return codePoint >= 0x1f1e6 && codePoint <= 0x1f1ff;
}

type Jamo = "L" | "V" | "T" | "LV" | "LVT" | undefined;

function joinsHangul(before: number, codePoint: number): boolean {
  const first = jamo(before);
  if (!first) return false;
  const second = jamo(codePoint);
  if (first === "L") return second !== undefined && second !== "T";
  if (first === "LV" || first === "V") return second === "V" || second === "T";
  return second === "T";
}

function jamo(code: number): Jamo {
  if (code < 0x1100 || code > 0xd7ff) return undefined;
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28 === 0 ? "LV" : "LVT";
  if (code <= 0x115f || (code >= 0xa960 && code <= 0xa97c)) return "L";
  if (code <= 0x11a7 || (code >= 0xd7b0 && code <= 0xd7c6)) return "V";
  return code <= 0x11ff || (code >= 0xd7cb && code <= 0xd7fb) ? "T" : undefined;
}
