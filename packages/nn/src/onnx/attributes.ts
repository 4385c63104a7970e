import type { OnnxAttribute } from "./model.ts";

/** An attribute of a node, by its type in the format. */
export const attribute = {
  float: (name: string, value: number): OnnxAttribute => ({ type: "float", name, value }),
  int: (name: string, value: number): OnnxAttribute => ({ type: "int", name, value }),
  string: (name: string, value: string): OnnxAttribute => ({ type: "string", name, value }),
  ints: (name: string, value: readonly number[]): OnnxAttribute => ({ type: "ints", name, value }),
} as const;
