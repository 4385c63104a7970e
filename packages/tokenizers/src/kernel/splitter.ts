import { parseRegex } from "../regex/parse.ts";
import type { PatternNode } from "../regex/syntax-tree.ts";
import { type CodePoints, complement, unionAll } from "../unicode/code-points.ts";
import { type CharacterClasses, classify } from "./character-classes.ts";
import {
  END,
  nestedMachine,
  patternMachine,
  type SplitMachine,
  type SplitOutput,
} from "./splitter-states.ts";
import { NotRegularError, type ThreadProgram, threadProgram } from "./threads.ts";

/**
 * An automaton that cuts text into pieces, one table look-up a character. Made from the syntax trees of patterns, so
 * that it cuts as these do; {@link Splitter} is plain tables, which the kernel copies to where it can read them fast.
 */
export interface Splitter {
  /** Class of every UTF-16 unit; surrogates have `surrogateClass`. */
  readonly unitClasses: Uint8Array;
  readonly surrogateClass: number;
  readonly endClass: number;
  /** `transitions[state + class]` is `next state << 8 | action`; states are multiples of the number of classes. */
  readonly transitions: Int32Array;
  /** Whether there can be pieces that no pattern matched. */
  readonly hasGaps: boolean;
  /** What actions from {@link FIRST_RARE_ACTION} on do. */
  readonly rareActions: readonly SplitOutput[];
  /** Class of a character outside the basic plane. */
  classOf(codePoint: number): number;
}

/**
 * Actions: bit 0 is how far back the boundary is, bit 1 whether there is one. Whatever else can happen is rare and
 * listed; the last number says that a surrogate was read.
 */
export const FIRST_RARE_ACTION = 4;
export const SURROGATE_ACTION = 255;

/** Of a table that the kernel has room for. */
export const MAX_TRANSITIONS: number = 1 << 15;

/** Patterns of pieces, each cutting the pieces of the one before. */
export type SplitPatterns = readonly (string | PatternNode)[];

/** `undefined` when the patterns need more than an automaton can know. */
export function createSplitter(patterns: SplitPatterns): Splitter | undefined {
  if (patterns.length === 0) return undefined;
  try {
    const sets: CodePoints[] = [];
    const programs = patterns.map((pattern) => {
      const node = typeof pattern === "string" ? parseRegex(pattern, "pattern") : pattern;
      return { node, program: threadProgram(node, sets) };
    });
    // What a pattern cannot begin with is a piece as a whole, whose end is known at once.
    const others = programs.map(({ program }) => complement(firsts(program, sets)));
    const whole = programs.map(({ node }, i) => threadProgram(withGaps(node, others[i]), sets));
    const classes = classify(sets);
    if (!classes) return undefined;
    const machines = whole.map((program) => patternMachine(program, classes));
    const machine = machines
      .map((each): SplitMachine<unknown> => each as SplitMachine<unknown>)
      .reduce((outer, inner) => nestedMachine(outer, inner) as SplitMachine<unknown>);
    const splitter = toTables(machine, classes);
    // A match that fails after its first character would be cut from what cannot begin one.
    if (machines.some((each, i) => others[i].length > 0 && each.hasGaps())) return undefined;
    return { ...splitter, hasGaps: machine.hasGaps() || others.some(({ length }) => length > 0) };
  } catch (error) {
    if (error instanceof NotRegularError) return undefined;
    throw error;
  }
}

function withGaps(node: PatternNode, others: CodePoints): PatternNode {
  if (others.length === 0) return node;
  const gap: PatternNode = {
    type: "repeat",
    body: { type: "set", points: others },
    min: 1,
    max: Number.POSITIVE_INFINITY,
    mode: "greedy",
  };
  return { type: "alternation", options: [node, gap] };
}

/** Characters that a match can begin with. */
function firsts({ instructions, start }: ThreadProgram, sets: readonly CodePoints[]): CodePoints {
  const found: CodePoints[] = [];
  const seen = new Set<number>();
  const visit = (at: number): void => {
    if (seen.has(at)) return;
    seen.add(at);
    const instruction = instructions[at];
    if (instruction.type === "match") throw new NotRegularError("matches nothing");
    if (instruction.type === "character") found.push(sets[instruction.set]);
    if (instruction.type === "look") visit(instruction.next);
    if (instruction.type === "fork") {
      visit(instruction.first);
      visit(instruction.second);
    }
  };
  visit(start);
  return unionAll(found);
}

function toTables(
  machine: SplitMachine<unknown>,
  classes: CharacterClasses,
): Omit<Splitter, "hasGaps"> {
  const endClass = classes.count;
  const surrogateClass = classes.count + 1;
  const width = classes.count + 2;
  const rareActions: SplitOutput[] = [];
  const numbers = new Map([[machine.key(machine.start), 0]]);
  const states = [machine.start];
  const transitions: number[] = [];
  for (let state = 0; state < states.length; state++) {
    const from = state * width;
    if (from + width > MAX_TRANSITIONS) throw new NotRegularError("too many states");
    for (let column = 0; column <= endClass; column++) {
      const step = machine.step(states[state], column === endClass ? END : column);
      const key = machine.key(step.state);
      const target = numbers.get(key) ?? states.push(step.state) - 1;
      numbers.set(key, target);
      transitions.push(((target * width) << 8) | actionOf(step.output, rareActions));
    }
    transitions.push((from << 8) | SURROGATE_ACTION);
  }
  return {
    unitClasses: unitClasses(classes, surrogateClass),
    surrogateClass,
    endClass,
    transitions: Int32Array.from(transitions),
    rareActions,
    classOf: classes.of,
  };
}

function actionOf(output: SplitOutput, rareActions: SplitOutput[]): number {
  const { takesBack, writes } = output;
  if (takesBack === 0 && writes.length === 0) return 0;
  if (takesBack === 0 && writes.length === 1) return 2 | writes[0];
  const key = JSON.stringify(output);
  const known = rareActions.findIndex((action) => JSON.stringify(action) === key);
  const index = known >= 0 ? known : rareActions.push(output) - 1;
  if (index + FIRST_RARE_ACTION >= SURROGATE_ACTION) throw new NotRegularError("too many actions");
  return index + FIRST_RARE_ACTION;
}

function unitClasses(classes: CharacterClasses, surrogateClass: number): Uint8Array {
  const table = new Uint8Array(0x10000);
  classes.starts.forEach((start, run) => {
    table.fill(classes.classes[run], start, classes.starts[run + 1] ?? 0x10000);
  });
  return table.fill(surrogateClass, 0xd800, 0xe000);
}
