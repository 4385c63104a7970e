import type { Budget } from "./budget.ts";
import { TemplateFailure } from "./errors.ts";
import {
  Callable,
  compare,
  Float,
  isDict,
  isList,
  Loop,
  Namespace,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

/** What `str()` makes of a value in Python; undefined is empty. */
export function toText(value: Value, budget: Budget): string {
  if (typeof value === "string") return value;
  return value === undefined ? "" : budget.text(toRepr(value, budget));
}

/** What `repr()` makes of a value. */
export function toRepr(value: Value, budget: Budget): string {
  budget.step();
  if (value === undefined) return "Undefined";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return integerText(value);
  if (typeof value === "string") return quote(budget.text(value));
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Loop) return `<LoopContext ${value.index + 1}/${value.items.length}>`;
  if (value instanceof Callable) return `<function ${value.name}>`;
  return collectionRepr(value, budget);
}

function collectionRepr(
  value: readonly Value[] | TupleValue | ReadonlyMap<Value, Value> | Namespace,
  budget: Budget,
): string {
  const all = (items: readonly Value[]) => items.map((item) => toRepr(item, budget));
  if (isList(value)) return `[${all(value).join(", ")}]`;
  if (value instanceof TupleValue) {
    return value.items.length === 1
      ? `(${all(value.items)[0]},)`
      : `(${all(value.items).join(", ")})`;
  }
  const entries = value instanceof Namespace ? value.fields : value;
  const pairs = [...entries].map(([key, item]) => all([key, item]).join(": "));
  return value instanceof Namespace ? `<Namespace {${pairs.join(", ")}}>` : `{${pairs.join(", ")}}`;
}

/** Digits without an exponent, which Python's ints never have. */
export function integerText(value: number): string {
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
}

/** The shortest digits that read back as the same number, in Python's dress. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    const sign = exponent.startsWith("-") ? "-" : "+";
    return `${digits}e${sign}${exponent.replace(/^[+-]/u, "").padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Characters that Python shows by their number: controls, separators, and what no character is assigned to. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replace(/[\\\n\r\t]/gu, (character) => ESCAPES[character] ?? character)
    .replace(UNSEEN, byNumber);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

function byNumber(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

export interface JsonOptions {
  /** Writes everything beyond ASCII by its number. */
  readonly ensureAscii: boolean;
  /** What stands before each level; `undefined` writes one line. */
  readonly indent: string | undefined;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** Writes what `json.dumps()` does. */
export class JsonWriter {
  readonly #options: JsonOptions;
  readonly #budget: Budget;

  constructor(options: JsonOptions, budget: Budget) {
    this.#options = options;
    this.#budget = budget;
  }

  write(value: Value, depth = 0): string {
    this.#budget.step();
    if (value instanceof Float) return jsonFloat(value.value);
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return integerText(value);
    if (value === null || typeof value === "boolean") return String(value);
    const items = value instanceof TupleValue ? value.items : value;
    if (isList(items)) {
      const parts = items.map((item) => this.write(item, depth + 1));
      return this.#enclose("[]", parts, depth);
    }
    if (isDict(value)) return this.#enclose("{}", this.#entries(value, depth), depth);
    throw new TemplateFailure(`Object of type ${typeName(value)} is not JSON serializable`);
  }

  #entries(dict: ReadonlyMap<Value, Value>, depth: number): readonly string[] {
    const { sortKeys, keySeparator } = this.#options;
    const entries = [...dict].map(([key, item]) => [jsonKey(key), item] as const);
    if (sortKeys) entries.sort(([a], [b]) => compare(a, b));
    return entries.map(
      ([key, item]) => this.#text(key) + keySeparator + this.write(item, depth + 1),
    );
  }

  #enclose(brackets: string, parts: readonly string[], depth: number): string {
    const { indent, itemSeparator } = this.#options;
    const [open = "", close = ""] = brackets;
    const isFlat = indent === undefined || parts.length === 0;
    const inner = isFlat ? "" : `\n${indent.repeat(depth + 1)}`;
    const end = isFlat ? "" : `\n${indent.repeat(depth)}`;
    return this.#budget.text(open + inner + parts.join(itemSeparator + inner) + end + close);
  }

  #text(text: string): string {
    this.#budget.make(text.length);
    return jsonText(text, this.#options.ensureAscii);
  }
}

function jsonText(text: string, ensureAscii: boolean): string {
  // JSON.stringify writes lone surrogates by their number, and Python as they are.
  const written = JSON.stringify(text);
  if (!ensureAscii) return written;
  const byUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return written.replace(/[\u007f-\uffff]/g, byUnit);
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? floatText(value) : value > 0 ? "Infinity" : "-Infinity";
}

function jsonKey(key: Value): string {
  if (typeof key === "string") return key;
  if (typeof key === "number") return integerText(key);
  if (key === null || typeof key === "boolean") return String(key);
  throw new TemplateFailure("keys must be str, int, float, bool or None");
}
