import { Lattice } from "./lattice.ts";
import type { PieceModel } from "./piece-model.ts";
import type { Pieces } from "./seeds.ts";

/** Pieces, best first where it matters, by their numbers in `pieces`. */
export function selectPieces(pieces: Pieces, chosen: Int32Array): Pieces {
  return {
    starts: chosen.map((piece) => pieces.starts[piece]),
    lengths: chosen.map((piece) => pieces.lengths[piece]),
    scores: Float64Array.from(chosen, (piece) => pieces.scores[piece]),
  };
}

/** What pruning knows of how often pieces are on the best ways of all words. */
export interface PieceUse {
  /** Times each piece is used, weighted by the counts of the words. */
  readonly frequencies: Float64Array;
  /** The same of unknown characters. */
  readonly unknown: number;
  /** Sum of the counts of the words. */
  readonly words: number;
}

/** What becomes of the text of a piece when the piece is gone. */
interface Replacement {
  /** Its characters can only be this piece, or it is the best way to write them. */
  readonly isProtected: boolean;
  /** The pieces that take its place, where it is the best way itself. */
  readonly alternatives: readonly number[];
}

/**
 * Decides what a piece would be replaced by, for pieces [from, to).
 *
 * The second best way to write a piece whose best way is itself is the best one without it.
 */
export class Pruner {
  readonly #model: PieceModel;
  readonly #use: PieceUse;
  readonly #lattice: Lattice;
  readonly #kept: number[] = [];
  readonly #candidates: number[] = [];
  readonly #losses: number[] = [];
  readonly #sum: number;

  constructor(model: PieceModel, use: PieceUse) {
    this.#model = model;
    this.#use = use;
    this.#lattice = new Lattice(model);
    this.#sum = use.frequencies.reduce((sum, each) => sum + each, use.unknown);
  }

  judge(from: number, to: number): void {
    for (let piece = from; piece < to; piece++) {
      const frequency = this.#use.frequencies[piece];
      const { isProtected, alternatives } = this.#replacementOf(piece);
      if (frequency === 0 && !isProtected) continue;
      if (alternatives.length === 0) this.#kept.push(piece);
      else if (frequency > 0) {
        this.#candidates.push(piece);
        this.#losses.push(this.#lossOf(frequency, alternatives));
      }
    }
  }

  /** The pieces that cannot go, and those whose loss would be the worst, until they are `size`. */
  choose(size: number): Pieces {
    const order = [...this.#candidates.keys()].sort((a, b) => this.#losses[b] - this.#losses[a]);
    const room = Math.max(0, size - this.#kept.length);
    const chosen = order.slice(0, room).map((index) => this.#candidates[index]);
    return selectPieces(this.#model.pieces, Int32Array.from([...this.#kept, ...chosen]));
  }

  #replacementOf(piece: number): Replacement {
    const { starts, lengths, scores } = this.#model.pieces;
    if (lengths[piece] === 1) return { isProtected: true, alternatives: [] };
    this.#lattice.fill(starts[piece], starts[piece] + lengths[piece]);
    const alternatives: number[] = [];
    const other = this.#lattice.visitBest((part) => alternatives.push(part), true);
    if (other > scores[piece]) return { isProtected: false, alternatives: [] };
    return { isProtected: true, alternatives };
  }

  /**
   * How much less likely the words get: all its occurrences become occurrences of the alternatives. The reference
   * adds to their sum as if there were as many alternatives as pieces (unknown characters are one of them), and what
   * is kept depends on that.
   */
  #lossOf(frequency: number, alternatives: readonly number[]): number {
    const sum = Math.log(this.#sum + frequency * this.#model.pieces.starts.length);
    let replaced = 0;
    for (const other of alternatives) {
      const others = other < 0 ? this.#use.unknown : this.#use.frequencies[other];
      replaced += Math.log(others + frequency) - sum;
    }
    return (frequency / this.#use.words) * (Math.log(frequency) - Math.log(this.#sum) - replaced);
  }
}
