import { TemplateFailure } from "./errors.ts";
import { type Arguments, numberOf, typeName, type Value } from "./values.ts";

/** Reads the arguments of a filter, test or method by position or by name. */
export class ArgumentReader {
  readonly #name: string;
  readonly #args: Arguments;

  constructor(name: string, args: Arguments) {
    this.#name = name;
    this.#args = args;
  }

  get all(): Arguments {
    return this.#args;
  }

  get count(): number {
    return this.#args.positional.length;
  }

  has(position: number, keyword: string): boolean {
    return position < this.count || this.#args.keywords.has(keyword);
  }

  value(position: number, keyword: string): Value {
    const { positional, keywords } = this.#args;
    return position < positional.length ? positional[position] : keywords.get(keyword);
  }

  text(position: number, keyword: string): string {
    const value = this.value(position, keyword);
    if (typeof value === "string") return value;
    throw this.#wrong(keyword, "a text", value);
  }

  optionalText(position: number, keyword: string): string | undefined {
    const value = this.value(position, keyword);
    return value === undefined || value === null ? undefined : this.text(position, keyword);
  }

  integer(position: number, keyword: string, otherwise: number): number {
    const value = this.value(position, keyword);
    if (value === undefined || value === null) return otherwise;
    const number = typeof value === "object" ? undefined : numberOf(value);
    if (number !== undefined) return number;
    throw this.#wrong(keyword, "an integer", value);
  }

  #wrong(keyword: string, what: string, value: Value): TemplateFailure {
    return new TemplateFailure(
      `${this.#name}(): ${keyword} must be ${what}, got ${typeName(value)}`,
    );
  }
}
