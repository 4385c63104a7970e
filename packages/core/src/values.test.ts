import { expect, test } from "vitest";
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex } from "./bytes.ts";
import { LibraryError, messageOf } from "./library-error.ts";
import {
  optional,
  parseInteger,
  parseJson,
  parseObject,
  parseOneOf,
  parseStrings,
} from "./parse.ts";
import { createRandom } from "./random.ts";

test("hex and base64 round-trip every byte, and refuse other text", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index & 255);
  expect(equalBytes(fromHex(toHex(bytes)), bytes)).toBe(true);
  expect(equalBytes(fromBase64(toBase64(bytes)), bytes)).toBe(true);
  expect(toHex(concatBytes([fromHex("0A"), new Uint8Array(), fromHex("ff")]))).toBe("0aff");
  for (const text of ["a", "zz", "0x"]) expect(() => fromHex(text)).toThrow(SyntaxError);
  expect(() => fromBase64("*")).toThrow(SyntaxError);
});

test.each([
  [
    () => parseInteger("12", "config.heads", { min: 1 }),
    'config.heads must be a positive integer, got "12"',
  ],
  [() => parseInteger(1.5, "n"), "n must be an integer from"],
  [() => parseInteger(2 ** 60, "n"), "n must be an integer from"],
  [() => parseInteger(-1, "n", { min: 0 }), "n must be an integer of 0 or more, got -1"],
  [() => parseObject([], "body"), "body must be an object, got []"],
  [() => parseObject(null, "body"), "body must be an object, got null"],
  [() => parseStrings(["a", 1], "tags"), "tags[1] must be a string, got 1"],
  [() => parseOneOf("c", "side", ["a", "b"]), 'side must be one of "a", "b", got "c"'],
  [() => parseJson("{", "config.json"), "config.json is not JSON"],
])("a parser names the path and the value (%#)", (parse, message) => {
  expect(parse).toThrow(message);
});

test("optional() lets absent values be, and checks the others", () => {
  expect(optional(undefined, "n", parseInteger)).toBeUndefined();
  expect(optional(null, "n", parseInteger)).toBeUndefined();
  expect(optional(3, "n", parseInteger)).toBe(3);
  expect(() => optional("3", "n", parseInteger)).toThrow("n must be");
});

test("createRandom() repeats for a seed, differs between seeds, and is uniform and normal enough", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 20_000 }, () => random.uniform());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7).slice(0, 5)).not.toEqual(draw(8).slice(0, 5));
  const values = draw(1);
  expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  const random = createRandom(3);
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  expect(normals.reduce((sum, value) => sum + value, 0) / normals.length).toBeCloseTo(0, 1);
  expect(normals.reduce((sum, value) => sum + value * value, 0) / normals.length).toBeCloseTo(1, 1);
  expect([...createRandom(5).permutation(100)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, index) => index),
  );
});

test("LibraryError carries code, hint and cause", () => {
  const cause = new Error("disk");
  const error = new LibraryError("DISK_FULL", 'Cannot write "a"', { hint: "Free space", cause });
  expect(error).toMatchObject({
    code: "DISK_FULL",
    message: 'Cannot write "a"',
    hint: "Free space",
    cause,
  });
  expect(messageOf(error)).toBe('Cannot write "a"');
  expect(messageOf("text")).toBe("text");
});
