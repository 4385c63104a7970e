import type { CodePoints } from "../unicode/code-points.ts";

/**
 * Code points by which of some sets they are in: what every set treats alike is one class. An automaton over classes
 * needs a few columns where one over characters would need a million.
 */
export interface CharacterClasses {
  readonly count: number;
  /** Whether the characters of a class are in a set. */
  isMember(set: number, characterClass: number): boolean;
  of(codePoint: number): number;
  /** Runs of code points: `starts[i]` up to `starts[i + 1]` are of class `classes[i]`. */
  readonly starts: readonly number[];
  readonly classes: readonly number[];
}

/** More sets, or more kinds of characters, than any pattern in use has. */
const MAX_SETS = 31;

/** `undefined` when there are too many sets. */
export function classify(sets: readonly CodePoints[]): CharacterClasses | undefined {
  if (sets.length > MAX_SETS) return undefined;
  const starts = [...new Set([0, ...sets.flat()])].filter((at) => at < 0x110000);
  starts.sort((a, b) => a - b);
  const signatures = signaturesAt(starts, sets);
  const distinct = [...new Set(signatures)];
  const numbers = new Map(distinct.map((signature, i) => [signature, i]));
  const classes = signatures.map((signature) => numbers.get(signature) ?? 0);
  return {
    count: distinct.length,
    isMember: (set, characterClass) => ((distinct[characterClass] >>> set) & 1) === 1,
    of: (codePoint) => classes[runOf(starts, codePoint)],
    starts,
    classes,
  };
}

/** For each run, a bit for every set that it is in. */
function signaturesAt(starts: readonly number[], sets: readonly CodePoints[]): number[] {
  const signatures = starts.map(() => 0);
  sets.forEach((set, bit) => {
    let boundary = 0;
    starts.forEach((start, run) => {
      while (boundary < set.length && set[boundary] <= start) boundary++;
      if ((boundary & 1) === 1) signatures[run] |= 1 << bit;
    });
  });
  return signatures;
}

/** The last run that starts at or before `codePoint`. */
function runOf(starts: readonly number[], codePoint: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= codePoint) low = middle;
    else high = middle - 1;
  }
  return low;
}
