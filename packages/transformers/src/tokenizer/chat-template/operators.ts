import type { Budget } from "./budget.ts";
import { TemplateFailure } from "./errors.ts";
import { toText } from "./text-form.ts";
import {
  compare,
  Float,
  isDict,
  isEqual,
  isList,
  itemsOf,
  keyOf,
  numberOf,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

/** A binary operator of Python other than `and` and `or`, which need not see both sides. */
export function operate(
  operator: string,
  [left, right]: readonly [Value, Value],
  budget: Budget,
): Value {
  switch (operator) {
    case "==":
      return isEqual(left, right, () => budget.step());
    case "!=":
      return !isEqual(left, right, () => budget.step());
    case "in":
      return contains(right, left, budget);
    case "not in":
      return !contains(right, left, budget);
    case "~":
      return concatenate(toText(left, budget), toText(right, budget), budget);
    case "<":
      return order(left, right) < 0;
    case ">":
      return order(left, right) > 0;
    case "<=":
      return order(left, right) <= 0;
    case ">=":
      return order(left, right) >= 0;
    default:
      return calculate(operator, [left, right], budget);
  }
}

function concatenate(left: string, right: string, budget: Budget): string {
  budget.make(left.length + right.length);
  return left + right;
}

function order(left: Value, right: Value): number {
  refuseUndefined(left, right);
  return compare(left, right);
}

function refuseUndefined(...values: readonly Value[]): void {
  if (values.includes(undefined)) throw new TemplateFailure("a value is undefined");
}

function contains(container: Value, value: Value, budget: Budget): boolean {
  if (container === undefined) return false;
  if (typeof container === "string") {
    if (typeof value !== "string") {
      throw new TemplateFailure(
        `'in <string>' requires string as left operand, not ${typeName(value)}`,
      );
    }
    budget.make(container.length);
    return container.includes(value);
  }
  if (isDict(container)) return value !== undefined && container.has(keyOf(value));
  const items = itemsOf(container);
  if (items) return items.some((item) => isEqual(item, value, () => budget.step()));
  throw new TemplateFailure(`argument of type '${typeName(container)}' is not iterable`);
}

function calculate(
  operator: string,
  [left, right]: readonly [Value, Value],
  budget: Budget,
): Value {
  refuseUndefined(left, right);
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== undefined && b !== undefined) {
    const isFloat = left instanceof Float || right instanceof Float;
    return arithmetic(operator, [a, b], isFloat);
  }
  const joined = operator === "+" ? join(left, right, budget) : undefined;
  if (joined !== undefined) return joined;
  const repeated = operator === "*" ? repeat(left, right, budget) : undefined;
  if (repeated !== undefined) return repeated;
  if (operator === "%" && typeof left === "string") return interpolate(left, right, budget);
  throw new TemplateFailure(
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

function join(left: Value, right: Value, budget: Budget): Value {
  if (typeof left === "string" && typeof right === "string") {
    return concatenate(left, right, budget);
  }
  const [first, second] = [itemsOf(left), itemsOf(right)];
  if (!first || !second || typeName(left) !== typeName(right)) return undefined;
  budget.make(first.length + second.length);
  const items = [...first, ...second];
  return isList(left) ? items : new TupleValue(items);
}

/** A text or list several times over. */
function repeat(left: Value, right: Value, budget: Budget): Value {
  const [value, count] = numberOf(right) === undefined ? [right, left] : [left, right];
  const times = count instanceof Float ? undefined : numberOf(count);
  const items = itemsOf(value);
  if (times === undefined || (typeof value !== "string" && !items)) return undefined;
  const n = Math.max(0, times);
  if (typeof value === "string") {
    budget.make(value.length * n);
    return value.repeat(n);
  }
  budget.make((items?.length ?? 0) * n);
  const all = Array.from({ length: n }, () => items ?? []).flat();
  return isList(value) ? all : new TupleValue(all);
}

function arithmetic(operator: string, [a, b]: readonly [number, number], isFloat: boolean): Value {
  const number = (value: number) => (isFloat ? new Float(value) : value);
  if (b === 0 && ["/", "//", "%"].includes(operator)) {
    throw new TemplateFailure("division by zero");
  }
  switch (operator) {
    case "+":
      return number(a + b);
    case "-":
      return number(a - b);
    case "*":
      return number(a * b);
    case "/":
      return new Float(a / b);
    case "//":
      return number(Math.floor(a / b));
    case "%":
      return number(a - b * Math.floor(a / b));
    case "**":
      return b < 0 ? new Float(a ** b) : number(a ** b);
    default:
      throw new TemplateFailure(`unknown operator "${operator}"`, "syntax");
  }
}

/** `"%s and %d" % (a, b)`, without widths. */
export function interpolate(text: string, value: Value, budget: Budget): string {
  const values = value instanceof TupleValue ? value.items : [value];
  let next = 0;
  const result = text.replace(/%(%|[a-zA-Z]|.|$)/gsu, (_, kind: string) => {
    if (kind === "%") return "%";
    if (next >= values.length) throw new TemplateFailure("not enough arguments for format string");
    const item = values[next++];
    if (kind === "s") return toText(item, budget);
    const number = numberOf(item);
    if ((kind === "d" || kind === "i") && number !== undefined) return String(Math.trunc(number));
    throw new TemplateFailure(`unsupported format character "${kind}"`);
  });
  if (next < values.length) {
    throw new TemplateFailure("not all arguments converted during string formatting");
  }
  return budget.text(result);
}
