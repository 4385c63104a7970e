import type { ArgumentReader } from "./arguments.ts";
import { TemplateFailure } from "./errors.ts";
import { isEqual, keyOf, TupleValue, type Value } from "./values.ts";

type DictMethod = (dict: ReadonlyMap<Value, Value>, args: ArgumentReader) => Value;
type ListMethod = (list: readonly Value[], args: ArgumentReader) => Value;

/** What `dict` has in Python and does not change it. */
export const DICT_METHODS: Readonly<Record<string, DictMethod>> = {
  get: (dict, args) => {
    const key = keyOf(args.value(0, "key"));
    if (dict.has(key)) return dict.get(key);
    return args.has(1, "default") ? args.value(1, "default") : null;
  },
  items: (dict) => [...dict].map((entry) => new TupleValue(entry)),
  keys: (dict) => [...dict.keys()],
  values: (dict) => [...dict.values()],
  copy: (dict) => dict,
};

/** What `list` and `tuple` have and does not change them. */
export const LIST_METHODS: Readonly<Record<string, ListMethod>> = {
  index: (list, args) => {
    const at = list.findIndex((item) => isEqual(item, args.value(0, "value")));
    if (at < 0) throw new TemplateFailure("the value is not in the list");
    return at;
  },
  count: (list, args) => list.filter((item) => isEqual(item, args.value(0, "value"))).length,
  copy: (list) => list,
};

/** What would change a value; the sandbox of the reference refuses it too. */
export const CHANGING_METHODS: ReadonlySet<string> = new Set(
  "append add clear extend insert pop popitem remove reverse setdefault sort update".split(" "),
);
