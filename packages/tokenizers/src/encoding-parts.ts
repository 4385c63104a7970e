import { convertOffsets, type OffsetUnit } from "./offset-units.ts";
import type { Window } from "./truncation.ts";

/** What the model made of one sequence, before special tokens. */
export interface SequenceTokens {
  readonly ids: Int32Array;
  /**
   * Everything but the ids; worked out only when somebody asks.
   *
   * @param rowStart the token that is the first of its row, whose white space may be trimmed otherwise. Default 0.
   */
  details(rowStart?: number): TokenDetails;
}

/** One entry a token. */
export interface TokenDetails {
  readonly tokens: readonly string[];
  /** UTF-16 units of the original text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Number of the word (for pre-tokenized input: of the item). */
  readonly words: Int32Array;
}

/** A stretch of an encoding. */
export type EncodingPart = SequencePart | FillerPart;

export interface SequencePart {
  readonly type: "sequence";
  /** 0, or 1 for the second of a pair. */
  readonly sequence: number;
  readonly tokens: SequenceTokens;
  /** What the tokens were made of. */
  readonly input: string | readonly string[];
  /** Which of the tokens are in the encoding. */
  readonly window: Window;
  /** Where the window of the row began that the part comes from. */
  readonly rowStart: number;
  readonly typeId: number;
  readonly shift?: OffsetShift | undefined;
}

/** `count` times the same token, which is not in the text. */
export interface FillerPart {
  readonly type: "special" | "padding";
  readonly id: number;
  readonly token: string;
  readonly typeId: number;
  readonly count: number;
  readonly shift?: OffsetShift | undefined;
}

/** How far offsets are moved, in a unit: in merged encodings whose offsets grow. */
export type OffsetShift = (unit: OffsetUnit) => number;

export function partLength(part: EncodingPart): number {
  return part.type === "sequence" ? part.window.end - part.window.start : part.count;
}

/** The parts of tokens [start, end). */
export function cutParts(parts: readonly EncodingPart[], { start, end }: Window): EncodingPart[] {
  const result: EncodingPart[] = [];
  let at = 0;
  for (const part of parts) {
    const length = partLength(part);
    const from = Math.max(0, start - at);
    const to = Math.min(length, end - at);
    at += length;
    if (from >= to) continue;
    if (part.type === "sequence") {
      const origin = part.window.start;
      result.push({ ...part, window: { start: origin + from, end: origin + to } });
    } else {
      result.push({ ...part, count: to - from });
    }
  }
  return result;
}

/** Moves the offsets of `parts`, on top of where they were moved before. */
export function shiftParts(parts: readonly EncodingPart[], by: OffsetShift): EncodingPart[] {
  return parts.map((part) => {
    const before = part.shift;
    return { ...part, shift: before ? (unit) => before(unit) + by(unit) : by };
  });
}

/** Offsets of all parts. */
export interface OffsetColumns {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export function offsetColumns(
  parts: readonly EncodingPart[],
  length: number,
  unit: OffsetUnit,
): OffsetColumns {
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    const next = at + partLength(part);
    if (part.type === "sequence") {
      const { start, end } = part.window;
      const offsets = convertOffsets(part.tokens.details(part.rowStart), part.input, unit);
      starts.set(offsets.starts.subarray(start, end), at);
      ends.set(offsets.ends.subarray(start, end), at);
    }
    if (part.shift) {
      const shift = part.shift(unit);
      for (let i = at; i < next; i++) {
        starts[i] += shift;
        ends[i] += shift;
      }
    }
    at = next;
  }
  return { starts, ends };
}

/** Number of each token's word; −1 for what is not in the text. */
export function wordColumn(parts: readonly EncodingPart[], length: number): Int32Array {
  const words = new Int32Array(length).fill(-1);
  let at = 0;
  for (const part of parts) {
    if (part.type === "sequence") {
      words.set(part.tokens.details().words.subarray(part.window.start, part.window.end), at);
    }
    at += partLength(part);
  }
  return words;
}

export function tokenColumn(parts: readonly EncodingPart[]): readonly string[] {
  const column: string[] = [];
  for (const part of parts) {
    if (part.type !== "sequence") {
      for (let i = 0; i < part.count; i++) column.push(part.token);
      continue;
    }
    const { tokens } = part.tokens.details();
    const { start, end } = part.window;
    for (let i = start; i < end; i++) column.push(tokens[i]);
  }
  return column;
}

/** One number for all tokens of a part. */
export function partColumn(
  parts: readonly EncodingPart[],
  length: number,
  value: (part: EncodingPart) => number,
): Int32Array {
  const column = new Int32Array(length);
  let at = 0;
  for (const part of parts) {
    const end = at + partLength(part);
    column.fill(value(part), at, end);
    at = end;
  }
  return column;
}
