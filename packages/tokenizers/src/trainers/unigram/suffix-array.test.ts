import { createRandom } from "@bearhug/core";
import { expect, test } from "vitest";
import { sortSuffixes } from "./suffix-array.ts";

function sorted(text: Int32Array, size: number, depth: number): Int32Array {
  const rounds = sortSuffixes(text, size, depth);
  for (;;) {
    const round = rounds.next();
    if (round.done) return round.value;
  }
}

test("sortSuffixes() puts positions in the order of their first characters", () => {
  const random = createRandom(3);
  for (const [length, size] of [
    [0, 1],
    [1, 2],
    [60, 1],
    [200, 2],
    [300, 40],
  ] as const) {
    const text = Int32Array.from({ length }, () => random.integer(size));
    const key = (at: number, depth: number) =>
      [...text.subarray(at, at + depth)].map((each) => String.fromCharCode(65 + each)).join("");
    for (const depth of [1, 2, 5, 17]) {
      const order = sorted(text, size, depth);
      expect([...order].sort((a, b) => a - b)).toEqual([...text.keys()]);
      const keys = [...order].map((at) => key(at, depth));
      expect(keys).toEqual([...keys].sort());
    }
  }
});
