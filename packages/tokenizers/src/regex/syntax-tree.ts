import type { CodePoints } from "../unicode/code-points.ts";

/** A parsed pattern. Case is resolved already: a letter that ignores it is a set. */
export type PatternNode =
  | { readonly type: "set"; readonly points: CodePoints }
  | { readonly type: "sequence"; readonly items: readonly PatternNode[] }
  | { readonly type: "alternation"; readonly options: readonly PatternNode[] }
  | {
      readonly type: "repeat";
      readonly body: PatternNode;
      readonly min: number;
      /** `Infinity` for no limit. */
      readonly max: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    }
  | { readonly type: "group"; readonly index: number; readonly body: PatternNode }
  | { readonly type: "atomic"; readonly body: PatternNode }
  | {
      readonly type: "look";
      readonly body: PatternNode;
      readonly isBehind: boolean;
      readonly isNegative: boolean;
    }
  | { readonly type: "assertion"; readonly kind: Assertion }
  | { readonly type: "back-reference"; readonly index: number };

export type Assertion =
  | "line-start"
  | "line-end"
  | "text-start"
  | "text-end"
  | "text-end-or-newline"
  | "word-boundary"
  | "no-word-boundary";

export const EMPTY: PatternNode = { type: "sequence", items: [] };

export function sequence(items: readonly PatternNode[]): PatternNode {
  return items.length === 1 ? items[0] : { type: "sequence", items };
}

export function alternation(options: readonly PatternNode[]): PatternNode {
  return options.length === 1 ? options[0] : { type: "alternation", options };
}
