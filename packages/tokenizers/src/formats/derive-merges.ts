import { TokenizerFormatError } from "../errors.ts";
import { Merges } from "../models/bpe/merges.ts";

/** Trying all cuts of a piece takes time by the square of its length; no real vocabulary comes near this sum. */
const MAX_WORK = 500_000_000;

/** One way to put a piece together. */
interface Cut {
  readonly left: number;
  readonly right: number;
  readonly result: number;
  /** Characters of both parts. */
  readonly leftLength: number;
  readonly rightLength: number;
}

/**
 * The merges that a vocabulary implies: every way to cut a piece into two that it has too; of the cuts of one piece
 * those with the longer left part come first where scores decide, and last where ids do.
 *
 * Source: transformers 5, `generate_merges`.
 *
 * @param ids in the order that decides between equals.
 * @param scores of the pieces, the best highest. Default: the lower id is the better.
 * @throws {TokenizerFormatError} when pieces are longer than any real ones.
 */
export function deriveMerges(
  ids: ReadonlyMap<string, number>,
  scores?: ReadonlyMap<string, number>,
): Merges {
  checkWork(ids.keys(), "The vocabulary's pieces");
  const pieces = Array.from(ids, ([piece, id]) => ({
    piece,
    id,
    order: scores ? -(scores.get(piece) ?? 0) : id,
  })).sort((a, b) => a.order - b.order);
  const sign = scores ? -1 : 1;
  const merges: number[] = [];
  for (let start = 0; start < pieces.length; ) {
    const { order } = pieces[start];
    const cuts: Cut[] = [];
    for (; start < pieces.length && pieces[start].order === order; start++) {
      addCuts(cuts, pieces[start].piece, ids);
    }
    cuts.sort(
      (a, b) => sign * (a.leftLength - b.leftLength) || sign * (a.rightLength - b.rightLength),
    );
    for (const { left, right, result } of cuts) merges.push(left, right, result);
  }
  return new Merges(Int32Array.from(merges));
}

/** @throws {TokenizerFormatError} when cutting all of `pieces` would take too long. */
export function checkWork(pieces: Iterable<string>, what: string): void {
  let work = 0;
  for (const piece of pieces) work += piece.length ** 2;
  if (work > MAX_WORK) throw new TokenizerFormatError(`${what} are too long`);
}

/** The cuts of a piece of which the vocabulary has both parts. */
function addCuts(cuts: Cut[], piece: string, ids: ReadonlyMap<string, number>): void {
  const characters = Array.from(piece);
  const result = ids.get(piece) ?? 0;
  let start = 0;
  for (let i = 1; i < characters.length; i++) {
    start += characters[i - 1].length;
    const left = ids.get(piece.slice(0, start));
    if (left === undefined) continue;
    const right = ids.get(piece.slice(start));
    if (right === undefined) continue;
    cuts.push({ left, right, result, leftLength: i, rightLength: characters.length - i });
  }
}
