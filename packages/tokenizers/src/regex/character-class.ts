import { type CodePoints, complement, intersection, unionAll } from "../unicode/code-points.ts";
import { posixClass, property } from "../unicode/properties.ts";
import type { PatternReader } from "./reader.ts";

/** A class before case is looked at: the reference folds what is listed, and negates after that. */
export interface ParsedClass {
  readonly points: CodePoints;
  readonly isNegated: boolean;
}

/** Reads a class whose `[` has been taken. */
export function parseClass(reader: PatternReader, depth = 0): ParsedClass {
  if (depth > 100) throw reader.bad("its classes are nested too deep");
  const isNegated = reader.take("^");
  let all: CodePoints | undefined;
  let parts: CodePoints[] = [];
  const begin = reader.at;
  for (;;) {
    if (reader.peek() === "]" && (reader.at > begin || !hasLaterBracket(reader))) break;
    if (reader.take("&&")) {
      const points = unionAll(parts);
      all = all ? intersection(all, points) : points;
      parts = [];
      continue;
    }
    parts.push(parseItem(reader, depth));
  }
  reader.next();
  if (parts.length === 0 && !all && reader.at === begin + 1) throw reader.bad("a class is empty");
  const last = unionAll(parts);
  return { points: all ? intersection(all, last) : last, isNegated };
}

export function resolveClass({ points, isNegated }: ParsedClass): CodePoints {
  return isNegated ? complement(points) : points;
}

/** A `]` that comes first stands for itself if another one closes the class. */
function hasLaterBracket(reader: PatternReader): boolean {
  for (let ahead = 1; reader.peek(ahead) !== ""; ahead++) {
    if (reader.peek(ahead) === "\\") ahead++;
    else if (reader.peek(ahead) === "]") return true;
  }
  return false;
}

function parseItem(reader: PatternReader, depth: number): CodePoints {
  const posix = parsePosix(reader);
  if (!posix && reader.take("[")) return resolveClass(parseClass(reader, depth + 1));
  const first = posix ?? parseMember(reader);
  const isRange = reader.peek() === "-" && reader.peek(1) !== "]" && reader.peek(1) !== "";
  if (typeof first !== "number") {
    if (isRange) throw reader.bad("a range begins with a class");
    return first;
  }
  return isRange && !isIntersectionAhead(reader) ? parseRange(reader, first) : [first, first + 1];
}

/** The rest of a range, from its hyphen on. */
function parseRange(reader: PatternReader, first: number): CodePoints {
  reader.next();
  if (reader.peek() === "[") throw reader.unsupported("a range that ends with a class");
  const last = parseMember(reader);
  if (typeof last !== "number") throw reader.bad("a range ends with a class");
  if (last < first) throw reader.bad("a range of a class is empty");
  return [first, last + 1];
}

/** `a-&&…` is no range: the hyphen stands for itself. */
function isIntersectionAhead(reader: PatternReader): boolean {
  return reader.peek(1) === "&" && reader.peek(2) === "&";
}

/** One character, or the set of an escape. */
function parseMember(reader: PatternReader): number | CodePoints {
  const character = reader.next();
  if (character !== "\\") return codeOf(character);
  if (reader.peek() === "b") {
    reader.next();
    return 8;
  }
  return parseSetEscape(reader) ?? parseCharacterEscape(reader);
}

function parsePosix(reader: PatternReader): CodePoints | undefined {
  const start = reader.at;
  if (!reader.take("[:")) return undefined;
  const isNegated = reader.take("^");
  const name = reader.takeWhile(/^[A-Za-z]$/);
  if (!reader.take(":]")) {
    reader.at = start;
    return undefined;
  }
  const points = posixClass(name);
  if (!points) throw reader.bad(`no class is called [:${name}:]`);
  return isNegated ? complement(points) : points;
}

/** What `\w`, `\p{…}` and their like stand for; the backslash has been taken. */
export function parseSetEscape(reader: PatternReader): CodePoints | undefined {
  const letter = reader.peek();
  const name = SHORTHANDS[letter.toLowerCase()];
  if (name !== undefined) {
    reader.next();
    const points = posixClass(name) ?? [];
    return letter === letter.toLowerCase() ? points : complement(points);
  }
  // Without a brace it is the letter itself.
  if ((letter !== "p" && letter !== "P") || reader.peek(1) !== "{") return undefined;
  reader.take(`${letter}{`);
  const isNegated = reader.take("^") !== (letter === "P");
  const called = reader.until("}");
  const points = property(called);
  if (points) return isNegated ? complement(points) : points;
  if (/^in[ _-]?/i.test(called)) throw reader.unsupported(`\\p{${called}}`);
  throw reader.bad(`no property is called ${JSON.stringify(called)}`);
}

const SHORTHANDS: { readonly [letter: string]: string | undefined } = {
  d: "digit",
  h: "xdigit",
  s: "space",
  w: "word",
};

const CONTROLS: { readonly [letter: string]: number | undefined } = {
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
};

/** One character by an escape; the backslash has been taken. */
export function parseCharacterEscape(reader: PatternReader): number {
  const letter = reader.next();
  const control = CONTROLS[letter];
  if (control !== undefined) return control;
  switch (letter) {
    case "x":
      if (reader.take("{")) {
        const digits = reader.until("}");
        if (digits.includes(" ")) throw reader.unsupported("a sequence of \\x{…}");
        return checked(reader, digits, 16);
      }
      return checked(reader, reader.takeWhile(/^[0-9A-Fa-f]$/, 2) || "0", 16);
    case "u":
      return checked(reader, reader.takeWhile(/^[0-9A-Fa-f]$/, 4), 16, 4);
    case "o":
      if (reader.take("{")) return checked(reader, reader.until("}"), 8);
      return codeOf(letter);
    case "c":
      return codeOf(reader.next()) & 0x1f;
    case "C":
    case "M":
      throw reader.unsupported(`\\${letter}`);
    default:
      break;
  }
  if (!/^[0-7]$/.test(letter)) return codeOf(letter);
  return checked(reader, letter + reader.takeWhile(/^[0-7]$/, 2), 8);
}

function checked(
  reader: PatternReader,
  digits: string,
  ...[base, length]: [16 | 8, number?]
): number {
  const isRight = base === 16 ? /^[0-9A-Fa-f]{1,8}$/ : /^[0-7]{1,11}$/;
  const code = Number.parseInt(digits, base);
  const isShort = length !== undefined && digits.length !== length;
  if (!isRight.test(digits) || isShort || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    throw reader.bad(`"${digits}" is not a character's number`);
  }
  // A byte of more than 7 bits would be a part of a UTF-8 sequence.
  return code;
}

function codeOf(character: string): number {
  return character.codePointAt(0) as number; // one whole character
}
