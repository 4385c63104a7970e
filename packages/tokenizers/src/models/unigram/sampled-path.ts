import { UnknownTokenError } from "../../errors.ts";
import { nextCharacter, type UnknownPiece } from "./best-path.ts";
import { CELL_DOUBLES, CELL_INTEGERS, ID, PARENT, type PieceTrie, SCORE } from "./piece-trie.ts";

/** How one of many segmentations is drawn. */
export interface PathSampling {
  /** Scores are multiplied by it: near 0 all segmentations are alike, 1 takes the model at its word. */
  readonly alpha: number;
  /** Drawn from so many of the best. Default or 0: from all. */
  readonly nbestSize?: number | undefined;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

/** A piece in a word: units [start, end). */
export interface PathPiece {
  readonly start: number;
  readonly end: number;
  readonly id: number;
  readonly score: number;
}

/**
 * A segmentation drawn by chance. Weights are those of the reference, which multiplies sums by alpha once for each
 * piece where subword regularization (Kudo 2018) multiplies the score of each piece once: draws from all
 * segmentations differ from the paper's unless alpha is 1.
 *
 * @throws {UnknownTokenError} when a character is unknown and there is no id for it.
 */
export function samplePath(
  word: string,
  sampling: PathSampling,
  model: { readonly trie: PieceTrie; readonly unknown: UnknownPiece },
): PathPiece[] {
  const ending = piecesByEnd(word, model);
  const { alpha, nbestSize = 0, random } = sampling;
  if (nbestSize < 1) return sampleFromAll(ending, alpha, random);
  const paths = bestPaths(ending, nbestSize);
  const logWeights = paths.map((path) => alpha * path.reduce((sum, { score }) => sum + score, 0));
  // As in the reference: weights that all vanish leave the best path.
  const drawn = logWeights.every((each) => Math.exp(each) === 0) ? 0 : draw(logWeights, random);
  return paths[drawn];
}

/** By place between units: the pieces that end there, in the order they are found. */
function piecesByEnd(
  word: string,
  { trie, unknown }: { readonly trie: PieceTrie; readonly unknown: UnknownPiece },
): PathPiece[][] {
  const { cells, doubles, codes } = trie;
  const ending: PathPiece[][] = Array.from({ length: word.length + 1 }, () => []);
  for (let start = 0; start < word.length; ) {
    const single = nextCharacter(word, start);
    for (let end = start + 1, cell = 0; end <= word.length; end++) {
      const next = cells[cell * CELL_INTEGERS] + codes[word.charCodeAt(end - 1)];
      if (cells[next * CELL_INTEGERS + PARENT] !== cell) break;
      cell = next;
      const id = cells[cell * CELL_INTEGERS + ID];
      if (id >= 0) {
        ending[end].push({ start, end, id, score: doubles[cell * CELL_DOUBLES + SCORE] });
      }
    }
    if (!ending[single].some((piece) => piece.start === start)) {
      if (unknown.id === undefined) throw new UnknownTokenError(word.slice(start, single));
      ending[single].push({ start, end: single, id: unknown.id, score: unknown.score });
    }
    start = single;
  }
  return ending;
}

/** Forward sums over all ways to each place, then a walk back that draws each piece by its share. */
function sampleFromAll(
  ending: readonly (readonly PathPiece[])[],
  alpha: number,
  random: () => number,
): PathPiece[] {
  const sums = new Float64Array(ending.length);
  for (let at = 1; at < ending.length; at++) {
    sums[at] = logSum(ending[at].map(({ start, score }) => alpha * (score + sums[start])));
  }
  const path: PathPiece[] = [];
  for (let at = ending.length - 1; at > 0; ) {
    const pieces = ending[at];
    const piece =
      pieces[
        draw(
          pieces.map((each) => sums[each.start] + alpha * each.score),
          random,
        )
      ];
    path.push(piece);
    at = piece.start;
  }
  return path.reverse();
}

function logSum(values: readonly number[]): number {
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return highest + Math.log(values.reduce((sum, each) => sum + Math.exp(each - highest), 0));
}

/** An index, by the logarithms of the weights. */
function draw(logWeights: readonly number[], random: () => number): number {
  const highest = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logWeights.map((each) => Math.exp(each - highest));
  let left = random() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

/** The end of a path: a piece and what follows it. */
interface PathTail {
  readonly start: number;
  readonly piece?: PathPiece;
  readonly next?: PathTail;
  /** Score of the pieces in it. */
  readonly score: number;
  /** The same with the best way to its start. */
  readonly total: number;
}

/** More open ends than this (texts that are long or repeat themselves) are cut back to the most promising. */
const MAX_OPEN = 100_000;
const KEPT_OPEN = 512;

/** Up to `count` paths, the best first: tails are extended to the left, the most promising first. */
function bestPaths(ending: readonly (readonly PathPiece[])[], count: number): PathPiece[][] {
  const best = new Float64Array(ending.length);
  for (let at = 1; at < ending.length; at++) {
    best[at] = ending[at].reduce(
      (most, { start, score }) => Math.max(most, best[start] + score),
      Number.NEGATIVE_INFINITY,
    );
  }
  const paths: PathPiece[][] = [];
  let open = new TailHeap();
  open.push({ start: ending.length - 1, score: 0, total: 0 });
  for (let tail = open.pop(); tail !== undefined; tail = open.pop()) {
    if (tail.start === 0) {
      paths.push(piecesOf(tail));
      if (paths.length === count) break;
      continue;
    }
    for (const piece of ending[tail.start]) {
      const score = tail.score + piece.score;
      open.push({ start: piece.start, piece, next: tail, score, total: best[piece.start] + score });
    }
    if (open.size > MAX_OPEN) open = open.take(Math.min(KEPT_OPEN, count * 10));
  }
  return paths;
}

function piecesOf(tail: PathTail): PathPiece[] {
  const pieces: PathPiece[] = [];
  for (let at: PathTail | undefined = tail; at?.piece; at = at.next) pieces.push(at.piece);
  return pieces;
}

/** Tails, the highest total first. */
class TailHeap {
  readonly #items: PathTail[] = [];

  get size(): number {
    return this.#items.length;
  }

  push(tail: PathTail): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent].total >= tail.total) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = tail;
  }

  pop(): PathTail | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1].total > items[child].total) child++;
      if (items[child].total <= last.total) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return top;
  }

  /** The best `count` of them, in a heap of their own. */
  take(count: number): TailHeap {
    const kept = new TailHeap();
    for (let i = 0; i < count; i++) {
      const tail = this.pop();
      if (tail) kept.push(tail);
    }
    return kept;
  }
}
