import type { PatternNode } from "../regex/syntax-tree.ts";
import type { CodePoints } from "../unicode/code-points.ts";

/** An instruction of a pattern; alternatives stand in the order in which they are tried. */
export type Instruction =
  | { readonly type: "character"; readonly set: number; readonly next: number }
  | { readonly type: "fork"; first: number; second: number }
  | {
      readonly type: "look";
      /** `undefined`: nothing may follow. */
      readonly set: number | undefined;
      readonly isNegative: boolean;
      readonly next: number;
    }
  | { readonly type: "match" };

/** A pattern as instructions for threads that run side by side, each character once. */
export interface ThreadProgram {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** Why a pattern cannot be run by threads without memory; the machine that backtracks takes it then. */
export class NotRegularError extends Error {}

const MAX_INSTRUCTIONS = 2_000;

/**
 * @param sets receives the sets of the pattern; instructions name them by position.
 * @throws {NotRegularError} for constructs that need more than the next character.
 */
export function threadProgram(pattern: PatternNode, sets: CodePoints[]): ThreadProgram {
  const instructions: Instruction[] = [{ type: "match" }];
  const start = emit(pattern, 0, { instructions, sets });
  return { instructions, start };
}

interface Output {
  readonly instructions: Instruction[];
  readonly sets: CodePoints[];
}

/** Appends `node` and gives its first instruction; what comes after it is already there, at `next`. */
function emit(node: PatternNode, next: number, output: Output): number {
  switch (node.type) {
    case "set":
      return push(output, { type: "character", set: setIndex(node.points, output), next });
    case "sequence":
      return node.items.reduceRight((after, item) => emit(item, after, output), next);
    case "alternation":
      return node.options
        .map((option) => emit(option, next, output))
        .reduceRight((second, first) => push(output, { type: "fork", first, second }));
    case "repeat":
      return emitRepeat(node, next, output);
    case "group":
      return emit(node.body, next, output);
    case "look":
      return emitLook(node, next, output);
    case "assertion":
      if (node.kind !== "text-end") break;
      return push(output, { type: "look", set: undefined, isNegative: true, next });
    default:
      break;
  }
  throw new NotRegularError(node.type);
}

function emitLook(
  node: Extract<PatternNode, { type: "look" }>,
  next: number,
  output: Output,
): number {
  const { body, isBehind, isNegative } = node;
  if (isBehind || body.type !== "set") throw new NotRegularError("look");
  return push(output, { type: "look", set: setIndex(body.points, output), isNegative, next });
}

function emitRepeat(
  node: Extract<PatternNode, { type: "repeat" }>,
  next: number,
  output: Output,
): number {
  const { body, min, max, mode } = node;
  if (mode === "possessive" || isNullable(body)) throw new NotRegularError(mode);
  const fork = (again: number): Instruction =>
    mode === "lazy"
      ? { type: "fork", first: next, second: again }
      : { type: "fork", first: again, second: next };
  let start = next;
  if (max === Number.POSITIVE_INFINITY) {
    start = push(output, fork(-1));
    Object.assign(output.instructions[start] as object, fork(emit(body, start, output)));
  } else {
    for (let i = min; i < max; i++) start = push(output, fork(emit(body, start, output)));
  }
  for (let i = 0; i < min; i++) start = emit(body, start, output);
  return start;
}

function isNullable(node: PatternNode): boolean {
  switch (node.type) {
    case "set":
      return false;
    case "sequence":
      return node.items.every(isNullable);
    case "alternation":
      return node.options.some(isNullable);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
    case "group":
    case "atomic":
      return isNullable(node.body);
    default:
      return true;
  }
}

function push({ instructions }: Output, instruction: Instruction): number {
  if (instructions.length >= MAX_INSTRUCTIONS) throw new NotRegularError("too long");
  return instructions.push(instruction) - 1;
}

function setIndex(points: CodePoints, { sets }: Output): number {
  const key = points.join();
  const known = sets.findIndex((set) => set.join() === key);
  return known >= 0 ? known : sets.push(points) - 1;
}
