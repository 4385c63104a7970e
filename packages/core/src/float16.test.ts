import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "./float16.ts";

test("every float16 and bfloat16 survives the way to a number and back", () => {
  for (let bits = 0; bits < 65536; bits++) {
    const half = fromFloat16Bits(bits);
    if (Number.isNaN(half)) expect(toFloat16Bits(half) & 0x7c00).toBe(0x7c00);
    else if (toFloat16Bits(half) !== bits) expect.fail(`float16 0x${bits.toString(16)}`);
    const brain = fromBfloat16Bits(bits);
    if (!Number.isNaN(brain) && toBfloat16Bits(brain) !== bits) {
      expect.fail(`bfloat16 0x${bits.toString(16)}`);
    }
  }
});

interface Case {
  readonly name: string;
  readonly input: readonly number[];
  readonly expected: { readonly float16: readonly number[]; readonly bfloat16: readonly number[] };
}

const cases: readonly Case[] = JSON.parse(readFileSync("fixtures/core/float16.json", "utf8")).cases;

test.each(cases)("rounds as numpy and torch do: $name", ({ input, expected }) => {
  const values = input.map((bits) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits);
    return view.getFloat32(0);
  });
  expect(values.map(toFloat16Bits)).toEqual(expected.float16);
  expect(values.map(toBfloat16Bits)).toEqual(expected.bfloat16);
});
