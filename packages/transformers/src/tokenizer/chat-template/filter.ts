import type { ArgumentReader } from "./arguments.ts";
import type { Budget } from "./budget.ts";
import type { Value } from "./values.ts";

/** What a filter may use besides its value. */
export interface FilterContext {
  readonly args: ArgumentReader;
  readonly budget: Budget;
  /** Runs another filter by its name, for `map`. */
  filter(name: string, value: Value, args: ArgumentReader): Value;
  /** Runs a test by its name, for `select` and its like. */
  test(name: string, value: Value, args: ArgumentReader): boolean;
}

export type Filter = (value: Value, context: FilterContext) => Value;
