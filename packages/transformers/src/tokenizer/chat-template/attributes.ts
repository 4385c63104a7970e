import { ArgumentReader } from "./arguments.ts";
import type { Budget } from "./budget.ts";
import { CHANGING_METHODS, DICT_METHODS, LIST_METHODS } from "./collection-methods.ts";
import { TemplateFailure } from "./errors.ts";
import { STRING_METHODS } from "./string-methods.ts";
import {
  Callable,
  isDict,
  isList,
  itemsOf,
  keyOf,
  Loop,
  Namespace,
  numberOf,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

/** `object.name`: a method, or else an entry of that name. */
export function attribute(object: Value, name: string, budget: Budget): Value {
  const method = methodOf(object, name, budget);
  if (method) return method;
  if (object instanceof Namespace) return object.fields.get(name);
  if (object instanceof Loop) return Object.hasOwn(LOOP, name) ? LOOP[name]?.(object) : undefined;
  return isDict(object) ? object.get(name) : undefined;
}

const LOOP: Readonly<Record<string, (loop: Loop) => Value>> = {
  index: ({ index }) => index + 1,
  index0: ({ index }) => index,
  revindex: ({ items, index }) => items.length - index,
  revindex0: ({ items, index }) => items.length - index - 1,
  first: ({ index }) => index === 0,
  last: ({ items, index }) => index === items.length - 1,
  length: ({ items }) => items.length,
  previtem: ({ items, index }) => items[index - 1],
  nextitem: ({ items, index }) => items[index + 1],
  cycle: ({ index }) =>
    new Callable("cycle", ({ positional }) => positional[index % positional.length]),
};

/** `object[key]`: an entry, or else a method of that name. */
export function item(object: Value, key: Value, budget: Budget): Value {
  if (object instanceof Namespace) return object.fields.get(String(key));
  if (isDict(object)) {
    const known = key === undefined ? undefined : keyOf(key);
    if (object.has(known)) return object.get(known);
  }
  const index = numberOf(key);
  if (index !== undefined) return itemAt(object, index);
  return typeof key === "string" ? methodOf(object, key, budget) : undefined;
}

function itemAt(object: Value, index: number): Value {
  if (typeof object === "string") return characters(object).at(index);
  return itemsOf(object)?.at(index);
}

/** Characters as Python counts them. */
function characters(text: string): readonly string[] | string {
  return /[\ud800-\udfff]/.test(text) ? [...text] : text;
}

function methodOf(object: Value, name: string, budget: Budget): Callable | undefined {
  const run = runnerOf(object, name, budget);
  if (run) return new Callable(name, (raw) => run(new ArgumentReader(name, raw)));
  const isCollection = isDict(object) || itemsOf(object) !== undefined;
  if (!isCollection || !CHANGING_METHODS.has(name)) return undefined;
  return new Callable(name, () => {
    throw new TemplateFailure(
      `${name}() would change a ${typeName(object)}, which templates may not`,
    );
  });
}

function runnerOf(
  object: Value,
  name: string,
  budget: Budget,
): ((args: ArgumentReader) => Value) | undefined {
  if (typeof object === "string") {
    const method = Object.hasOwn(STRING_METHODS, name) ? STRING_METHODS[name] : undefined;
    if (!method) return undefined;
    return (args) => {
      budget.make(object.length);
      const result = method(object, args, budget);
      return typeof result === "string" ? budget.text(result) : result;
    };
  }
  if (isDict(object)) {
    const method = Object.hasOwn(DICT_METHODS, name) ? DICT_METHODS[name] : undefined;
    return method && ((args) => method(object, args));
  }
  const list = itemsOf(object);
  const method = list && Object.hasOwn(LIST_METHODS, name) ? LIST_METHODS[name] : undefined;
  return list && method && ((args) => method(list, args));
}

/** `object[start:stop:step]`. */
export function slice(
  object: Value,
  bounds: readonly [start: Value, stop: Value, step: Value],
  budget: Budget,
): Value {
  const items = typeof object === "string" ? characters(object) : itemsOf(object);
  if (!items) throw new TemplateFailure(`'${typeName(object)}' object cannot be sliced`);
  const [start, stop, step] = bounds.map(wholeNumber);
  const indices = sliceIndices(items.length, start, stop, step ?? 1);
  budget.make(indices.length);
  if (typeof object === "string") return indices.map((index) => items[index]).join("");
  const picked = indices.map((index) => items[index]);
  return isList(object) ? picked : new TupleValue(picked);
}

function wholeNumber(value: Value): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (number !== undefined) return number;
  throw new TemplateFailure("slice indices must be integers or None");
}

function sliceIndices(
  ...[length, start, stop, step]: readonly [number, number | undefined, number | undefined, number]
): readonly number[] {
  if (step === 0) throw new TemplateFailure("slice step cannot be zero");
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (index: number) =>
    Math.min(high, Math.max(low, index < 0 ? index + length : index));
  const first = start === undefined ? (step > 0 ? low : high) : clamp(start);
  const last = stop === undefined ? (step > 0 ? high : low) : clamp(stop);
  const count = Math.max(0, Math.ceil((last - first) / step));
  return Array.from({ length: count }, (_, i) => first + i * step);
}
