import { grownInts } from "../bpe/pair-table.ts";
import type { PieceModel } from "./piece-model.ts";

/** Below this many nats a product of probabilities is not a normal double any more. */
const LINEAR_NATS = 690;

/** All ways to make one stretch of text of pieces. Its arrays are used again for the next. */
export class Lattice {
  #model: PieceModel;
  #length = 0;
  /** Edges in order of where they begin, then of their length; edge `e` of position `p` has `firsts[p] ≤ e < firsts[p + 1]`. */
  #firsts: Int32Array = new Int32Array(64);
  #ends: Int32Array = new Int32Array(256);
  #pieces: Int32Array = new Int32Array(256);
  #size = 0;
  #forward = new Float64Array(64);
  #backward = new Float64Array(64);
  /** The edge that the best way takes to a position. */
  #best: Int32Array = new Int32Array(64);

  constructor(model: PieceModel) {
    this.#model = model;
  }

  /** Finds the pieces in characters [start, end) of the model's text. */
  fill(start: number, end: number): void {
    const model = this.#model;
    const { text } = model;
    this.#length = end - start;
    this.#size = 0;
    while (this.#length + 2 > this.#firsts.length) this.#growPositions();
    for (let from = start; from < end; from++) {
      this.#firsts[from - start] = this.#size;
      let node = 0;
      let hasSingle = false;
      for (let i = from; i < end; i++) {
        node = model.step(node, text[i]);
        if (node === 0) break;
        const piece = model.pieceAt(node);
        if (piece < 0) continue;
        hasSingle ||= i === from;
        this.#addEdge(i + 1 - start, piece);
      }
      if (!hasSingle) this.#addEdge(from + 1 - start, -1);
    }
    this.#firsts[this.#length] = this.#size;
  }

  /** Adds to `expected` how often each piece is expected in `count` of these texts. */
  addExpected(count: number, expected: Float64Array): void {
    const costliest = -this.#model.unknownScore;
    if (this.#length * costliest < LINEAR_NATS) this.#addLinear(count, expected);
    else this.#addLogarithmic(count, expected);
  }

  /**
   * Visits the pieces of the best way, from the last to the first; −1 are unknown characters.
   *
   * @param excludesWhole leaves the piece out that is all of the text.
   * @returns its log probability; −Infinity when there is no way.
   */
  visitBest(visit: (piece: number) => void, excludesWhole = false): number {
    const scores = this.#forward;
    const length = this.#length;
    this.#best.fill(-1, 0, length + 1);
    scores[0] = 0;
    for (let from = 0; from < length; from++) {
      for (let edge = this.#firsts[from]; edge < this.#firsts[from + 1]; edge++) {
        const to = this.#ends[edge];
        if (excludesWhole && to - from === length) continue;
        const score = scores[from] + this.#scoreOf(edge);
        if (this.#best[to] >= 0 && score <= scores[to]) continue;
        this.#best[to] = edge;
        scores[to] = score;
      }
    }
    if (this.#best[length] < 0) return -Infinity;
    for (let at = length; at > 0; ) {
      const edge = this.#best[at];
      visit(this.#pieces[edge]);
      at = this.#startOf(edge, at);
    }
    return scores[length];
  }

  #startOf(edge: number, end: number): number {
    const piece = this.#pieces[edge];
    return end - (piece < 0 ? 1 : this.#model.pieces.lengths[piece]);
  }

  #scoreOf(edge: number): number {
    const piece = this.#pieces[edge];
    return piece < 0 ? this.#model.unknownScore : this.#model.pieces.scores[piece];
  }

  /** Products of probabilities, which are ten times as fast as sums of logarithms; right for short texts. */
  #addLinear(count: number, expected: Float64Array): void {
    const { probabilities, unknownScore } = this.#model;
    const unknown = Math.exp(unknownScore);
    const forward = this.#forward;
    const backward = this.#backward;
    const firsts = this.#firsts;
    const ends = this.#ends;
    const pieces = this.#pieces;
    const length = this.#length;
    forward.fill(0, 0, length + 1);
    forward[0] = 1;
    for (let from = 0; from < length; from++) {
      for (let edge = firsts[from]; edge < firsts[from + 1]; edge++) {
        const piece = pieces[edge];
        forward[ends[edge]] += forward[from] * (piece < 0 ? unknown : probabilities[piece]);
      }
    }
    backward[length] = 1;
    const weight = count / forward[length];
    for (let from = length - 1; from >= 0; from--) {
      let sum = 0;
      for (let edge = firsts[from]; edge < firsts[from + 1]; edge++) {
        const piece = pieces[edge];
        const rest = backward[ends[edge]] * (piece < 0 ? unknown : probabilities[piece]);
        sum += rest;
        if (piece >= 0) expected[piece] += weight * forward[from] * rest;
      }
      backward[from] = sum;
    }
  }

  #addLogarithmic(count: number, expected: Float64Array): void {
    const forward = this.#forward;
    const backward = this.#backward;
    const length = this.#length;
    forward.fill(-Infinity, 0, length + 1);
    forward[0] = 0;
    for (let from = 0; from < length; from++) {
      for (let edge = this.#firsts[from]; edge < this.#firsts[from + 1]; edge++) {
        const to = this.#ends[edge];
        forward[to] = addLogs(forward[to], forward[from] + this.#scoreOf(edge));
      }
    }
    backward[length] = 0;
    for (let from = length - 1; from >= 0; from--) {
      let sum = -Infinity;
      for (let edge = this.#firsts[from]; edge < this.#firsts[from + 1]; edge++) {
        const rest = this.#scoreOf(edge) + backward[this.#ends[edge]];
        sum = addLogs(sum, rest);
        const piece = this.#pieces[edge];
        if (piece >= 0) expected[piece] += count * Math.exp(forward[from] + rest - forward[length]);
      }
      backward[from] = sum;
    }
  }

  #addEdge(end: number, piece: number): void {
    if (this.#size === this.#ends.length) {
      this.#ends = grownInts(this.#ends);
      this.#pieces = grownInts(this.#pieces);
    }
    this.#ends[this.#size] = end;
    this.#pieces[this.#size++] = piece;
  }

  #growPositions(): void {
    this.#firsts = grownInts(this.#firsts);
    this.#best = grownInts(this.#best);
    this.#forward = new Float64Array(this.#firsts.length);
    this.#backward = new Float64Array(this.#firsts.length);
  }
}

/** log(exp(a) + exp(b)); what is 50 nats smaller does not count. */
function addLogs(a: number, b: number): number {
  const most = Math.max(a, b);
  const least = Math.min(a, b);
  return most > least + 50 ? most : most + Math.log(Math.exp(least - most) + 1);
}
