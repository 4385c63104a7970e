import { alignText, wellFormed } from "../aligned-text.ts";
import { type Stages, tokensOfPiece } from "../reference-encoder.ts";
import type { TextStep, TextSteps } from "./text-steps.ts";
import type { WordEdges } from "./word-edges.ts";

/** A piece of which only a part is cut into chunks. */
export interface PieceCore {
  /** Ids of what stands before that part, and behind it. */
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** The part: units [from, to). */
  readonly from: number;
  readonly to: number;
  /** Whether it begins in the middle of the text, so that it gets no prefix. */
  readonly isContinued: boolean;
}

interface Encoders {
  readonly stages: Stages;
  /** The text steps, over a string. */
  rewrite(text: string): string;
  /** Ids of the end of a piece, from a cut on. */
  encodeEnd(end: string): Int32Array;
}

/**
 * What becomes of the ends of a piece shows only where they are clear: where the first and the last character, but
 * for spaces that are stripped, are text. Other ends, up to a cut, go through the stages.
 */
export function createCore(
  edges: WordEdges,
  text: TextSteps,
  { stages, rewrite, encodeEnd }: Encoders,
): (piece: string, isTextStart: boolean) => PieceCore | undefined {
  const { normalizedTokens } = stages;
  const encodePiece = (piece: string, isTextStart: boolean) => {
    const aligned = alignText(wellFormed(piece), isTextStart ? 0 : 1);
    return Int32Array.from(tokensOfPiece(aligned, stages), (token) => token.id);
  };
  const hasToken = (piece: string) =>
    !normalizedTokens.isEmpty &&
    (normalizedTokens.mayMatch(piece) || normalizedTokens.mayMatch(rewrite(piece)));
  const throughStages = (piece: string, isTextStart: boolean): PieceCore => {
    const { length } = piece;
    return { ...ALL_CLEAR, head: encodePiece(piece, isTextStart), from: length, to: length };
  };
  const ofUnclear = (piece: string, ends: PieceEnds, isTextStart: boolean): PieceCore => {
    const { start, end, isStartClear, isEndClear } = ends;
    const from = isStartClear ? start : ends.cutAfter(0);
    const to = isEndClear ? end : ends.cutBefore(piece.length);
    if (to <= from || from >= end) return throughStages(piece, isTextStart);
    return {
      head: isStartClear ? NONE : encodePiece(piece.slice(0, from), isTextStart),
      tail: isEndClear ? NONE : encodeEnd(piece.slice(to)),
      from,
      to,
      isContinued: !isStartClear,
    };
  };
  return (piece, isTextStart) => {
    if (hasToken(piece)) return throughStages(piece, isTextStart);
    const ends = new PieceEnds(piece, edges, text);
    if (!ends.isStartClear || !ends.isEndClear) return ofUnclear(piece, ends, isTextStart);
    const isWhole = ends.start === 0 && ends.end === piece.length;
    return isWhole ? undefined : { ...ALL_CLEAR, from: ends.start, to: ends.end };
  };
}

const NONE = new Int32Array(0);
const ALL_CLEAR = { head: NONE, tail: NONE, isContinued: false };

/** Whether the piece has its first character for itself: what is put in front stands for that one. */
function isClearStart(first: number, edges: WordEdges, steps: readonly TextStep[]): boolean {
  if (edges.edgeOf(first) === "neither") return false;
  if (!steps.some((step) => step.source !== undefined)) return true;
  let text = String.fromCodePoint(first);
  for (const { source, rewrite } of steps) {
    if (source?.charAt(0) === text.charAt(0)) return false;
    text = rewrite(text);
  }
  return true;
}

/** A piece without the spaces that are stripped. */
class PieceEnds {
  /** What is left: units [start, end). */
  readonly start: number = 0;
  readonly end: number;
  readonly isStartClear: boolean;
  readonly isEndClear: boolean;
  readonly #piece: string;
  readonly #edges: WordEdges;

  constructor(piece: string, edges: WordEdges, { steps, stripsLeft, stripsRight }: TextSteps) {
    this.#piece = piece;
    this.#edges = edges;
    this.end = piece.length;
    while (stripsLeft && this.start < this.end && this.#begins(this.start)) this.start++;
    while (stripsRight && this.end > this.start && this.#begins(this.end - 1)) this.end--;
    const isEmpty = this.start === this.end;
    const first = piece.codePointAt(this.start) ?? 0;
    this.isStartClear = isEmpty || isClearStart(first, edges, steps);
    this.isEndClear = isEmpty || !stripsRight || edges.edgeOf(this.#before(this.end)) !== "neither";
  }

  /** The first cut behind `start`, or the end. */
  cutAfter(start: number): number {
    let at = start + 1;
    while (at < this.#piece.length && !this.#isCut(at)) at++;
    return at;
  }

  /** The last cut before `end`, or 0. */
  cutBefore(end: number): number {
    let at = end - 1;
    while (at > 0 && !this.#isCut(at)) at--;
    return Math.max(at, 0);
  }

  #isCut(at: number): boolean {
    return this.#begins(at) && this.#edges.edgeOf(this.#before(at)) === "ends";
  }

  #begins(at: number): boolean {
    return this.#edges.edgeOf(this.#piece.charCodeAt(at)) === "begins";
  }

  /** The character that ends at `at`. */
  #before(at: number): number {
    const isPair = at > 1 && (this.#piece.codePointAt(at - 2) ?? 0) > 0xffff;
    return this.#piece.codePointAt(isPair ? at - 2 : at - 1) ?? 0;
  }
}
