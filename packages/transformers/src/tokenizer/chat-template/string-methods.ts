import type { ArgumentReader } from "./arguments.ts";
import type { Budget } from "./budget.ts";
import { TemplateFailure } from "./errors.ts";
import { toText } from "./text-form.ts";
import { isTrue, itemsOf, TupleValue, typeName, type Value } from "./values.ts";

type Method = (text: string, args: ArgumentReader, budget: Budget) => Value;

/** What `str` has in Python, as far as templates can want it. */
export const STRING_METHODS: Readonly<Record<string, Method>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  capitalize,
  title: titleCase,
  casefold: (text) => text.toLowerCase().replaceAll("ß", "ss"),
  swapcase: (text) =>
    [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(""),
  strip: (text, args) => strip(text, args.optionalText(0, "chars"), "both"),
  lstrip: (text, args) => strip(text, args.optionalText(0, "chars"), "left"),
  rstrip: (text, args) => strip(text, args.optionalText(0, "chars"), "right"),
  split: (text, args) =>
    splitLeft(text, args.optionalText(0, "sep"), args.integer(1, "maxsplit", -1)),
  rsplit: (text, args) =>
    splitRight(text, args.optionalText(0, "sep"), args.integer(1, "maxsplit", -1)),
  splitlines: (text, args) => splitLines(text, isTrue(args.value(0, "keepends"))),
  partition: (text, args) =>
    partition(text, args.text(0, "sep"), text.indexOf(args.text(0, "sep"))),
  rpartition: (text, args) => {
    const at = text.lastIndexOf(args.text(0, "sep"));
    return at < 0 ? new TupleValue(["", "", text]) : partition(text, args.text(0, "sep"), at);
  },
  replace: (text, args, budget) =>
    replace(
      text,
      { from: args.text(0, "old"), to: args.text(1, "new"), count: args.integer(2, "count", -1) },
      budget,
    ),
  join: (text, args, budget) => {
    const items =
      typeof args.value(0, "iterable") === "string"
        ? [...args.text(0, "iterable")]
        : itemsOf(args.value(0, "iterable"));
    if (!items) throw new TemplateFailure("join() takes a list");
    const texts = items.map((item) => {
      if (typeof item === "string") return item;
      throw new TemplateFailure(`join() takes texts, got ${typeName(item)}`);
    });
    return joinTexts(texts, text, budget);
  },
  startswith: (text, args) =>
    choices(args.value(0, "prefix")).some((start) => text.startsWith(start)),
  endswith: (text, args) => choices(args.value(0, "suffix")).some((end) => text.endsWith(end)),
  removeprefix: (text, args) => {
    const start = args.text(0, "prefix");
    return text.startsWith(start) ? text.slice(start.length) : text;
  },
  removesuffix: (text, args) => {
    const end = args.text(0, "suffix");
    return end !== "" && text.endsWith(end) ? text.slice(0, -end.length) : text;
  },
  format,
  find: (text, args) => codePoints(text, text.indexOf(args.text(0, "sub"))),
  rfind: (text, args) => codePoints(text, text.lastIndexOf(args.text(0, "sub"))),
  index: (text, args) => found(codePoints(text, text.indexOf(args.text(0, "sub")))),
  rindex: (text, args) => found(codePoints(text, text.lastIndexOf(args.text(0, "sub")))),
  count: (text, args) => occurrences(text, args.text(0, "sub")),
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isdecimal: (text) => /^\p{Nd}+$/u.test(text),
  isnumeric: (text) => /^\p{N}+$/u.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isspace: (text) => text !== "" && strip(text, undefined, "both") === "",
  isupper: (text) => text === text.toUpperCase() && text !== text.toLowerCase(),
  islower: (text) => text === text.toLowerCase() && text !== text.toUpperCase(),
  zfill: (text, args, budget) => {
    const width = args.integer(0, "width", 0);
    budget.make(width);
    const [, sign = "", digits = ""] = /^([+-]?)(.*)$/su.exec(text) ?? [];
    return sign + digits.padStart(width - sign.length, "0");
  },
  ljust: (text, args, budget) => text + filling(text, args, budget),
  rjust: (text, args, budget) => filling(text, args, budget) + text,
};

/** Python's white space: JavaScript's has U+FEFF and lacks U+0085 and U+001C to U+001F. */
const SPACE =
  "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const SPACES = new RegExp(`${SPACE}+`, "gu");
const IS_SPACE = new RegExp(`^${SPACE}$`, "u");

/** Without white space at its ends, or without these characters. */
export function strip(
  text: string,
  characters: string | undefined,
  side: "left" | "right" | "both",
): string {
  const set = characters === undefined ? undefined : new Set(characters);
  const goes = (character: string) => set?.has(character) ?? IS_SPACE.test(character);
  const all = [...text];
  let [start, end] = [0, all.length];
  if (side !== "right") while (start < end && goes(all[start] ?? "")) start++;
  if (side !== "left") while (end > start && goes(all[end - 1] ?? "")) end--;
  return start === 0 && end === all.length ? text : all.slice(start, end).join("");
}

function splitLeft(text: string, separator: string | undefined, most: number): Value {
  if (separator === "") throw new TemplateFailure("empty separator");
  if (separator !== undefined) {
    const parts = text.split(separator);
    if (most < 0 || parts.length <= most + 1) return parts;
    return [...parts.slice(0, most), parts.slice(most).join(separator)];
  }
  const parts: string[] = [];
  let rest = strip(text, undefined, "left");
  while (rest !== "") {
    const at = rest.search(SPACES);
    if (at < 0 || parts.length === most) return [...parts, rest];
    parts.push(rest.slice(0, at));
    rest = strip(rest.slice(at), undefined, "left");
  }
  return parts;
}

function splitRight(text: string, separator: string | undefined, most: number): Value {
  if (separator === "") throw new TemplateFailure("empty separator");
  if (most < 0) return splitLeft(text, separator, -1);
  if (separator !== undefined) {
    const parts = text.split(separator);
    const first = Math.max(1, parts.length - most);
    return [parts.slice(0, first).join(separator), ...parts.slice(first)];
  }
  const parts: string[] = [];
  let rest = strip(text, undefined, "right");
  while (rest !== "" && parts.length < most) {
    const last = [...rest.matchAll(SPACES)].at(-1);
    if (!last) break;
    parts.unshift(rest.slice(last.index + last[0].length));
    rest = strip(rest.slice(0, last.index), undefined, "right");
  }
  return rest === "" ? parts : [rest, ...parts];
}

/** Characters that end a line in Python. */
const LINE_END = "[\\n-\\r\\x1c-\\x1e\\x85\\u2028\\u2029]";
const LINE_ENDS = new RegExp(`\\r\\n|${LINE_END}`, "gu");

/** The lines of a text; what follows the last line end is one only when it is not empty. */
export function splitLines(text: string, keepsEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const { 0: end, index } of text.matchAll(LINE_ENDS)) {
    lines.push(text.slice(from, keepsEnds ? index + end.length : index));
    from = index + end.length;
  }
  return from < text.length ? [...lines, text.slice(from)] : lines;
}

function partition(text: string, separator: string, at: number): Value {
  if (at < 0) return new TupleValue([text, "", ""]);
  return new TupleValue([text.slice(0, at), separator, text.slice(at + separator.length)]);
}

interface Replacement {
  readonly from: string;
  readonly to: string;
  /** Below 0: all. */
  readonly count: number;
}

export function replace(text: string, { from, to, count }: Replacement, budget: Budget): string {
  const parts = from === "" ? ["", ...text, ""] : text.split(from);
  const times = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  budget.make(text.length + times * to.length);
  const head = parts.slice(0, times + 1).join(to);
  return [head, ...parts.slice(times + 1)].join(from);
}

export function joinTexts(texts: readonly string[], separator: string, budget: Budget): string {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  budget.make(length + separator.length * texts.length);
  return texts.join(separator);
}

export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** A capital after everything that is no letter. */
export function titleCase(text: string): string {
  return text.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
}

/** `str.format()` with names and numbers alone: no attributes, no widths. */
function format(text: string, args: ArgumentReader, budget: Budget): string {
  let next = 0;
  const result = text.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/gu, (all, field?: string) => {
    if (field === undefined) {
      if (all.length === 2) return all.slice(1);
      throw new TemplateFailure(`format(): single "${all}"`);
    }
    const position = field === "" ? next++ : /^\d+$/u.test(field) ? Number(field) : Infinity;
    if (!/^\w*$/u.test(field)) {
      throw new TemplateFailure(`format(): "{${field}}" is more than a name`);
    }
    if (!args.has(position, field)) {
      throw new TemplateFailure(`format(): there is no argument "${field}"`);
    }
    return toText(args.value(position, field), budget);
  });
  return result;
}

function choices(value: Value): readonly string[] {
  const items = typeof value === "string" ? [value] : (itemsOf(value) ?? [value]);
  return items.map((item) => {
    if (typeof item === "string") return item;
    throw new TemplateFailure(`a text or a tuple of texts is wanted, got ${typeName(item)}`);
  });
}

/** The same position, counted in code points. */
function codePoints(text: string, at: number): number {
  return at < 0 ? -1 : [...text.slice(0, at)].length;
}

function found(at: number): number {
  if (at < 0) throw new TemplateFailure("substring not found");
  return at;
}

function occurrences(text: string, part: string): number {
  return part === "" ? [...text].length + 1 : text.split(part).length - 1;
}

function filling(text: string, args: ArgumentReader, budget: Budget): string {
  const width = args.integer(0, "width", 0);
  const count = Math.max(0, width - [...text].length);
  budget.make(count);
  return (args.optionalText(1, "fillchar") ?? " ").repeat(count);
}
