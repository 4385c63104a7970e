import { delay } from "@bearhug/core";
import { grownInts } from "../bpe/pair-table.ts";
import { sortSuffixes } from "./suffix-array.ts";
import type { WordText } from "./word-text.ts";

/** Pieces as stretches of a text, with a number each: a score, or a log probability. */
export interface Pieces {
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly scores: Float64Array;
}

export interface SeedOptions {
  readonly maxPieceLength: number;
  readonly seedSize: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The pieces to begin with, with log probabilities: all characters, then what repeats and cannot be longer without
 * repeating less, by length times occurrences in different words.
 */
export async function createSeeds(text: WordText, options: SeedOptions): Promise<Pieces> {
  const { maxPieceLength, signal } = options;
  const characters = countCharacters(text);
  const rounds = sortSuffixes(text.characters, text.codePoints.length, maxPieceLength + 1);
  const suffixes = await paced(rounds, signal);
  const repeats = findRepeats(text, suffixes, maxPieceLength);
  await delay(0, signal);
  const order = new Uint32Array(repeats.size).map((_, i) => i).sort(repeats.compare);
  const size = Math.max(
    characters.length,
    Math.min(options.seedSize, characters.length + order.length),
  );
  const pieces: Pieces = {
    starts: new Int32Array(size),
    lengths: new Int32Array(size),
    scores: new Float64Array(size),
  };
  for (let i = 0; i < size; i++) {
    const character = characters[i];
    const repeat = order[i - characters.length];
    pieces.starts[i] = character ? character.start : repeats.starts[repeat];
    pieces.lengths[i] = character ? 1 : repeats.lengths[repeat];
    pieces.scores[i] = character ? character.count : repeats.scoreOf(repeat);
  }
  const sum = Math.log(pieces.scores.reduce((total, score) => total + score, 0));
  for (let i = 0; i < size; i++) pieces.scores[i] = Math.log(pieces.scores[i]) - sum;
  return pieces;
}

/** Lets the event loop have its turn at each step. */
async function paced<Result>(
  steps: Generator<void, Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await delay(0, signal);
  }
}

interface CountedCharacter {
  readonly number: number;
  readonly start: number;
  readonly count: number;
}

/** The most frequent first; of equals that of the higher code point. */
function countCharacters({ characters, codePoints, starts, counts }: WordText): CountedCharacter[] {
  const totals = new Float64Array(codePoints.length);
  const places = new Int32Array(codePoints.length).fill(-1);
  for (let word = 0; word < counts.length; word++) {
    for (let i = starts[word]; i < starts[word + 1] - 1; i++) {
      totals[characters[i]] += counts[word];
      places[characters[i]] = i;
    }
  }
  return [...totals.keys()]
    .filter((number) => number > 0 && places[number] >= 0)
    .map((number) => ({ number, start: places[number], count: totals[number] }))
    .sort((a, b) => b.count - a.count || b.number - a.number);
}

/** Substrings that occur more than once, each followed by different characters. */
class Repeats {
  size = 0;
  starts: Int32Array = new Int32Array(1 << 10);
  lengths: Int32Array = new Int32Array(1 << 10);
  #occurrences: Int32Array = new Int32Array(1 << 10);
  /** Of the first suffix that begins with it, among all suffixes in order. */
  #places: Int32Array = new Int32Array(1 << 10);

  add(start: number, length: number, [first, end]: readonly [number, number]): void {
    const index = this.size++;
    if (index === this.starts.length) {
      this.starts = grownInts(this.starts);
      this.lengths = grownInts(this.lengths);
      this.#occurrences = grownInts(this.#occurrences);
      this.#places = grownInts(this.#places);
    }
    this.starts[index] = start;
    this.lengths[index] = length;
    this.#occurrences[index] = end - first;
    this.#places[index] = first;
  }

  scoreOf(index: number): number {
    return this.#occurrences[index] * this.lengths[index];
  }

  /** By score and then by string, both descending. A string goes before those it begins. */
  readonly compare = (a: number, b: number): number =>
    this.scoreOf(b) - this.scoreOf(a) ||
    this.#places[b] - this.#places[a] ||
    this.lengths[b] - this.lengths[a];
}

/** Inner nodes of the suffix tree, as intervals of the suffix array between which the common prefix is shorter. */
function findRepeats({ characters }: WordText, order: Int32Array, maxLength: number): Repeats {
  const repeats = new Repeats();
  const openLengths: number[] = [0];
  const openPlaces: number[] = [0];
  for (let i = 1; i <= order.length; i++) {
    const common =
      i < order.length ? commonLength(characters, [order[i - 1], order[i]], maxLength + 1) : -1;
    let first = i - 1;
    while (openLengths.length > 0 && (openLengths.at(-1) ?? 0) > common) {
      const length = openLengths.pop() ?? 0;
      first = openPlaces.pop() ?? 0;
      if (isPiece(characters, order[first], [length, maxLength])) {
        repeats.add(order[first], length, [first, i]);
      }
    }
    if ((openLengths.at(-1) ?? -1) < common) {
      openLengths.push(common);
      openPlaces.push(first);
    }
  }
  return repeats;
}

function commonLength(text: Int32Array, [a, b]: readonly [number, number], limit: number): number {
  const end = Math.min(limit, text.length - Math.max(a, b));
  let length = 0;
  while (length < end && text[a + length] === text[b + length]) length++;
  return length;
}

function isPiece(
  text: Int32Array,
  start: number,
  [length, maxLength]: readonly [number, number],
): boolean {
  if (length < 2 || length > maxLength) return false;
  for (let i = start; i < start + length; i++) if (text[i] === 0) return false;
  return true;
}
