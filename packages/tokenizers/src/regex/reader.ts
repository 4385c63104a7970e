import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";

/** Options that hold for a part of a pattern. */
export interface PatternFlags {
  readonly ignoreCase: boolean;
  /** `(?m)`: the dot matches line feeds too. */
  readonly dotAll: boolean;
  /** `(?x)`: white space and comments are passed over. */
  readonly extended: boolean;
}

/** A pattern while it is read, character by character. */
export class PatternReader {
  readonly source: string;
  /** Where the pattern stands in the file, for messages. */
  readonly path: string;
  readonly #characters: readonly string[];
  #at = 0;

  constructor(source: string, path: string) {
    this.source = source;
    this.path = path;
    this.#characters = Array.from(source);
  }

  get at(): number {
    return this.#at;
  }

  set at(position: number) {
    this.#at = position;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  /** The next character, or `""` at the end. */
  peek(ahead = 0): string {
    return this.#characters[this.#at + ahead] ?? "";
  }

  next(): string {
    const character = this.peek();
    if (character === "") throw this.bad("it ends too early");
    this.#at++;
    return character;
  }

  /** Passes over `text` when it comes next. */
  take(text: string): boolean {
    const length = Array.from(text).length;
    if (this.#characters.slice(this.#at, this.#at + length).join("") !== text) return false;
    this.#at += length;
    return true;
  }

  /** The longest run of up to `limit` characters that fit. */
  takeWhile(fits: RegExp, limit: number = Number.POSITIVE_INFINITY): string {
    let text = "";
    while (text.length < limit && fits.test(this.peek())) text += this.next();
    return text;
  }

  /** Everything up to `end`, which is passed over. */
  until(end: string): string {
    let text = "";
    while (!this.take(end)) text += this.next();
    return text;
  }

  bad(why: string): TokenizerFormatError {
    return new TokenizerFormatError(
      `${this.path} is not a pattern: ${why} (at character ${this.#at} of ${JSON.stringify(this.source.slice(0, 200))})`,
    );
  }

  unsupported(what: string): UnsupportedComponentError {
    return new UnsupportedComponentError(this.path, `${what} in a regular expression`);
  }
}
