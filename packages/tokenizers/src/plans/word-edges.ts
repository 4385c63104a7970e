import type { CodePoints } from "../unicode/code-points.ts";
import { marks, prepends } from "../unicode/graphemes.ts";
import { combiningMarks, isWhitespace } from "../unicode/set.ts";
import type { TextStep } from "./text-steps.ts";

/**
 * What text steps make of single characters, as far as words begin and end there. Text can be cut between a character
 * of `ends` and one of `begins`: no step changes the one side by the other, a word ends before the cut, and one begins
 * behind it.
 */
export interface WordEdges {
  /** White space that becomes what splits words, wherever it stands. */
  readonly begins: CodePoints;
  /** Characters that become text without white space, wherever they stand. */
  readonly ends: CodePoints;
  edgeOf(codePoint: number): WordEdge;
}

export type WordEdge = "begins" | "ends" | "neither";

export interface WordRules {
  /** What words begin with. */
  readonly mark: string;
  /** Whether words begin at this character. */
  beginsWord(character: string): boolean;
  /** Whether a character is taken for space by any step: it is no text then. */
  isBlank(codePoint: number): boolean;
}

/** `undefined` when single characters do not tell. */
export function findWordEdges(steps: readonly TextStep[], rules: WordRules): WordEdges | undefined {
  const codePoints = candidates();
  const isWord = findWords(codePoints, steps, rules);
  const joining = joiningCharacters(steps);
  if (!isWord || !joining || !areSpacesKept(steps, rules)) return undefined;
  const found = toEdges(codePoints, (codePoint, i) => {
    if (joining.has(codePoint)) return "neither";
    if (isWord[i] === 1) return "ends";
    return isWhitespace(codePoint) && beginsWord(codePoint, steps, rules) ? "begins" : "neither";
  });
  return areContentsText(steps, found) ? found : undefined;
}

/** The basic plane, and pictures. Words neither begin nor end at others: chunks go on past them. */
function candidates(): number[] {
  const codePoints: number[] = [];
  for (let code = 0; code < 0xd800; code++) codePoints.push(code);
  for (let code = SEPARATOR_CODE + 1; code < 0x10000; code++) codePoints.push(code);
  for (let code = 0x1f000; code < 0x1fc00; code++) codePoints.push(code);
  return codePoints;
}

const SEPARATOR_CODE = 0xe000;
/** For private use: no step changes it, and nothing joins it. */
const SEPARATOR = String.fromCharCode(SEPARATOR_CODE);

/** 1 for each character of which every step leaves something, none of it blank, and no mark where none was. */
function findWords(
  codePoints: readonly number[],
  steps: readonly TextStep[],
  rules: WordRules,
): Uint8Array | undefined {
  const isWord = new Uint8Array(codePoints.length).fill(1);
  const isBlank = (unit: number) => rules.isBlank(unit);
  let text = codePoints.map((code) => String.fromCodePoint(code)).join(SEPARATOR);
  let isWhole = clearWords(text, isWord, isBlank);
  for (const step of steps) {
    text = step.rewriteEach?.(text) ?? step.rewrite(text);
    isWhole &&= clearWords(text, isWord, isBlank);
  }
  const mark = rules.mark.charCodeAt(0);
  const ofMark = codePoints.indexOf(mark);
  const ownMark = isWord[ofMark] ?? 0;
  isWhole &&= clearWords(text, isWord, (unit) => unit === mark);
  isWord[ofMark] = ownMark;
  return isWhole ? isWord : undefined;
}

/** Clears what is empty or has a unit that `clears`; `false` when the characters cannot be told apart any more. */
function clearWords(text: string, isWord: Uint8Array, clears: (unit: number) => boolean): boolean {
  let index = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : SEPARATOR_CODE;
    if (unit === SEPARATOR_CODE) {
      if (at === start) isWord[index] = 0;
      index++;
      start = at + 1;
    } else if (clears(unit)) isWord[index] = 0;
  }
  return index === isWord.length;
}

function beginsWord(codePoint: number, steps: readonly TextStep[], rules: WordRules): boolean {
  const character = String.fromCodePoint(codePoint);
  const result = steps.reduce((text, step) => step.rewrite(text), character);
  return rules.beginsWord(result) && isSettled(character, steps);
}

/**
 * Characters that become one with others. `undefined` when the map of clusters has one that takes in what follows:
 * then the end of a word can vanish in it.
 */
function joiningCharacters(steps: readonly TextStep[]): CodePointSet | undefined {
  const before = new Set(prepends());
  const taken = [...before].some((codePoint) =>
    steps.some((step) => step.replacesClusters?.(String.fromCodePoint(codePoint)) !== undefined),
  );
  if (taken) return undefined;
  const after = new Set(marks());
  return {
    has: (codePoint) =>
      before.has(codePoint) ||
      after.has(codePoint) ||
      combiningMarks.has(codePoint) ||
      isLaterJamo(codePoint),
  };
}

interface CodePointSet {
  has(codePoint: number): boolean;
}

/** Vowels and final consonants of Hangul. */
function isLaterJamo(codePoint: number): boolean {
  return (codePoint >= 0x1160 && codePoint < 0x1200) || (codePoint >= 0xd7b0 && codePoint < 0xd800);
}

/** Whether it stays what it becomes, whichever marks stand behind it. */
function isSettled(character: string, steps: readonly TextStep[]): boolean {
  return steps.every((step) => step.replacesClusters?.(character) !== false);
}

/** Whether two spaces begin a word as one does. */
function areSpacesKept(steps: readonly TextStep[], rules: WordRules): boolean {
  return steps.every(({ manySpaces }, i) => {
    if (manySpaces === undefined || manySpaces === " ") return true;
    return i === steps.length - 1 && rules.beginsWord(manySpaces);
  });
}

/** What several characters become must be text for all steps, too. */
function areContentsText(steps: readonly TextStep[], { edgeOf }: WordEdges): boolean {
  return steps.every(({ content = "" }) =>
    Array.from(content).every((character) => edgeOf(character.codePointAt(0) ?? 0) === "ends"),
  );
}

function toEdges(
  codePoints: readonly number[],
  edgeOf: (codePoint: number, index: number) => WordEdge,
): WordEdges {
  const begins: number[] = [];
  const ends: number[] = [];
  const kinds = new Uint8Array((codePoints.at(-1) ?? 0) + 1);
  codePoints.forEach((codePoint, i) => {
    const edge = edgeOf(codePoint, i);
    kinds[codePoint] = KINDS.indexOf(edge);
    if (edge === "begins") addCodePoint(begins, codePoint);
    if (edge === "ends") addCodePoint(ends, codePoint);
  });
  return { begins, ends, edgeOf: (codePoint) => KINDS[kinds[codePoint] ?? 0] };
}

const KINDS: readonly WordEdge[] = ["neither", "begins", "ends"];

/** To boundaries that grow from the low end. */
function addCodePoint(boundaries: number[], codePoint: number): void {
  if (boundaries.at(-1) === codePoint) boundaries[boundaries.length - 1] = codePoint + 1;
  else boundaries.push(codePoint, codePoint + 1);
}
