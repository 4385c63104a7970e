import { type CodePoints, complement, EVERY_CODE_POINT } from "../unicode/code-points.ts";
import { wordCharactersOfPatterns } from "../unicode/properties.ts";
import { foldedClass, foldedString } from "./case-folding.ts";
import {
  parseCharacterEscape,
  parseClass,
  parseSetEscape,
  resolveClass,
} from "./character-class.ts";
import { type PatternFlags, PatternReader } from "./reader.ts";
import { type Assertion, alternation, EMPTY, type PatternNode, sequence } from "./syntax-tree.ts";

/**
 * Reads a regular expression in the reference's dialect (Oniguruma, its default syntax).
 *
 * @param path where the pattern stands in the file.
 * @throws {TokenizerFormatError} when it does not parse.
 * @throws {UnsupportedComponentError} for constructs that this version does not match exactly.
 */
export function parseRegex(source: string, path: string): PatternNode {
  const state: ParserState = {
    reader: new PatternReader(source, path),
    names: new Map(),
    groups: 0,
    depth: 0,
    hasNames: /\(\?(<[^=!]|')/.test(source),
    highestReference: 0,
  };
  const node = parseAlternation(state, { ignoreCase: false, dotAll: false, extended: false });
  if (!state.reader.isAtEnd) throw state.reader.bad('a ")" has no "("');
  if (state.highestReference > state.groups) throw state.reader.bad("a group does not exist");
  return node;
}

interface ParserState {
  readonly reader: PatternReader;
  readonly names: Map<string, number>;
  /** Groups so far. */
  groups: number;
  depth: number;
  /** With named groups, plain parentheses do not capture. */
  readonly hasNames: boolean;
  highestReference: number;
}

const MAX_DEPTH = 250;
const MAX_REPEAT = 100_000;

function parseAlternation(state: ParserState, flags: PatternFlags): PatternNode {
  if (++state.depth > MAX_DEPTH) throw state.reader.bad("its groups are nested too deep");
  const options: PatternNode[] = [parseSequence(state, flags)];
  while (state.reader.take("|")) options.push(parseSequence(state, flags));
  state.depth--;
  return alternation(options);
}

/** A part of a sequence: a character that may still be joined with its neighbours, or a node. */
type Part = { readonly code: number } | { readonly node: PatternNode };

function parseSequence(state: ParserState, flags: PatternFlags): PatternNode {
  const { reader } = state;
  const items: PatternNode[] = [];
  let run: number[] = [];
  const flush = () => {
    if (flags.ignoreCase) items.push(...foldedString(run));
    else for (const code of run) items.push(setOf([code, code + 1]));
    run = [];
  };
  while (!reader.isAtEnd && reader.peek() !== "|" && reader.peek() !== ")") {
    if (flags.extended && skipComment(reader)) continue;
    const part = parsePart(state, flags);
    const quantifier = parseQuantifier(reader);
    if ("code" in part && !quantifier) {
      run.push(part.code);
      continue;
    }
    flush();
    let node = "code" in part ? characterNode(part.code, flags) : part.node;
    for (let each = quantifier; each; each = parseQuantifier(reader)) {
      node = repeated(node, each);
    }
    items.push(node);
  }
  flush();
  return sequence(items);
}

function repeated(body: PatternNode, quantifier: Quantifier): PatternNode {
  const { min, max, mode, isOptional } = quantifier;
  const node: PatternNode = { type: "repeat", body, min, max, mode };
  return isOptional ? { type: "repeat", body: node, min: 0, max: 1, mode: "greedy" } : node;
}

function skipComment(reader: PatternReader): boolean {
  if (/^\s$/.test(reader.peek())) {
    reader.next();
    return true;
  }
  if (reader.peek() !== "#") return false;
  while (!reader.isAtEnd && reader.peek() !== "\n") reader.next();
  return true;
}

function setOf(points: CodePoints): PatternNode {
  return { type: "set", points };
}

function characterNode(code: number, flags: PatternFlags): PatternNode {
  return flags.ignoreCase ? sequence(foldedString([code])) : setOf([code, code + 1]);
}

interface Quantifier {
  readonly min: number;
  readonly max: number;
  readonly mode: "greedy" | "lazy" | "possessive";
  readonly isOptional?: boolean;
}

function parseQuantifier(reader: PatternReader): Quantifier | undefined {
  const simple = SIMPLE[reader.peek()];
  if (simple) {
    reader.next();
    const mode = reader.take("?") ? "lazy" : reader.take("+") ? "possessive" : "greedy";
    return { ...simple, mode };
  }
  return reader.peek() === "{" ? parseInterval(reader) : undefined;
}

const SIMPLE: { readonly [sign: string]: { min: number; max: number } | undefined } = {
  "?": { min: 0, max: 1 },
  "*": { min: 0, max: Number.POSITIVE_INFINITY },
  "+": { min: 1, max: Number.POSITIVE_INFINITY },
};

/** `{n,m}`; anything else in braces stands for itself. `{n}?` may be left out as a whole. */
function parseInterval(reader: PatternReader): Quantifier | undefined {
  const start = reader.at;
  reader.next();
  const low = reader.takeWhile(/^[0-9]$/);
  const hasComma = reader.take(",");
  const high = hasComma ? reader.takeWhile(/^[0-9]$/) : low;
  if (!reader.take("}") || (low === "" && high === "")) {
    reader.at = start;
    return undefined;
  }
  const min = Number(low || "0");
  const max = high === "" ? Number.POSITIVE_INFINITY : Number(high);
  if (min > MAX_REPEAT || (Number.isFinite(max) && max > MAX_REPEAT)) {
    throw reader.bad(`a repetition is above ${MAX_REPEAT}`);
  }
  if (max < min) return { min: max, max: min, mode: "possessive" };
  // `a{n}?` is `(?:a{n})?`.
  if (!hasComma && reader.take("?")) return { min, max, mode: "greedy", isOptional: true };
  return { min, max, mode: reader.take("?") ? "lazy" : "greedy" };
}

function parsePart(state: ParserState, flags: PatternFlags): Part {
  const { reader } = state;
  const character = reader.next();
  switch (character) {
    case "(":
      return { node: parseGroup(state, flags) };
    case "[": {
      const parsed = parseClass(reader);
      if (!flags.ignoreCase) return { node: setOf(resolveClass(parsed)) };
      const folded = foldedClass(parsed.points);
      if (!parsed.isNegated) return { node: folded };
      const points = folded.type === "alternation" ? folded.options[0] : folded;
      return { node: setOf(points?.type === "set" ? complement(points.points) : []) };
    }
    case ".":
      return { node: setOf(flags.dotAll ? EVERY_CODE_POINT : complement([10, 11])) };
    case "^":
      return assertion("line-start");
    case "$":
      return assertion("line-end");
    case "\\":
      return parseEscape(state, flags);
    case "*":
    case "+":
    case "?":
      throw reader.bad(`"${character}" repeats nothing`);
    case "{":
      reader.at--;
      if (parseInterval(reader)) throw reader.bad("a repetition repeats nothing");
      return { code: reader.next().charCodeAt(0) };
    default:
      return { code: character.codePointAt(0) as number };
  }
}

function assertion(kind: Assertion): Part {
  return { node: { type: "assertion", kind } };
}

const ANCHORS: { readonly [letter: string]: Assertion | undefined } = {
  A: "text-start",
  z: "text-end",
  Z: "text-end-or-newline",
  b: "word-boundary",
  B: "no-word-boundary",
};

function parseEscape(state: ParserState, flags: PatternFlags): Part {
  const { reader } = state;
  const letter = reader.peek();
  const anchor = ANCHORS[letter];
  if (anchor) {
    reader.next();
    return assertion(anchor);
  }
  if (letter === "w" || letter === "W") {
    reader.next();
    const words = wordCharactersOfPatterns();
    return { node: setOf(letter === "w" ? words : complement(words)) };
  }
  const set = parseSetEscape(reader);
  if (set) return { node: setOf(set) };
  switch (letter) {
    case "N":
    case "O":
      reader.next();
      return { node: setOf(letter === "O" ? EVERY_CODE_POINT : complement([10, 11])) };
    case "R":
      reader.next();
      return { node: NEWLINE };
    case "k":
      return { node: parseNamedReference(state, flags) };
    case "X":
    case "y":
    case "Y":
    case "K":
    case "G":
    case "g":
      throw reader.unsupported(`\\${letter}`);
    default:
      break;
  }
  if (/^[1-9]$/.test(letter)) {
    const start = reader.at;
    const index = Number(reader.takeWhile(/^[0-9]$/, 3));
    if (index <= 9 || index <= state.groups) return { node: reference(state, index, flags) };
    reader.at = start;
  }
  return { code: parseCharacterEscape(reader) };
}

/** A line break of any kind; a pair of two is not taken apart. */
const NEWLINE: PatternNode = {
  type: "atomic",
  body: alternation([
    sequence([setOf([13, 14]), setOf([10, 11])]),
    setOf([10, 14, 0x85, 0x86, 0x2028, 0x202a]),
  ]),
};

function reference(state: ParserState, index: number, flags: PatternFlags): PatternNode {
  if (flags.ignoreCase) throw state.reader.unsupported("a back-reference that ignores case");
  state.highestReference = Math.max(state.highestReference, index);
  return { type: "back-reference", index };
}

function parseNamedReference(state: ParserState, flags: PatternFlags): PatternNode {
  const { reader } = state;
  reader.next();
  const close = reader.take("<") ? ">" : reader.take("'") ? "'" : undefined;
  if (close === undefined) throw reader.bad("\\k needs a name");
  const name = reader.until(close);
  const index = /^[0-9]+$/.test(name) ? Number(name) : state.names.get(name);
  if (index === undefined || index === 0) throw reader.bad(`no group is called "${name}"`);
  return reference(state, index, flags);
}

/** What stands after a `(`, which has been taken, to its `)`. */
function parseGroup(state: ParserState, flags: PatternFlags): PatternNode {
  const { reader } = state;
  if (reader.peek() === "*") throw reader.unsupported("a callout");
  if (!reader.take("?")) {
    return state.hasNames ? closed(state, flags) : capture(state, flags);
  }
  if (reader.take("#")) {
    reader.until(")");
    return EMPTY;
  }
  if (reader.take(":")) return closed(state, flags);
  if (reader.take(">")) return { type: "atomic", body: closed(state, flags) };
  for (const [sign, look] of LOOKS) {
    if (reader.take(sign)) return { type: "look", ...look, body: closed(state, flags) };
  }
  if (reader.take("<")) return capture(state, flags, reader.until(">"));
  if (reader.take("'")) return capture(state, flags, reader.until("'"));
  return parseOptions(state, flags);
}

const LOOKS: readonly (readonly [
  string,
  { readonly isBehind: boolean; readonly isNegative: boolean },
])[] = [
  ["=", { isBehind: false, isNegative: false }],
  ["!", { isBehind: false, isNegative: true }],
  ["<=", { isBehind: true, isNegative: false }],
  ["<!", { isBehind: true, isNegative: true }],
];

function closed(state: ParserState, flags: PatternFlags): PatternNode {
  const body = parseAlternation(state, flags);
  if (!state.reader.take(")")) throw state.reader.bad('a "(" has no ")"');
  return body;
}

function capture(state: ParserState, flags: PatternFlags, name?: string): PatternNode {
  const index = ++state.groups;
  if (name !== undefined) {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw state.reader.bad(`"${name}" is not a name`);
    if (state.names.has(name)) throw state.reader.unsupported("a name that stands twice");
    state.names.set(name, index);
  }
  return { type: "group", index, body: closed(state, flags) };
}

/** `(?i)` to the end of the group that it stands in, alternatives included, or `(?i:…)`. */
function parseOptions(state: ParserState, flags: PatternFlags): PatternNode {
  const { reader } = state;
  const changed = { ...flags };
  let isOn = true;
  for (;;) {
    const letter = reader.next();
    if (letter === ":") return closed(state, changed);
    if (letter === ")") return parseAlternation(state, changed);
    const name = OPTIONS[letter];
    if (letter === "-") isOn = false;
    else if (name) changed[name] = isOn;
    else if ("WDSPyCIL~({".includes(letter)) throw reader.unsupported(`(?${letter}`);
    else throw reader.bad(`"(?${letter}" means nothing`);
  }
}

const OPTIONS: { readonly [letter: string]: keyof PatternFlags | undefined } = {
  i: "ignoreCase",
  m: "dotAll",
  x: "extended",
};
