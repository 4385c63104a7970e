import { TemplateFailure } from "./errors.ts";

/**
 * The values of a running template, with Python's meaning: `undefined` is Jinja's undefined, `null` is None, a Map is
 * a dict, an array a list.
 */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Float
  | TupleValue
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | Namespace
  | Loop
  | Callable;

/** A Python float; plain numbers are ints. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export class TupleValue {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** What `namespace()` gives: the one thing that a template can change. */
export class Namespace {
  readonly fields: Map<string, Value>;

  constructor(fields: Map<string, Value>) {
    this.fields = fields;
  }
}

/** What `loop` is inside a loop: where it stands. */
export class Loop {
  readonly items: readonly Value[];
  readonly index: number;

  constructor(items: readonly Value[], index: number) {
    this.items = items;
    this.index = index;
  }
}

export interface Arguments {
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** A macro, a global function or a method of a value. */
export class Callable {
  readonly name: string;
  readonly call: (args: Arguments) => Value;

  constructor(name: string, call: (args: Arguments) => Value) {
    this.name = name;
    this.call = call;
  }
}

const DEEPEST = 200;

/** Plain data as values; what is no data becomes the name of its type, as in the reference. */
export function fromData(data: unknown, depth = 0): Value {
  if (depth > DEEPEST)
    throw new TemplateFailure(`data is nested more than ${DEEPEST} deep`, "limit");
  if (data === undefined || data === null) return null;
  switch (typeof data) {
    case "string":
    case "boolean":
      return data;
    case "number":
      return Number.isInteger(data) ? data : new Float(data);
    case "bigint":
      return Number(data);
    case "object": {
      if (Array.isArray(data)) return data.map((item) => fromData(item, depth + 1));
      if (ArrayBuffer.isView(data) || data instanceof Date) return `<${data.constructor.name}>`;
      const entries = data instanceof Map ? [...data] : Object.entries(data);
      const known = entries.filter(([, value]) => value !== undefined);
      return new Map(known.map(([key, value]) => [key, fromData(value, depth + 1)]));
    }
    default:
      return `<${typeof data}>`;
  }
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDict(value: Value): value is ReadonlyMap<Value, Value> {
  return value instanceof Map;
}

/** Items of a list or tuple; `undefined` for anything else. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (isList(value)) return value;
  return value instanceof TupleValue ? value.items : undefined;
}

/** What a loop runs over. */
export function iterate(value: Value): readonly Value[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [...value];
  if (isDict(value)) return [...value.keys()];
  const items = itemsOf(value);
  if (items) return items;
  throw new TemplateFailure(`'${typeName(value)}' object is not iterable`);
}

/** The number of a value that counts as one: booleans do. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof Float ? value.value : undefined;
}

export function isTrue(value: Value): boolean {
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  if (isDict(value)) return value.size > 0;
  const items = itemsOf(value);
  if (items) return items.length > 0;
  return typeof value === "string" ? value !== "" : value !== undefined && value !== null;
}

export function typeName(value: Value): string {
  if (value === undefined) return "Undefined";
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof Float) return "float";
  if (value instanceof TupleValue) return "tuple";
  if (isList(value)) return "list";
  if (isDict(value)) return "dict";
  if (value instanceof Namespace) return "Namespace";
  return value instanceof Loop ? "LoopContext" : "function";
}

/** Python's `==`; `step` is called for each part that is compared. */
export function isEqual(a: Value, b: Value, step: () => void = () => {}): boolean {
  step();
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined || right !== undefined) return left === right;
  const same = (x: readonly Value[], y: readonly Value[]) =>
    x.length === y.length && x.every((item, i) => isEqual(item, y[i], step));
  if (isList(a) && isList(b)) return same(a, b);
  if (a instanceof TupleValue && b instanceof TupleValue) return same(a.items, b.items);
  if (!isDict(a) || !isDict(b)) return a === b;
  const has = ([key, value]: readonly [Value, Value]) =>
    b.has(key) && isEqual(value, b.get(key), step);
  return a.size === b.size && [...a].every(has);
}

/** Below 0, 0 or above 0, as Python orders numbers, strings and lists of such. */
export function compare(a: Value, b: Value): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left - right;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  const [first, second] = [itemsOf(a), itemsOf(b)];
  if (first && second && typeName(a) === typeName(b)) {
    const at = first.findIndex((item, i) => i >= second.length || !isEqual(item, second[i]));
    if (at < 0) return first.length - second.length;
    return at >= second.length ? 1 : compare(first[at], second[at]);
  }
  throw new TemplateFailure(
    `'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  );
}

/** By code points, as Python does: UTF-16 units order some of them otherwise. */
function compareText(a: string, b: string): number {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  for (;;) {
    const [x, y] = [left.next(), right.next()];
    if (x.done || y.done) return Number(y.done ?? false) - Number(x.done ?? false);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

/** A dict's key: numbers that are equal are one key. */
export function keyOf(value: Value): Value {
  const number = numberOf(value);
  if (number !== undefined) return number;
  if (typeof value === "string" || value === null) return value;
  throw new TemplateFailure(`unhashable type: '${typeName(value)}'`);
}
