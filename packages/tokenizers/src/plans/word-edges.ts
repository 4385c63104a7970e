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
}

/** `undefined` when single characters do not tell. */
export function findWordEdges(steps: readonly TextStep[], rules: WordRules): WordEdges | undefined {
  const characters = candidates();
  const images = imagesOf(characters, steps);
  const joining = joiningCharacters(steps);
  if (!images || !joining || !areSpacesKept(steps, rules)) return undefined;
  const edges: WordEdge[] = characters.map((character, i) => {
    const codePoint = character.codePointAt(0) as number; // one character
    if (joining.has(codePoint)) return "neither";
    const { result, isText } = images[i];
    if (isWhitespace(codePoint)) {
      return rules.beginsWord(result) && isSettled(character, steps) ? "begins" : "neither";
    }
    const isWord = isText && (character === rules.mark || !result.includes(rules.mark));
    return isWord ? "ends" : "neither";
  });
  const found = toEdges(characters, edges);
  return areContentsText(steps, found) ? found : undefined;
}

/** The basic plane, and pictures. Words neither begin nor end at others: chunks go on past them. */
function candidates(): string[] {
  const characters: string[] = [];
  for (let code = 0; code < 0x10000; code++) {
    const isSurrogate = (code & 0xf800) === 0xd800;
    if (!isSurrogate && code !== SEPARATOR_CODE) characters.push(String.fromCharCode(code));
  }
  for (let code = 0x1f000; code < 0x1fc00; code++) characters.push(String.fromCodePoint(code));
  return characters;
}

const SEPARATOR_CODE = 0xe000;
/** For private use: no step changes it, and nothing joins it. */
const SEPARATOR = String.fromCharCode(SEPARATOR_CODE);

interface Image {
  /** What all steps together make of a character. */
  readonly result: string;
  /** Whether every step leaves something of it, and no white space. */
  readonly isText: boolean;
}

function imagesOf(
  characters: readonly string[],
  steps: readonly TextStep[],
): readonly Image[] | undefined {
  let results = characters;
  const isText = characters.map(hasText);
  for (const step of steps) {
    const text = results.join(SEPARATOR);
    results = (step.rewriteEach?.(text) ?? step.rewrite(text)).split(SEPARATOR);
    if (results.length !== characters.length) return undefined;
    for (let i = 0; i < results.length; i++) isText[i] &&= hasText(results[i]);
  }
  return results.map((result, i) => ({ result, isText: isText[i] }));
}

function hasText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (isWhitespace(text.charCodeAt(i))) return false;
  return text !== "";
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

function toEdges(characters: readonly string[], edges: readonly WordEdge[]): WordEdges {
  const begins: number[] = [];
  const ends: number[] = [];
  const byCodePoint: WordEdge[] = [];
  characters.forEach((character, i) => {
    const codePoint = character.codePointAt(0) as number; // one character
    byCodePoint[codePoint] = edges[i];
    if (edges[i] === "begins") addCodePoint(begins, codePoint);
    if (edges[i] === "ends") addCodePoint(ends, codePoint);
  });
  return { begins, ends, edgeOf: (codePoint) => byCodePoint[codePoint] ?? "neither" };
}

/** To boundaries that grow from the low end. */
function addCodePoint(boundaries: number[], codePoint: number): void {
  if (boundaries.at(-1) === codePoint) boundaries[boundaries.length - 1] = codePoint + 1;
  else boundaries.push(codePoint, codePoint + 1);
}
