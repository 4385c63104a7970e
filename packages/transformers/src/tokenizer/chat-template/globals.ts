import { ArgumentReader } from "./arguments.ts";
import type { Budget } from "./budget.ts";
import { TemplateFailure } from "./errors.ts";
import { strftime } from "./strftime.ts";
import { toText } from "./text-form.ts";
import {
  type Arguments,
  Callable,
  isDict,
  iterate,
  keyOf,
  Namespace,
  type Value,
} from "./values.ts";

/** As the sandbox of the reference has it. */
const LONGEST_RANGE = 100_000;

/** The names that every template knows. */
export function globalNames(budget: Budget, now: () => Date): ReadonlyMap<string, Value> {
  const functions: Readonly<Record<string, (args: ArgumentReader, raw: Arguments) => Value>> = {
    dict: (_, raw) => dict(raw),
    namespace: (_, raw) => new Namespace(namespaceFields(raw)),
    raise_exception: (args) => {
      throw new TemplateFailure(toText(args.value(0, "message"), budget), "raised");
    },
    range: (args) => range(args, budget),
    strftime_now: (args) => strftime(now(), args.text(0, "format")),
  };
  const constants: readonly (readonly [string, Value])[] = [
    ["true", true],
    ["True", true],
    ["false", false],
    ["False", false],
    ["none", null],
    ["None", null],
  ];
  const callables = Object.entries(functions).map(([name, run]) => {
    const call = (raw: Arguments) => run(new ArgumentReader(name, raw), raw);
    return [name, new Callable(name, call)] as const;
  });
  return new Map<string, Value>([...constants, ...callables]);
}

function range(args: ArgumentReader, budget: Budget): Value {
  const isOne = args.count < 2;
  const start = isOne ? 0 : args.integer(0, "start", 0);
  const stop = isOne ? args.integer(0, "stop", 0) : args.integer(1, "stop", 0);
  const step = args.integer(2, "step", 1);
  if (step === 0) throw new TemplateFailure("range() arg 3 must not be zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > LONGEST_RANGE) {
    throw new TemplateFailure(`range() is longer than ${LONGEST_RANGE}`, "limit");
  }
  budget.make(length);
  return Array.from({ length }, (_, i) => start + i * step);
}

function dict({ positional, keywords }: Arguments): ReadonlyMap<Value, Value> {
  const entries: [Value, Value][] = [];
  for (const value of positional) {
    if (isDict(value)) entries.push(...value);
    else
      for (const pair of iterate(value)) {
        const [key, item] = iterate(pair);
        entries.push([keyOf(key), item]);
      }
  }
  return new Map([...entries, ...keywords]);
}

function namespaceFields(args: Arguments): Map<string, Value> {
  const fields = new Map<string, Value>();
  for (const [name, value] of dict(args)) {
    if (typeof name !== "string" || name.startsWith("_")) {
      throw new TemplateFailure("namespace(): names must be texts that do not begin with _");
    }
    fields.set(name, value);
  }
  return fields;
}
