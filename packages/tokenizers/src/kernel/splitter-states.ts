import type { CharacterClasses } from "./character-classes.ts";
import { NotRegularError, type ThreadProgram } from "./threads.ts";

/**
 * Where the cutting of a text stands after some characters. `threads` are the ways in which the current piece may go
 * on, best first. When the piece could also have ended, `ended` says how the text goes on from there; it is undone
 * if the piece ends later after all.
 */
export interface SplitState {
  readonly threads: readonly number[];
  readonly ended?: {
    /** Characters since that end: 0 or 1, and 0 once the boundary is written. */
    readonly back: number;
    /** Boundaries written since, which a later end takes back. */
    readonly written: number;
    readonly rest: SplitState;
  };
  /** Characters before this piece that nothing matched: they are a piece. */
  readonly hasGap?: boolean;
  /** Where the text stands if nothing matches here, so that the piece begins one character later. */
  readonly skipped?: SplitState;
}

/** What one character does: takes back boundaries, then writes new ones, so many characters before it. */
export interface SplitOutput {
  readonly takesBack: number;
  readonly writes: readonly number[];
}

export interface SplitStep<State> {
  readonly state: State;
  readonly output: SplitOutput;
}

/** Cuts a text into pieces, character by character. */
export interface SplitMachine<State> {
  readonly start: State;
  key(state: State): string;
  /** @param characterClass `END` at the end of the text. */
  step(state: State, characterClass: number): SplitStep<State>;
  /** Whether a step so far found a place where the pattern does not match. */
  hasGaps(): boolean;
}

export const END = -1;

const NOTHING: SplitOutput = { takesBack: 0, writes: [] };
const MAX_WRITTEN = 3;
const MAX_SKIPPED = 8;

/**
 * Pieces are the matches of a pattern, leftmost alternatives first, as a machine that backtracks finds them, and what
 * lies between matches.
 *
 * @throws {NotRegularError} from `step`, when a boundary is known too late.
 */
export function patternMachine(
  program: ThreadProgram,
  classes: CharacterClasses,
): SplitMachine<SplitState> {
  const start: SplitState = { threads: [program.start] };
  const gap: SplitState = { threads: [program.start], hasGap: true };
  const runs = new ThreadRunner(program, classes);
  let hasGaps = false;

  const step = (state: SplitState, characterClass: number): SplitStep<SplitState> => {
    const { threads, isMatch } = runs.step(state.threads, characterClass);
    if (isMatch && (state === start || state === gap)) throw new NotRegularError("matches nothing");
    if (isMatch || state.ended) return goOn(state, { threads, isMatch, characterClass });
    if (threads.length === 0) return skip(state, characterClass);
    if (runs.mustMatch(threads)) return { state: { threads }, output: endGap(state) };
    return { state: { threads, ...beginLater(state, characterClass) }, output: NOTHING };
  };

  /** Nothing matched so far: the piece may have to begin one character later. */
  const beginLater = (state: SplitState, characterClass: number): Partial<SplitState> => {
    const { skipped, hasGap } = state;
    const next = skipped ? step(skipped, characterClass) : { state: gap, output: NOTHING };
    if (next.output.writes.length > 0) throw new NotRegularError("a later match is found first");
    if (depthOf(next.state) > MAX_SKIPPED) throw new NotRegularError("undecided for too long");
    return { skipped: next.state, ...(hasGap ? { hasGap } : {}) };
  };

  /** The boundary between a gap and the match behind it. */
  const endGap = (state: SplitState): SplitOutput => {
    if (!state.hasGap) return NOTHING;
    if (state === gap) return { takesBack: 0, writes: [0] };
    if (state.skipped === gap) return { takesBack: 0, writes: [1] };
    throw new NotRegularError("a gap ends late");
  };

  /** No match begins where the piece does. */
  const skip = (state: SplitState, characterClass: number): SplitStep<SplitState> => {
    hasGaps ||= characterClass !== END || state !== start;
    if (state.skipped) return step(state.skipped, characterClass);
    if (characterClass !== END) return { state: gap, output: NOTHING };
    return { state: start, output: state === gap ? { takesBack: 0, writes: [0] } : NOTHING };
  };

  const goOn = (
    state: SplitState,
    { threads, isMatch, characterClass }: Consumed,
  ): SplitStep<SplitState> => {
    const gapEnd = isMatch ? endGap(state).writes : [];
    const before = state.ended ?? { back: 0, written: 0, rest: start };
    const takenBack = isMatch ? before.written : 0;
    const ended = isMatch ? { back: 0, written: 0, rest: start } : before;
    const rest = step(ended.rest, characterClass);
    const isOver = threads.length === 0;
    const own = mustWrite(ended, isOver, rest.output) ? [ended.back] : [];
    const writes = [...own, ...rest.output.writes];
    const output = {
      takesBack: takenBack + rest.output.takesBack,
      writes: [...gapEnd, ...writes],
    };
    if (isOver) return { state: rest.state, output };
    const written = ended.written + writes.length - rest.output.takesBack;
    if (written > MAX_WRITTEN) throw new NotRegularError("too far back");
    const back = written > 0 ? 0 : ended.back + 1;
    return { state: { threads, ended: { back, written, rest: rest.state } }, output };
  };

  const key = (state: SplitState): string => {
    if (state === start) return "";
    if (state === gap) return "gap";
    const { ended, skipped, hasGap } = state;
    const own = `${hasGap ? "-" : ""}${state.threads.join()}`;
    const end = ended ? `|${ended.back},${ended.written}(${key(ended.rest)})` : "";
    return skipped ? `${own}${end}/${key(skipped)}` : own + end;
  };
  return { start, key, step, hasGaps: () => hasGaps };
}

/** Whether the boundary must be written now: it is sure, or about to be too far back, or others follow it. */
function mustWrite(
  ended: Required<SplitState>["ended"],
  isOver: boolean,
  rest: SplitOutput,
): boolean {
  if (ended.written > 0 || !(isOver || ended.back > 0 || rest.writes.length > 0)) return false;
  if (rest.takesBack > 0) throw new NotRegularError("boundaries out of order");
  return true;
}

function depthOf({ skipped }: SplitState): number {
  return skipped ? 1 + depthOf(skipped) : 0;
}

interface Consumed {
  readonly threads: readonly number[];
  readonly isMatch: boolean;
  readonly characterClass: number;
}

/**
 * The pieces of `outer`, cut again by `inner`, each on its own. `outer` must know a boundary at once.
 *
 * @throws {NotRegularError} from `step`, when it does not.
 */
export function nestedMachine<Outer, Inner>(
  outer: SplitMachine<Outer>,
  inner: SplitMachine<Inner>,
): SplitMachine<readonly [Outer, Inner]> {
  return {
    start: [outer.start, inner.start],
    hasGaps: () => outer.hasGaps() || inner.hasGaps(),
    key: ([outerState, innerState]) => `${outer.key(outerState)}#${inner.key(innerState)}`,
    step([outerState, innerState], characterClass) {
      const { state, output } = outer.step(outerState, characterClass);
      const isCut = characterClass !== END && output.writes.length > 0;
      const isLate = output.takesBack > 0 || output.writes.length > 1 || output.writes[0] === 1;
      if (isLate) throw new NotRegularError("boundaries of the first pattern come late");
      if (!isCut) {
        const step = inner.step(innerState, characterClass);
        return { state: [state, step.state], output: step.output };
      }
      const last = inner.step(innerState, END);
      const first = inner.step(inner.start, characterClass);
      const writes = [...last.output.writes, ...first.output.writes];
      return {
        state: [state, first.state],
        output: { takesBack: last.output.takesBack, writes },
      };
    },
  };
}

/** Runs all threads over one character. */
class ThreadRunner {
  readonly #program: ThreadProgram;
  readonly #classes: CharacterClasses;

  constructor(program: ThreadProgram, classes: CharacterClasses) {
    this.#program = program;
    this.#classes = classes;
  }

  /** @returns the threads that take the character, and whether a match ends before it (which ends all worse ones). */
  step(
    threads: readonly number[],
    characterClass: number,
  ): { readonly threads: readonly number[]; readonly isMatch: boolean } {
    const next: number[] = [];
    const seen = new Set<number>();
    const isMatch = threads.some((thread) => this.#run(thread, { characterClass, next, seen }));
    return { threads: next, isMatch };
  }

  /** Whether a match ends after the character that was taken, whatever comes next. */
  mustMatch(threads: readonly number[]): boolean {
    const reachesMatch = (at: number, seen: Set<number>): boolean => {
      if (seen.has(at)) return false;
      seen.add(at);
      const instruction = this.#program.instructions[at];
      if (instruction.type === "match") return true;
      if (instruction.type !== "fork") return false;
      return reachesMatch(instruction.first, seen) || reachesMatch(instruction.second, seen);
    };
    const seen = new Set<number>();
    return threads.some((thread) => reachesMatch(thread, seen));
  }

  /** @returns whether the thread matched. */
  #run(at: number, job: Job): boolean {
    if (job.seen.has(at)) return false;
    job.seen.add(at);
    const instruction = this.#program.instructions[at];
    switch (instruction.type) {
      case "match":
        return true;
      case "fork":
        return this.#run(instruction.first, job) || this.#run(instruction.second, job);
      case "look": {
        const isThere = this.#has(instruction.set, job.characterClass);
        return isThere !== instruction.isNegative && this.#run(instruction.next, job);
      }
      case "character":
        if (!this.#has(instruction.set, job.characterClass)) return false;
        if (!job.next.includes(instruction.next)) job.next.push(instruction.next);
        return false;
    }
  }

  #has(set: number | undefined, characterClass: number): boolean {
    if (characterClass === END) return false;
    return set === undefined || this.#classes.isMember(set, characterClass);
  }
}

interface Job {
  readonly characterClass: number;
  readonly next: number[];
  readonly seen: Set<number>;
}
