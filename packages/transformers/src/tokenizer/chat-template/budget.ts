import { TemplateFailure } from "./errors.ts";

/** Bounds on one rendering: a template from the Hub is a program that somebody else wrote. */
export interface Limits {
  /** Expressions and statements that may be run. */
  readonly steps: number;
  /** UTF-16 units of all texts that are made on the way, the result among them. */
  readonly characters: number;
  /** Macros that may be inside one another. */
  readonly depth: number;
}

export const LIMITS: Limits = { steps: 5_000_000, characters: 1 << 27, depth: 100 };

/** Counts what a rendering does. */
export class Budget {
  readonly #limits: Limits;
  #steps = 0;
  #characters = 0;
  #depth = 0;

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  /** @throws {TemplateFailure} when too much has been done. */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#limits.steps) {
      throw new TemplateFailure(`it takes more than ${this.#limits.steps} steps`, "limit");
    }
  }

  /** To be called before a text, or a list, of `length` is made. */
  make(length: number): void {
    this.#characters += length;
    if (this.#characters > this.#limits.characters) {
      throw new TemplateFailure(
        `it makes more than ${this.#limits.characters} characters of text`,
        "limit",
      );
    }
  }

  text(value: string): string {
    this.make(value.length);
    return value;
  }

  enter<T>(run: () => T): T {
    if (++this.#depth > this.#limits.depth) {
      throw new TemplateFailure(`macros call one another ${this.#limits.depth} deep`, "limit");
    }
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}
