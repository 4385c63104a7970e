import { TemplateFailure } from "./errors.ts";
import type { Filter, FilterContext } from "./filter.ts";
import { LIST_FILTERS } from "./list-filters.ts";
import { interpolate } from "./operators.ts";
import { capitalize, replace, STRING_METHODS, splitLines, strip } from "./string-methods.ts";
import { JsonWriter, toText } from "./text-form.ts";
import {
  Float,
  isDict,
  isTrue,
  itemsOf,
  iterate,
  numberOf,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

/** A filter of text: anything else is made one first. */
const ofText =
  (run: (text: string, context: FilterContext) => Value): Filter =>
  (value, context) =>
    run(toText(value, context.budget), context);

const withDefault: Filter = (value, { args }) => {
  const isWanted = value === undefined || (isTrue(args.value(1, "boolean")) && !isTrue(value));
  if (!isWanted) return value;
  return args.has(0, "default_value") ? args.value(0, "default_value") : "";
};

const length: Filter = (value) => {
  if (typeof value === "string") return [...value].length;
  if (isDict(value)) return value.size;
  return iterate(value).length;
};

const toInteger: Filter = (value, { args }) => {
  const otherwise = args.has(0, "default") ? args.value(0, "default") : 0;
  const number = numberOf(value);
  if (number !== undefined) return Number.isFinite(number) ? Math.trunc(number) : otherwise;
  if (typeof value !== "string") return otherwise;
  const base = args.integer(1, "base", 10);
  const text = strip(value, undefined, "both");
  if (base === 10 && /^[+-]?\d+$/u.test(text)) return Number(text);
  if (base !== 10 && /^[+-]?[0-9a-z]+$/iu.test(text)) {
    const parsed = Number.parseInt(text, base);
    return Number.isNaN(parsed) ? otherwise : parsed;
  }
  const parsed = parseFloatText(text);
  return parsed === undefined || !Number.isFinite(parsed) ? otherwise : Math.trunc(parsed);
};

const toFloat: Filter = (value, { args }) => {
  const number = numberOf(value) ?? (typeof value === "string" ? parseFloatText(value) : undefined);
  if (number !== undefined) return new Float(number);
  return args.has(0, "default") ? args.value(0, "default") : new Float(0);
};

function parseFloatText(text: string): number | undefined {
  const trimmed = strip(text, undefined, "both");
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu.test(trimmed) ? Number(trimmed) : undefined;
}

const round: Filter = (value, { args }) => {
  const number = numberOf(value);
  if (number === undefined) throw new TemplateFailure(`cannot round a ${typeName(value)}`);
  const factor = 10 ** args.integer(0, "precision", 0);
  const method = args.optionalText(1, "method") ?? "common";
  const scaled = number * factor;
  if (method === "ceil") return new Float(Math.ceil(scaled) / factor);
  if (method === "floor") return new Float(Math.floor(scaled) / factor);
  const rounded = roundHalfEven(scaled) / factor;
  return value instanceof Float ? new Float(rounded) : rounded;
};

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const indent = ofText((text, { args, budget }) => {
  const width = args.value(0, "width");
  const size = args.value(0, "width") === undefined ? 4 : (numberOf(width) ?? 0);
  budget.make(size);
  const margin = typeof width === "string" ? width : " ".repeat(size);
  const lines = splitLines(`${text}\n`);
  budget.make(text.length + lines.length * margin.length);
  const isBlankToo = isTrue(args.value(2, "blank"));
  const rest = lines.slice(1).map((line) => (line === "" && !isBlankToo ? line : margin + line));
  const first = isTrue(args.value(1, "first")) ? margin : "";
  return first + [lines[0] ?? "", ...rest].join("\n");
});

const toJson: Filter = (value, { args, budget }) => {
  const wanted = args.value(1, "indent");
  const size = typeof wanted === "string" ? 0 : numberOf(wanted);
  budget.make(size ?? 0);
  const margin =
    typeof wanted === "string"
      ? wanted
      : size === undefined
        ? undefined
        : " ".repeat(Math.max(0, size));
  const separators = itemsOf(args.value(2, "separators"));
  const [item, key] = separators ?? [margin === undefined ? ", " : ",", ": "];
  if (typeof item !== "string" || typeof key !== "string") {
    throw new TemplateFailure("tojson(): separators must be two texts");
  }
  const writer = new JsonWriter(
    {
      ensureAscii: isTrue(args.value(0, "ensure_ascii")),
      indent: margin,
      itemSeparator: item,
      keySeparator: key,
      sortKeys: isTrue(args.value(3, "sort_keys")),
    },
    budget,
  );
  return writer.write(value);
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
};

const escapeHtml = ofText((text, { budget }) =>
  budget.text(text.replace(/[&<>'"]/gu, (character) => ENTITIES[character] ?? character)),
);

/** Jinja's own title case, which looks at white space and brackets alone. */
const title = ofText((text) =>
  text
    .split(/([-\s({[<]+)/u)
    .map((part) => {
      const [first = "", ...rest] = part;
      return first.toUpperCase() + rest.join("").toLowerCase();
    })
    .join(""),
);

const method = (name: string) =>
  ofText((text, { args, budget }) => STRING_METHODS[name]?.(text, args, budget));

export const FILTERS: Readonly<Record<string, Filter>> = {
  ...LIST_FILTERS,
  abs: (value) => {
    const number = Math.abs(numberOf(value) ?? Number.NaN);
    return value instanceof Float ? new Float(number) : number;
  },
  capitalize: ofText(capitalize),
  count: length,
  d: withDefault,
  default: withDefault,
  e: escapeHtml,
  escape: escapeHtml,
  float: toFloat,
  format: ofText((text, { args, budget }) => {
    const values = Array.from({ length: args.count }, (_, i) => args.value(i, ""));
    return interpolate(text, new TupleValue(values), budget);
  }),
  indent,
  int: toInteger,
  length,
  lower: method("lower"),
  pprint: (value, { budget }) => toText(value, budget),
  replace: ofText((text, { args, budget }) =>
    replace(
      text,
      {
        from: args.text(0, "old"),
        to: toText(args.value(1, "new"), budget),
        count: args.integer(2, "count", -1),
      },
      budget,
    ),
  ),
  round,
  safe: (value) => value,
  string: (value, { budget }) => toText(value, budget),
  title,
  tojson: toJson,
  trim: ofText((text, { args }) => strip(text, args.optionalText(0, "chars"), "both")),
  truncate: ofText((text, { args }) => {
    const [size, end] = [args.integer(0, "length", 255), args.optionalText(2, "end") ?? "..."];
    const characters = [...text];
    if (characters.length <= size + args.integer(3, "leeway", 5)) return text;
    const cut = characters.slice(0, Math.max(0, size - end.length)).join("");
    if (isTrue(args.value(1, "killwords"))) return cut + end;
    const space = cut.lastIndexOf(" ");
    return (space < 0 ? cut : cut.slice(0, space)) + end;
  }),
  upper: method("upper"),
  urlencode: ofText((text) => encodeURIComponent(text).replaceAll("%2F", "/")),
  wordcount: ofText((text) => (text.match(/[\p{L}\p{N}_]+/gu) ?? []).length),
};
