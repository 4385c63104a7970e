import { type CodePointSet, type CodePoints, membership, union } from "../unicode/code-points.ts";
import type { Assertion, PatternNode } from "./syntax-tree.ts";

/** Operations of the matching machine, each followed by its operands. */
export const Op = {
  /** Ends a (sub-)match. */
  match: 0,
  /** set */
  set: 1,
  /** The UTF-16 unit itself: a character that is one unit. */
  unit: 2,
  /** first choice, second choice */
  split: 3,
  /** target */
  jump: 4,
  /** set, min, max (−1 for none), 1 to keep what was taken */
  setLoop: 5,
  /** register */
  save: 6,
  /** kind */
  assertion: 7,
  /** where it goes on, 1 for negative; the body follows */
  lookAhead: 8,
  /** where it goes on, 1 for negative, characters at least, at most (−1 for no limit); the body follows */
  lookBehind: 9,
  /** where it goes on; the body follows */
  atomic: 10,
  /** register of the loop's start, where it goes on when nothing was taken */
  emptyCheck: 11,
  /** register of the group's start; its end is the next one */
  backReference: 12,
  /** set, where it goes on when the next character is not in it: a choice that cannot succeed is never made */
  guard: 13,
} as const;

export const ASSERTIONS: readonly Assertion[] = [
  "line-start",
  "line-end",
  "text-start",
  "text-end",
  "text-end-or-newline",
  "word-boundary",
  "no-word-boundary",
];

export interface Program {
  readonly code: Int32Array;
  readonly sets: readonly CodePointSet[];
  readonly registers: number;
  /** Characters that a match can begin with; `undefined` when it can be empty. */
  readonly first: CodePointSet | undefined;
}

const MAX_CODE = 1_000_000;

/** Too much to compile: the caller names the pattern. */
export class PatternSizeError extends RangeError {}

export function compile(root: PatternNode): Program {
  const assembler = new Assembler();
  assembler.emitNode(root);
  assembler.emit(Op.match);
  const first = firstCharacters(root);
  return {
    code: Int32Array.from(assembler.code),
    sets: assembler.sets,
    registers: assembler.registers,
    first: first.isEmpty ? undefined : membership(first.points),
  };
}

class Assembler {
  readonly code: number[] = [];
  readonly sets: CodePointSet[] = [];
  readonly #setNumbers = new Map<string, number>();
  readonly #groups = new Map<number, number>();
  registers = 0;

  emit(...words: number[]): number {
    const at = this.code.length;
    if (at > MAX_CODE) throw new PatternSizeError("the pattern is too large");
    for (const word of words) this.code.push(word);
    return at;
  }

  emitNode(node: PatternNode): void {
    switch (node.type) {
      case "set":
        this.#emitSet(node.points);
        break;
      case "sequence":
        for (const item of node.items) this.emitNode(item);
        break;
      case "alternation":
        this.#emitAlternation(node.options);
        break;
      case "repeat":
        this.#emitRepeat(node);
        break;
      case "group": {
        const register = this.#group(node.index);
        this.emit(Op.save, register);
        this.emitNode(node.body);
        this.emit(Op.save, register + 1);
        break;
      }
      case "atomic":
        this.#emitBody([Op.atomic, 0], node.body);
        break;
      case "look":
        this.#emitLook(node);
        break;
      case "assertion":
        this.emit(Op.assertion, ASSERTIONS.indexOf(node.kind));
        break;
      case "back-reference":
        this.emit(Op.backReference, this.#group(node.index));
        break;
    }
  }

  #emitSet(points: CodePoints): void {
    const [first = 0, end = 0] = points;
    const isUnit = points.length === 2 && end - first === 1 && first < 0x10000;
    if (isUnit) this.emit(Op.unit, first);
    else this.emit(Op.set, this.#setNumber(points));
  }

  #setNumber(points: CodePoints): number {
    const key = points.join();
    const known = this.#setNumbers.get(key);
    if (known !== undefined) return known;
    this.#setNumbers.set(key, this.sets.length);
    return this.sets.push(membership(points)) - 1;
  }

  /** Register of a group's start. */
  #group(index: number): number {
    const known = this.#groups.get(index);
    if (known !== undefined) return known;
    const register = this.registers;
    this.registers += 2;
    this.#groups.set(index, register);
    return register;
  }

  #emitAlternation(options: readonly PatternNode[]): void {
    const jumps: number[] = [];
    for (const option of options.slice(0, -1)) {
      const first = firstCharacters(option);
      const guard = first.isEmpty ? -1 : this.emit(Op.guard, this.#setNumber(first.points), 0);
      const split = this.emit(Op.split, 0, 0);
      this.code[split + 1] = this.code.length;
      this.emitNode(option);
      jumps.push(this.emit(Op.jump, 0));
      this.code[split + 2] = this.code.length;
      if (guard >= 0) this.code[guard + 2] = this.code.length;
    }
    for (const option of options.slice(-1)) this.emitNode(option);
    for (const jump of jumps) this.code[jump + 1] = this.code.length;
  }

  /** An operation whose first operand is where it goes on after its body, which ends with a match. */
  #emitBody(words: readonly number[], body: PatternNode): void {
    const at = this.emit(...words);
    this.emitNode(body);
    this.emit(Op.match);
    this.code[at + 1] = this.code.length;
  }

  #emitLook(node: Extract<PatternNode, { type: "look" }>): void {
    const negative = node.isNegative ? 1 : 0;
    if (!node.isBehind) {
      this.#emitBody([Op.lookAhead, 0, negative], node.body);
      return;
    }
    const { min, max } = lengthOf(node.body);
    const most = Number.isFinite(max) ? max : -1;
    this.#emitBody([Op.lookBehind, 0, negative, min, most], node.body);
  }

  #emitRepeat(node: Extract<PatternNode, { type: "repeat" }>): void {
    const { body, min, max, mode } = node;
    if (max === 0) return;
    if (body.type === "set" && mode !== "lazy") {
      const most = Number.isFinite(max) ? max : -1;
      const keeps = mode === "possessive" ? 1 : 0;
      this.emit(Op.setLoop, this.#setNumber(body.points), min, most, keeps);
      return;
    }
    if (mode === "possessive") {
      this.#emitBody([Op.atomic, 0], { ...node, mode: "greedy" });
      return;
    }
    for (let i = 0; i < min; i++) this.emitNode(body);
    if (Number.isFinite(max)) this.#emitOptional(body, max - min, mode);
    else this.#emitLoop(body, mode);
  }

  #emitLoop(body: PatternNode, mode: "greedy" | "lazy"): void {
    const start = this.#emitSplit(mode);
    const checksEmpty = lengthOf(body).min === 0;
    const register = this.registers;
    if (checksEmpty) {
      this.registers++;
      this.emit(Op.save, register);
    }
    this.emitNode(body);
    const check = checksEmpty ? this.emit(Op.emptyCheck, register, 0) : -1;
    this.emit(Op.jump, start);
    this.#setExit(start, mode);
    if (check >= 0) this.code[check + 2] = this.code.length;
  }

  /** Up to `count` more, one inside the other. */
  #emitOptional(body: PatternNode, count: number, mode: "greedy" | "lazy"): void {
    const splits: number[] = [];
    for (let i = 0; i < count; i++) {
      splits.push(this.#emitSplit(mode));
      this.emitNode(body);
    }
    for (const split of splits) this.#setExit(split, mode);
  }

  /** The way into the body is filled in, the way out is left to {@link #setExit}. */
  #emitSplit(mode: "greedy" | "lazy"): number {
    const split = this.emit(Op.split, 0, 0);
    this.code[split + (mode === "greedy" ? 1 : 2)] = this.code.length;
    return split;
  }

  #setExit(split: number, mode: "greedy" | "lazy"): void {
    this.code[split + (mode === "greedy" ? 2 : 1)] = this.code.length;
  }
}

interface Length {
  readonly min: number;
  readonly max: number;
}

/** How many characters a node can match. */
function lengthOf(node: PatternNode): Length {
  switch (node.type) {
    case "set":
      return { min: 1, max: 1 };
    case "sequence":
      return node.items
        .map(lengthOf)
        .reduce((a, b) => ({ min: a.min + b.min, max: a.max + b.max }), { min: 0, max: 0 });
    case "alternation":
      return node.options
        .map(lengthOf)
        .reduce((a, b) => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }));
    case "repeat": {
      const { min, max } = lengthOf(node.body);
      return { min: min * node.min, max: max === 0 ? 0 : max * node.max };
    }
    case "group":
    case "atomic":
      return lengthOf(node.body);
    case "look":
    case "assertion":
      return { min: 0, max: 0 };
    case "back-reference":
      return { min: 0, max: Number.POSITIVE_INFINITY };
  }
}

interface First {
  readonly points: CodePoints;
  /** Whether the node can match without taking a character. */
  readonly isEmpty: boolean;
}

function firstCharacters(node: PatternNode): First {
  switch (node.type) {
    case "set":
      return { points: node.points, isEmpty: false };
    case "sequence": {
      let points: CodePoints = [];
      for (const item of node.items) {
        const first = firstCharacters(item);
        points = union(points, first.points);
        if (!first.isEmpty) return { points, isEmpty: false };
      }
      return { points, isEmpty: true };
    }
    case "alternation":
      return node.options.map(firstCharacters).reduce((a, b) => ({
        points: union(a.points, b.points),
        isEmpty: a.isEmpty || b.isEmpty,
      }));
    case "repeat": {
      const { points, isEmpty } = firstCharacters(node.body);
      return { points, isEmpty: isEmpty || node.min === 0 };
    }
    case "group":
    case "atomic":
      return firstCharacters(node.body);
    default:
      return { points: [], isEmpty: true };
  }
}
