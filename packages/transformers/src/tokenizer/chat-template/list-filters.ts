import { ArgumentReader } from "./arguments.ts";
import { TemplateFailure } from "./errors.ts";
import type { Filter, FilterContext } from "./filter.ts";
import { operate } from "./operators.ts";
import { joinTexts } from "./string-methods.ts";
import { toText } from "./text-form.ts";
import {
  compare,
  isDict,
  isEqual,
  isTrue,
  itemsOf,
  iterate,
  numberOf,
  TupleValue,
  type Value,
} from "./values.ts";

/** A field of an item: a name, a number, or several of them with dots between. */
function field(item: Value, path: Value): Value {
  const names = typeof path === "string" ? path.split(".") : [path];
  return names.reduce<Value>((value, name) => {
    if (isDict(value)) return value.get(name);
    const index = typeof name === "string" && /^\d+$/u.test(name) ? Number(name) : numberOf(name);
    return index === undefined ? undefined : itemsOf(value)?.[index];
  }, item);
}

/** What items are compared by: themselves or a field, without regard to case unless asked. */
function sortKey(
  { args }: FilterContext,
  position: { readonly sensitive: number; readonly attribute: number },
) {
  const isSensitive = isTrue(args.value(position.sensitive, "case_sensitive"));
  const attribute = args.value(position.attribute, "attribute");
  return (item: Value): Value => {
    const value = attribute === undefined || attribute === null ? item : field(item, attribute);
    return typeof value === "string" && !isSensitive ? value.toLowerCase() : value;
  };
}

/** Compares at a price: sorting a long list is many steps. */
function priced({ budget }: FilterContext, key: (item: Value) => Value) {
  return (a: Value, b: Value): number => {
    budget.step();
    return compare(key(a), key(b));
  };
}

function rest(context: FilterContext, from: number): ArgumentReader {
  const { args } = context;
  const positional = Array.from({ length: Math.max(0, args.count - from) }, (_, i) =>
    args.value(from + i, ""),
  );
  return new ArgumentReader("filter", { positional, keywords: new Map() });
}

const select =
  (keeps: boolean): Filter =>
  (value, context) => {
    const { args, test } = context;
    const name = args.optionalText(0, "test");
    const passes = (item: Value) =>
      name === undefined ? isTrue(item) : test(name, item, rest(context, 1));
    return iterate(value).filter((item) => passes(item) === keeps);
  };

const selectByField =
  (keeps: boolean): Filter =>
  (value, context) => {
    const { args, test } = context;
    const path = args.value(0, "attribute");
    const name = args.optionalText(1, "test");
    const passes = (item: Value) => {
      const found = field(item, path);
      return name === undefined ? isTrue(found) : test(name, found, rest(context, 2));
    };
    return iterate(value).filter((item) => passes(item) === keeps);
  };

const map: Filter = (value, context) => {
  const { args, filter } = context;
  const path = args.count === 0 ? args.value(0, "attribute") : undefined;
  if (path !== undefined) {
    return iterate(value).map((item) => {
      const found = field(item, path);
      return found === undefined && args.has(1, "default") ? args.value(1, "default") : found;
    });
  }
  const name = args.text(0, "filter");
  return iterate(value).map((item) => filter(name, item, rest(context, 1)));
};

const extreme =
  (sign: 1 | -1): Filter =>
  (value, context) => {
    const key = sortKey(context, { sensitive: 0, attribute: 1 });
    const order = priced(context, key);
    const items = iterate(value);
    return items.reduce((best, item) => (sign * order(item, best) > 0 ? item : best), items[0]);
  };

const unique: Filter = (value, context) => {
  const key = sortKey(context, { sensitive: 0, attribute: 1 });
  const seen: Value[] = [];
  return iterate(value).filter((item) => {
    const mark = key(item);
    if (seen.some((other) => isEqual(other, mark, () => context.budget.step()))) return false;
    seen.push(mark);
    return true;
  });
};

const sort: Filter = (value, context) => {
  const key = sortKey(context, { sensitive: 1, attribute: 2 });
  const order = priced(context, key);
  const isReverse = isTrue(context.args.value(0, "reverse"));
  return [...iterate(value)].sort((a, b) => (isReverse ? order(b, a) : order(a, b)));
};

const dictSort: Filter = (value, context) => {
  if (!isDict(value)) throw new TemplateFailure("dictsort takes a dict");
  const { args } = context;
  const isSensitive = isTrue(args.value(0, "case_sensitive"));
  const at = (args.optionalText(1, "by") ?? "key") === "key" ? 0 : 1;
  const key = (entry: Value) => {
    const part = itemsOf(entry)?.[at];
    return typeof part === "string" && !isSensitive ? part.toLowerCase() : part;
  };
  const order = priced(context, key);
  const entries = [...value].map((entry) => new TupleValue(entry));
  const isReverse = isTrue(args.value(2, "reverse"));
  return entries.sort((a, b) => (isReverse ? order(b, a) : order(a, b)));
};

const groupBy: Filter = (value, context) => {
  const path = context.args.value(0, "attribute");
  const items = sort(value, {
    ...context,
    args: new ArgumentReader("groupby", {
      positional: [],
      keywords: new Map([["attribute", path]]),
    }),
  });
  const groups: { readonly key: Value; readonly items: Value[] }[] = [];
  for (const item of iterate(items)) {
    const key = field(item, path);
    const last = groups.at(-1);
    if (last && isEqual(last.key, key)) last.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map((group) => new TupleValue([group.key, group.items]));
};

export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  batch: (value, { args }) => {
    const size = Math.max(1, args.integer(0, "linecount", 1));
    const items = iterate(value);
    const count = Math.ceil(items.length / size);
    return Array.from({ length: count }, (_, i) => {
      const row = items.slice(i * size, (i + 1) * size);
      const missing = args.has(1, "fill_with") ? size - row.length : 0;
      return [...row, ...new Array<Value>(missing).fill(args.value(1, "fill_with"))];
    });
  },
  dictsort: dictSort,
  first: (value) => iterate(value)[0],
  groupby: groupBy,
  items: (value) => {
    if (value === undefined) return [];
    if (!isDict(value)) throw new TemplateFailure("Can only get item pairs from a mapping.");
    return [...value].map((entry) => new TupleValue(entry));
  },
  join: (value, { args, budget }) => {
    const path = args.value(1, "attribute");
    const items = iterate(value).map((item) =>
      toText(path === undefined ? item : field(item, path), budget),
    );
    return joinTexts(items, toText(args.value(0, "d"), budget), budget);
  },
  last: (value) => iterate(value).at(-1),
  list: (value) => [...iterate(value)],
  map,
  max: extreme(1),
  min: extreme(-1),
  reject: select(false),
  rejectattr: selectByField(false),
  reverse: (value) =>
    typeof value === "string" ? [...value].reverse().join("") : [...iterate(value)].reverse(),
  select: select(true),
  selectattr: selectByField(true),
  sort,
  sum: (value, { args, budget }) => {
    const path = args.value(0, "attribute");
    const start = args.has(1, "start") ? args.value(1, "start") : 0;
    return iterate(value).reduce<Value>(
      (sum, item) => operate("+", [sum, path === undefined ? item : field(item, path)], budget),
      start,
    );
  },
  unique,
};
