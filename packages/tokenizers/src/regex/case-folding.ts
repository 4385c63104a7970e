import { CASE_SETS, CASE_STRINGS } from "../unicode/case-tables.ts";
import { type CodePoints, eachCodePoint, membership, union } from "../unicode/code-points.ts";
import { alternation, type PatternNode, sequence } from "./syntax-tree.ts";

/** Code point → all that equal it where case is ignored, itself included. */
let equals: Map<number, CodePoints> | undefined;

function equalsOf(codePoint: number): CodePoints {
  equals ??= readCaseSets();
  return equals.get(codePoint) ?? [codePoint, codePoint + 1];
}

function readCaseSets(): Map<number, CodePoints> {
  const sets = new Map<number, CodePoints>();
  for (const coded of CASE_SETS.split(" ")) {
    const codes = Array.from(coded, (character) => character.codePointAt(0) as number);
    const points = codes.reduce<CodePoints>((set, code) => union(set, [code, code + 1]), []);
    for (const code of codes) sets.set(code, points);
  }
  return sets;
}

/** `set` with everything that equals one of its members where case is ignored. */
export function closeOverCase(set: CodePoints): CodePoints {
  const { has } = membership(set);
  let result = set;
  for (const coded of CASE_SETS.split(" ")) {
    const codes = Array.from(coded, (character) => character.codePointAt(0) as number);
    if (!codes.some(has)) continue;
    for (const code of codes) result = union(result, [code, code + 1]);
  }
  return result;
}

/** Text that equals single characters as a whole ("ss" and ß), longest first. */
const STRINGS: readonly (readonly [text: string, characters: CodePoints])[] = Object.entries(
  CASE_STRINGS,
)
  .map(([text, characters]): readonly [string, CodePoints] => [
    text,
    Array.from(characters, (character) => character.codePointAt(0) as number).reduce<CodePoints>(
      (set, code) => union(set, [code, code + 1]),
      [],
    ),
  ])
  .sort((a, b) => b[0].length - a[0].length);

/** A class that ignores case: its characters, and the strings that equal one of them. */
export function foldedClass(set: CodePoints): PatternNode {
  const closed = closeOverCase(set);
  const { has } = membership(closed);
  const strings = STRINGS.filter(([, characters]) => [...eachCodePoint(characters)].some(has));
  const options = strings.map(([text]) => sequence(codesOf(text).map(foldedCharacter)));
  return alternation([{ type: "set", points: closed }, ...options]);
}

/** Neighbouring characters that ignore case, one node for each stretch that cannot be cut. */
export function foldedString(codes: readonly number[]): PatternNode[] {
  const items: PatternNode[] = [];
  for (let i = 0; i < codes.length; ) {
    const found = STRINGS.find(([text]) => startsWithFolded(codes, i, text));
    if (!found) {
      items.push(foldedLetter(codes[i]));
      i++;
      continue;
    }
    const [text, characters] = found;
    const length = codesOf(text).length;
    const apart = sequence(codes.slice(i, i + length).map(foldedLetter));
    items.push(alternation([apart, { type: "set", points: characters }]));
    i += length;
  }
  return items;
}

function startsWithFolded(codes: readonly number[], at: number, text: string): boolean {
  const wanted = codesOf(text);
  if (at + wanted.length > codes.length) return false;
  return wanted.every((code, i) => isIn(equalsOf(code), codes[at + i]));
}

function isIn(set: CodePoints, code: number): boolean {
  for (let i = 0; i < set.length; i += 2) if (code >= set[i] && code < set[i + 1]) return true;
  return false;
}

/** One character: its equals, or a string that equals it (ß and "ss"). */
function foldedLetter(code: number): PatternNode {
  const strings = STRINGS.filter(([, characters]) => isIn(characters, code));
  const options = strings.map(([text]) => sequence(codesOf(text).map(foldedCharacter)));
  return alternation([foldedCharacter(code), ...options]);
}

function foldedCharacter(code: number): PatternNode {
  return { type: "set", points: equalsOf(code) };
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}
