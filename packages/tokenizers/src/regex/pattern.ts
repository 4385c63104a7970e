import { isObject, parseString } from "@bearhug/core";
import { PatternLimitError, TokenizerFormatError } from "../errors.ts";
import type { Range } from "../pre-tokenizers/split.ts";
import { Machine, StepLimitError } from "./machine.ts";
import { parseRegex } from "./parse.ts";
import { compile, PatternSizeError, type Program } from "./program.ts";

/** A `pattern` of tokenizer.json: a text to be found as it is, or a regular expression. */
export interface PatternDefinition {
  readonly type: "String" | "Regex";
  readonly source: string;
}

/** Where a pattern occurs in a text: in order, not overlapping. Matches can be empty. */
export type PatternMatcher = (text: string) => Range[];

/**
 * Checks a `pattern` field.
 *
 * @throws {TokenizerFormatError} naming the path, when it is not one.
 */
export function parsePattern(value: unknown, path: string): PatternDefinition {
  if (isObject(value) && "Regex" in value) {
    const source = parseString(value["Regex"], `${path}.Regex`);
    compileRegex(source, `${path}.Regex`);
    return { type: "Regex", source };
  }
  if (isObject(value) && "String" in value) {
    return { type: "String", source: parseString(value["String"], `${path}.String`) };
  }
  throw new TokenizerFormatError(`${path} must be {"String": text} or {"Regex": pattern}`);
}

export function createMatcher({ type, source }: PatternDefinition): PatternMatcher {
  if (type === "String" && source !== "") return (text) => matchString(text, source);
  const program = compileRegex(source, "pattern");
  return (text) => matchAll(program, text, source);
}

/** Each occurrence of `pattern`; an empty pattern matches nowhere. */
export function matchString(text: string, pattern: string): Range[] {
  const ranges: Range[] = [];
  if (pattern === "") return ranges;
  for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + pattern.length)) {
    ranges.push([at, at + pattern.length]);
  }
  return ranges;
}

/** Programs by pattern: tables of classes are large, and the same patterns come again and again. */
const programs = new Map<string, Program>();
const MAX_PROGRAMS = 64;
/** The longest known has a few hundred characters. */
const LONGEST_PATTERN = 20_000;

function compileRegex(source: string, path: string): Program {
  const known = programs.get(source);
  if (known) return known;
  if (source.length > LONGEST_PATTERN) {
    throw new TokenizerFormatError(
      `${path} is a pattern of ${source.length} characters, the limit is ${LONGEST_PATTERN}`,
    );
  }
  try {
    const program = compile(parseRegex(source, path));
    if (programs.size >= MAX_PROGRAMS) programs.clear();
    programs.set(source, program);
    return program;
  } catch (cause) {
    if (!(cause instanceof PatternSizeError)) throw cause;
    throw new TokenizerFormatError(`${path} repeats too much: ${cause.message}`, { cause });
  }
}

/** Steps that one match may take, as in the reference, and that all matches in a text may take together. */
const STEPS_A_MATCH = 10_000_000;
const STEPS_A_TEXT = 100_000_000;
const STEPS_A_UNIT = 1_000;

/**
 * As the reference iterates: an empty match right where the last match ended is passed over.
 *
 * @throws {PatternLimitError} when the pattern backtracks without end.
 */
function matchAll(program: Program, text: string, source: string): Range[] {
  const ranges: Range[] = [];
  if (text === "") return ranges;
  const machine = new Machine(program, text);
  const most = STEPS_A_TEXT + STEPS_A_UNIT * text.length;
  let lastEnd = -1;
  let from = 0;
  try {
    while (from <= text.length) {
      const found = search(program, text, { machine, from, most });
      if (!found) break;
      const [start, end] = found;
      from = end;
      if (start === end && end === lastEnd) {
        from += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
        continue;
      }
      lastEnd = end;
      ranges.push(found);
    }
  } catch (cause) {
    if (!(cause instanceof StepLimitError)) throw cause;
    throw new PatternLimitError(source, text.length, { cause });
  }
  return ranges;
}

function search(
  program: Program,
  text: string,
  job: { readonly machine: Machine; readonly from: number; readonly most: number },
): Range | undefined {
  const { machine, most } = job;
  const { first } = program;
  for (let at = job.from; at <= text.length; ) {
    const codePoint = text.codePointAt(at);
    const mayBegin = !first || (codePoint !== undefined && first.has(codePoint));
    if (mayBegin) {
      const end = machine.matchAt(at, Math.min(machine.steps + STEPS_A_MATCH, most));
      if (end >= 0) return [at, end];
    }
    at += codePoint !== undefined && codePoint > 0xffff ? 2 : 1;
  }
  return undefined;
}
