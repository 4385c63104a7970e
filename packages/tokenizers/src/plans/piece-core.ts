import { alignText, wellFormed } from "../aligned-text.ts";
import { type Stages, tokensOfPiece } from "../reference-encoder.ts";
import type { TextSteps } from "./text-steps.ts";
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
  { stripsLeft, stripsRight }: TextSteps,
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
  return (piece, isTextStart) => {
    if (hasToken(piece)) return throughStages(piece, isTextStart);
    const ends = new PieceEnds(piece, edges);
    const start = stripsLeft ? ends.firstText : 0;
    const end = stripsRight ? Math.max(ends.lastText, start) : piece.length;
    const isEmpty = start === end;
    const isStartClear = isEmpty || ends.isClearFrom(start);
    const isEndClear = isEmpty || !stripsRight || ends.isClearTo(end);
    if (isStartClear && isEndClear) {
      const isWhole = start === 0 && end === piece.length;
      return isWhole ? undefined : { ...ALL_CLEAR, from: start, to: end };
    }
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
}

const NONE = new Int32Array(0);
const ALL_CLEAR = { head: NONE, tail: NONE, isContinued: false };

/** Edges of words, from both ends of a piece. */
class PieceEnds {
  readonly #piece: string;
  readonly #edges: WordEdges;

  constructor(piece: string, edges: WordEdges) {
    this.#piece = piece;
    this.#edges = edges;
  }

  /** Where the spaces end that the piece begins with. */
  get firstText(): number {
    let at = 0;
    while (at < this.#piece.length && this.#begins(at)) at++;
    return at;
  }

  /** Where the spaces begin that the piece ends with. */
  get lastText(): number {
    let at = this.#piece.length;
    while (at > 0 && this.#begins(at - 1)) at--;
    return at;
  }

  isClearFrom(at: number): boolean {
    return this.#edges.edgeOf(this.#piece.codePointAt(at) ?? 0) !== "neither";
  }

  isClearTo(end: number): boolean {
    return this.#edges.edgeOf(this.#before(end)) !== "neither";
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
