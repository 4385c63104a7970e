import { ASSERTIONS, Op, type Program } from "./program.ts";
import { isWordCharacter } from "./word.ts";

/**
 * A backtracking machine with a stack of its own: it cannot overflow the engine's, and it counts its steps, so
 * a pattern that backtracks without end stops. Matches are those of the reference: leftmost, first alternative.
 */
export class Machine {
  readonly #program: Program;
  readonly #text: string;
  readonly #registers: Int32Array;
  /** Entries of three: where to go on, at which position, and the least position of a loop (−1 for no loop). */
  #stack = new Int32Array(3 * 256);
  #top = 0;
  #steps = 0;
  #limit = 0;

  constructor(program: Program, text: string) {
    this.#program = program;
    this.#text = text;
    this.#registers = new Int32Array(program.registers);
  }

  /** Steps so far, over all calls. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * The end of a match that begins at `start`, or −1.
   *
   * @param limit most steps, counted with those before.
   * @throws {StepLimitError} when it needs more.
   */
  matchAt(start: number, limit: number): number {
    this.#limit = limit;
    this.#top = 0;
    this.#registers.fill(-1);
    return this.#run(0, start, -1);
  }

  /** Runs from `pc` to its match; `target` is where a look-behind has to end (−1 for anywhere). */
  // biome-ignore lint/complexity/noExcessiveLinesPerFunction: one loop over all operations; a call for each would cost more than the operation
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: as above
  #run(begin: number, start: number, target: number): number {
    const { code, sets } = this.#program;
    const text = this.#text;
    const base = this.#top;
    let pc = begin;
    let at = start;
    for (;;) {
      let isFailed = false;
      switch (code[pc]) {
        case Op.unit:
          if (text.charCodeAt(at) === code[pc + 1]) {
            at++;
            pc += 2;
          } else isFailed = true;
          break;
        case Op.set: {
          const codePoint = text.codePointAt(at);
          if (codePoint !== undefined && sets[code[pc + 1]].has(codePoint)) {
            at += codePoint > 0xffff ? 2 : 1;
            pc += 2;
          } else isFailed = true;
          break;
        }
        case Op.setLoop: {
          const end = this.#takeSet(pc, at);
          if (end < 0) isFailed = true;
          else at = end;
          pc += 5;
          break;
        }
        case Op.split:
          this.#push(code[pc + 2], at, -1);
          pc = code[pc + 1];
          break;
        case Op.guard: {
          const codePoint = text.codePointAt(at);
          const mayMatch = codePoint !== undefined && sets[code[pc + 1]].has(codePoint);
          pc = mayMatch ? pc + 3 : code[pc + 2];
          break;
        }
        case Op.jump:
          pc = code[pc + 1];
          break;
        case Op.match:
          if (target < 0 || at === target) {
            this.#dropTo(base);
            return at;
          }
          isFailed = true;
          break;
        case Op.save:
          this.#save(code[pc + 1], at);
          pc += 2;
          break;
        case Op.emptyCheck:
          pc = this.#registers[code[pc + 1]] === at ? code[pc + 2] : pc + 3;
          break;
        default: {
          const end = this.#step(pc, at);
          if (end < 0) isFailed = true;
          else at = end;
          pc = code[pc] === Op.assertion || code[pc] === Op.backReference ? pc + 2 : code[pc + 1];
        }
      }
      if (!isFailed) continue;
      // Back to the last choice.
      if (++this.#steps > this.#limit) throw new StepLimitError();
      for (;;) {
        if (this.#top === base) return -1;
        const top = this.#top - 3;
        const where = this.#stack[top];
        if (where < 0) {
          this.#registers[-1 - where] = this.#stack[top + 1];
          this.#top = top;
          continue;
        }
        pc = where;
        at = this.#stack[top + 1];
        const least = this.#stack[top + 2];
        this.#top = top;
        if (least < 0) break;
        at -= isLowHalf(text, at - 1) ? 2 : 1;
        if (at > least) {
          this.#stack[top + 1] = at;
          this.#top = top + 3;
        }
        break;
      }
    }
  }

  /** As many characters of a set as there are; those above the least can be given back one by one. */
  #takeSet(pc: number, start: number): number {
    const { code, sets } = this.#program;
    const set = sets[code[pc + 1]];
    const min = code[pc + 2];
    const max = code[pc + 3];
    const text = this.#text;
    let at = start;
    let count = 0;
    let least = min === 0 ? start : -1;
    while (count !== max) {
      const codePoint = text.codePointAt(at);
      if (codePoint === undefined || !set.has(codePoint)) break;
      at += codePoint > 0xffff ? 2 : 1;
      if (++count === min) least = at;
    }
    this.#steps += count;
    if (least < 0) return -1;
    if (at > least && code[pc + 4] === 0) this.#push(pc + 5, at, least);
    return at;
  }

  /** The operations that are not for every character; gives the new position, or −1. */
  #step(pc: number, at: number): number {
    const { code } = this.#program;
    switch (code[pc]) {
      case Op.assertion:
        return this.#holds(code[pc + 1], at) ? at : -1;
      case Op.atomic:
        return this.#keepingRegisters(() => this.#run(pc + 2, at, -1));
      case Op.lookAhead: {
        const end = this.#keepingRegisters(() => this.#run(pc + 3, at, -1));
        return end >= 0 === (code[pc + 2] === 0) ? at : -1;
      }
      case Op.lookBehind: {
        const isFound = this.#looksBehind(pc, at);
        return isFound === (code[pc + 2] === 0) ? at : -1;
      }
      default:
        return this.#matchReference(code[pc + 1], at);
    }
  }

  /** Tries every start that the body's length allows, the nearest first. */
  #looksBehind(pc: number, at: number): boolean {
    const { code } = this.#program;
    const min = code[pc + 3];
    const max = code[pc + 4];
    let start = at;
    for (let count = 0; max < 0 || count <= max; count++) {
      if (count >= min) {
        const from = start;
        if (this.#keepingRegisters(() => this.#run(pc + 5, from, at)) >= 0) return true;
        if (++this.#steps > this.#limit) throw new StepLimitError();
      }
      if (start === 0) return false;
      start -= isLowHalf(this.#text, start - 1) ? 2 : 1;
    }
    return false;
  }

  /** Backtracking over a part that is left as a whole sets its registers back to what they were before it. */
  #keepingRegisters(run: () => number): number {
    const before = this.#registers.slice();
    const end = run();
    if (end < 0) this.#registers.set(before);
    else if (before.length > 0) {
      const after = this.#registers.slice();
      this.#registers.set(before);
      after.forEach((value, register) => {
        if (value !== before[register]) this.#save(register, value);
      });
    }
    return end;
  }

  #matchReference(register: number, at: number): number {
    const start = this.#registers[register];
    const end = this.#registers[register + 1];
    if (start < 0 || end < start) return -1;
    return this.#text.startsWith(this.#text.slice(start, end), at) ? at + end - start : -1;
  }

  #holds(kind: number, at: number): boolean {
    const text = this.#text;
    const { length } = text;
    switch (ASSERTIONS[kind]) {
      case "line-start":
        return at === 0 || (text.charCodeAt(at - 1) === 10 && at < length);
      case "line-end":
        return at === length || text.charCodeAt(at) === 10;
      case "text-start":
        return at === 0;
      case "text-end":
        return at === length;
      case "text-end-or-newline":
        return at === length || (at === length - 1 && text.charCodeAt(at) === 10);
      case "word-boundary":
        return isWordAt(text, at) !== isWordBefore(text, at);
      default:
        return isWordAt(text, at) === isWordBefore(text, at);
    }
  }

  #save(register: number, value: number): void {
    this.#push(-1 - register, this.#registers[register], -1);
    this.#registers[register] = value;
  }

  #push(where: number, at: number, least: number): void {
    if (this.#top + 3 > this.#stack.length) {
      const larger = new Int32Array(this.#stack.length * 2);
      larger.set(this.#stack);
      this.#stack = larger;
    }
    this.#stack[this.#top] = where;
    this.#stack[this.#top + 1] = at;
    this.#stack[this.#top + 2] = least;
    this.#top += 3;
  }

  /** Forgets the choices of a part that has matched. */
  #dropTo(base: number): void {
    this.#top = base;
  }
}

/** More steps than a match may take. */
export class StepLimitError extends RangeError {}

function isLowHalf(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000 && at > 0;
}

function isWordAt(text: string, at: number): boolean {
  const codePoint = text.codePointAt(at);
  return codePoint !== undefined && isWordCharacter(codePoint);
}

function isWordBefore(text: string, at: number): boolean {
  if (at === 0) return false;
  return isWordAt(text, at - (isLowHalf(text, at - 1) ? 2 : 1));
}
