import { TokenizerFormatError } from "../errors.ts";
import { Merges } from "../models/bpe/merges.ts";
import type { Vocabulary } from "../models/vocabulary.ts";

/** Trying all cuts of a piece takes time by the square of its length; no real vocabulary comes near this sum. */
const MAX_WORK = 500_000_000;

/** How pieces are ordered into ranks. */
export interface MergeOrder {
  /** Scores of the pieces, the best highest. Default: the lower id is the better. */
  readonly scores?: ReadonlyMap<string, number> | undefined;
}

/** One way to put a piece together. */
interface Candidate {
  readonly left: number;
  readonly right: number;
  readonly result: number;
  readonly order: number;
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
 * @param pieces in the order that decides between equals.
 * @throws {TokenizerFormatError} when pieces are longer than any real ones.
 */
export function deriveMerges(
  pieces: Iterable<string>,
  vocabulary: Vocabulary,
  { scores }: MergeOrder = {},
): Merges {
  const candidates: Candidate[] = [];
  let work = 0;
  for (const piece of pieces) {
    const result = vocabulary.id(piece);
    if (result === undefined) continue;
    work += piece.length ** 2;
    if (work > MAX_WORK) throw new TokenizerFormatError("The vocabulary's pieces are too long");
    const order = scores ? -(scores.get(piece) ?? 0) : result;
    for (const parts of cut(piece, vocabulary)) candidates.push({ ...parts, result, order });
  }
  const sign = scores ? -1 : 1;
  candidates.sort(
    (a, b) =>
      a.order - b.order ||
      sign * (a.leftLength - b.leftLength) ||
      sign * (a.rightLength - b.rightLength),
  );
  const ids = new Int32Array(3 * candidates.length);
  candidates.forEach(({ left, right, result }, rank) => {
    ids.set([left, right, result], 3 * rank);
  });
  return new Merges(ids);
}

type Parts = Omit<Candidate, "result" | "order">;

/** The cuts of a piece of which the vocabulary has both parts. */
function cut(piece: string, vocabulary: Vocabulary): readonly Parts[] {
  const characters = Array.from(piece);
  const found: Parts[] = [];
  let start = 0;
  for (let i = 1; i < characters.length; i++) {
    start += characters[i - 1].length;
    const left = vocabulary.id(piece.slice(0, start));
    if (left === undefined) continue;
    const right = vocabulary.id(piece.slice(start));
    if (right === undefined) continue;
    found.push({ left, right, leftLength: i, rightLength: characters.length - i });
  }
  return found;
}
