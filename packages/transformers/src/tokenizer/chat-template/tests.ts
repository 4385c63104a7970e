import type { ArgumentReader } from "./arguments.ts";
import { TemplateFailure } from "./errors.ts";
import {
  Callable,
  compare,
  Float,
  isDict,
  isEqual,
  isList,
  itemsOf,
  numberOf,
  TupleValue,
  type Value,
} from "./values.ts";

type Test = (value: Value, args: ArgumentReader) => boolean;

const equal: Test = (value, args) => isEqual(value, args.value(0, "other"));

/** What may stand behind `is`, and in `select` and its like. */
export const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  true: (value) => value === true,
  false: (value) => value === false,
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  number: (value) => numberOf(value) !== undefined,
  integer: (value) => typeof value === "number",
  float: (value) => value instanceof Float,
  mapping: isDict,
  sequence: (value) =>
    value === undefined ||
    typeof value === "string" ||
    isDict(value) ||
    itemsOf(value) !== undefined,
  // Undefined can be looped over, to no effect.
  iterable: (value) =>
    value === undefined ||
    typeof value === "string" ||
    isDict(value) ||
    isList(value) ||
    value instanceof TupleValue,
  callable: (value) => value instanceof Callable,
  odd: (value) => Math.abs(whole(value) % 2) === 1,
  even: (value) => whole(value) % 2 === 0,
  lower: (value) =>
    typeof value === "string" && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) =>
    typeof value === "string" && value === value.toUpperCase() && value !== value.toLowerCase(),
  divisibleby: (value, args) => whole(value) % args.integer(0, "num", 1) === 0,
  sameas: (value, args) => value === args.value(0, "other"),
  equalto: equal,
  eq: equal,
  "==": equal,
  ne: (value, args) => !equal(value, args),
  "!=": (value, args) => !equal(value, args),
  lt: (value, args) => compare(value, args.value(0, "other")) < 0,
  lessthan: (value, args) => compare(value, args.value(0, "other")) < 0,
  "<": (value, args) => compare(value, args.value(0, "other")) < 0,
  le: (value, args) => compare(value, args.value(0, "other")) <= 0,
  "<=": (value, args) => compare(value, args.value(0, "other")) <= 0,
  gt: (value, args) => compare(value, args.value(0, "other")) > 0,
  greaterthan: (value, args) => compare(value, args.value(0, "other")) > 0,
  ">": (value, args) => compare(value, args.value(0, "other")) > 0,
  ge: (value, args) => compare(value, args.value(0, "other")) >= 0,
  ">=": (value, args) => compare(value, args.value(0, "other")) >= 0,
  in: (value, args) => {
    const container = args.value(0, "seq");
    if (typeof container === "string")
      return typeof value === "string" && container.includes(value);
    if (isDict(container)) return container.has(value);
    return itemsOf(container)?.some((item) => isEqual(item, value)) ?? false;
  },
};

function whole(value: Value): number {
  const number = numberOf(value);
  if (number !== undefined) return number;
  throw new TemplateFailure("a number is wanted");
}
