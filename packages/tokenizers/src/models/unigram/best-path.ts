import { UnknownTokenError } from "../../errors.ts";
import { CELL_DOUBLES, CELL_INTEGERS, ID, PARENT, type PieceTrie, SCORE } from "./piece-trie.ts";

/** What a character costs and is that no piece begins to spell. */
export interface UnknownPiece {
  readonly score: number;
  readonly id: number | undefined;
}

/**
 * Room for the search in words of up to `capacity` units. After it, it holds the path: from {@link findBestPath}'s
 * result on, `starts` and `ids` of its pieces, in order.
 */
export class PathRoom {
  readonly capacity: number;
  /** Codes of the word's units, then a 0, which no piece has. */
  readonly codes: Uint16Array;
  /** By place between units: the best score of the text before it, NaN when there is none. */
  readonly scores: Float64Array;
  /** By place: where the last piece of the best way there begins. */
  readonly starts: Int32Array;
  readonly ids: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.codes = new Uint16Array(capacity + 1);
    this.scores = new Float64Array(capacity + 1);
    this.starts = new Int32Array(capacity + 1);
    this.ids = new Int32Array(capacity + 1);
  }
}

/**
 * Viterbi's algorithm over the places between characters: the segmentation of the highest score, of equal ones that
 * whose pieces were found first, from the left and the shortest first. Scores are summed from the left in doubles:
 * in another order, rounding would decide differently.
 *
 * @returns the index of the path's first piece in `room`; its last is at `word.length`. Neighbouring unknown
 * characters are one piece, of the unknown's id.
 * @throws {UnknownTokenError} when a character is unknown and there is no id for it.
 */
export function findBestPath(
  word: string,
  room: PathRoom,
  { trie, unknown }: { readonly trie: PieceTrie; readonly unknown: UnknownPiece },
): number {
  const { scores, starts, ids } = room;
  const { length } = word;
  prepareRoom(word, room, trie);
  for (let start = 0; start < length; ) {
    const single = nextCharacter(word, start);
    const shortest = extendPaths(start, room, trie);
    const total = unknown.score + scores[start];
    if (shortest !== single && !(total <= scores[single])) {
      if (unknown.id === undefined) throw new UnknownTokenError(word.slice(start, single));
      scores[single] = total;
      starts[single] = start;
      ids[single] = unknown.id;
    }
    start = single;
  }
  return collectPath(length, room, unknown.id);
}

/** Tries every piece at `start`; gives where the shortest ends, 0 when there is none. */
function extendPaths(start: number, room: PathRoom, trie: PieceTrie): number {
  const { cells, doubles } = trie;
  const { codes, scores, starts, ids } = room;
  const before = scores[start];
  let shortest = 0;
  for (let at = start, cell = 0; ; ) {
    const next = cells[cell * CELL_INTEGERS] + codes[at++];
    if (cells[next * CELL_INTEGERS + PARENT] !== cell) return shortest;
    cell = next;
    const id = cells[cell * CELL_INTEGERS + ID];
    if (id < 0) continue;
    if (shortest === 0) shortest = at;
    const total = doubles[cell * CELL_DOUBLES + SCORE] + before;
    if (total <= scores[at]) continue;
    scores[at] = total;
    starts[at] = start;
    ids[at] = id;
  }
}

function prepareRoom(word: string, { codes, scores }: PathRoom, trie: PieceTrie): void {
  const codeOf = trie.codes;
  const { length } = word;
  for (let i = 0; i < length; i++) {
    codes[i] = codeOf[word.charCodeAt(i)];
    scores[i + 1] = Number.NaN;
  }
  codes[length] = 0;
  scores[0] = 0;
}

/** Where the character at `start` ends. */
export function nextCharacter(word: string, start: number): number {
  if ((word.charCodeAt(start) & 0xfc00) !== 0xd800) return start + 1;
  const isPair = start + 1 < word.length && (word.charCodeAt(start + 1) & 0xfc00) === 0xdc00;
  return isPair ? start + 2 : start + 1;
}

/** Moves the path to the end of the room; its pieces are no more than the units already read. */
function collectPath(length: number, { starts, ids }: PathRoom, unkId: number | undefined): number {
  let first = length + 1;
  for (let end = length; end > 0; ) {
    const start = starts[end];
    const id = ids[end];
    const joinsUnknown = id === unkId && first <= length && ids[first] === unkId;
    if (!joinsUnknown) ids[--first] = id;
    starts[first] = start;
    end = start;
  }
  return first;
}
