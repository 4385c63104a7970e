import { PairTable } from "../bpe/pair-table.ts";
import type { Pieces } from "./seeds.ts";

/** An unknown character costs this much more than the rarest piece. */
const UNKNOWN_PENALTY = 10;

/** Pieces that can be found from the left, by a tree of characters. Piece −1 is the unknown character. */
export class PieceModel {
  readonly text: Int32Array;
  readonly pieces: Pieces;
  /** Probabilities of the pieces. */
  readonly probabilities: Float64Array;
  readonly minScore: number;
  readonly unknownScore: number;
  /** Numbers (node, character): a node is the number + 1, and the root is 0. */
  readonly #edges = new PairTable();
  /** The piece that ends in a node, or −1. */
  readonly #ends: Int32Array;

  constructor(text: Int32Array, pieces: Pieces) {
    this.text = text;
    this.pieces = pieces;
    this.probabilities = pieces.scores.map(Math.exp);
    this.minScore = pieces.scores.reduce((least, score) => Math.min(least, score), Infinity);
    this.unknownScore = this.minScore - UNKNOWN_PENALTY;
    const last = new Int32Array(pieces.starts.length);
    for (let piece = 0; piece < last.length; piece++) {
      let node = 0;
      const end = pieces.starts[piece] + pieces.lengths[piece];
      for (let i = pieces.starts[piece]; i < end; i++) node = this.#edges.find(node, text[i]) + 1;
      last[piece] = node;
    }
    this.#ends = new Int32Array(this.#edges.size + 1).fill(-1);
    for (let piece = 0; piece < last.length; piece++) this.#ends[last[piece]] = piece;
  }

  /** The node below `node`, or 0. */
  step(node: number, character: number): number {
    return this.#edges.lookup(node, character) + 1;
  }

  pieceAt(node: number): number {
    return this.#ends[node];
  }
}
