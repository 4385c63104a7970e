import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { concatBytes, fromBase64, toBase64 } from "../bytes.ts";
import { SafetensorsError } from "./errors.ts";
import { MAX_HEADER_BYTES, parseHeader, readHeaderLength } from "./header.ts";
import { type TensorToWrite, writeSafetensors } from "./write.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function lengthBytes(length: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
}

interface Case {
  readonly name: string;
  readonly input: {
    readonly tensors: readonly (Omit<TensorToWrite, "data"> & { readonly data: string })[];
    readonly metadata: Readonly<Record<string, string>> | null;
  };
  readonly expected: { readonly file: string };
}

const cases: readonly Case[] = JSON.parse(
  readFileSync("fixtures/core/safetensors.json", "utf8"),
).cases;

describe("writeSafetensors()", () => {
  test.each(cases)("writes the bytes of the reference: $name", ({ input, expected }) => {
    const tensors = input.tensors.map((tensor) => ({
      ...tensor,
      data: fromBase64(tensor.data),
    }));
    expect(toBase64(writeSafetensors(tensors, input.metadata ?? undefined))).toBe(expected.file);
  });

  test("refuses bytes that do not fill the shape", () => {
    const tensor = { name: "w", dtype: "float32", shape: [2], data: new Uint8Array(7) } as const;
    expect(() => writeSafetensors([tensor])).toThrow(RangeError);
  });
});

describe("parseHeader()", () => {
  test.each(cases)("reads what the reference wrote: $name", ({ input, expected }) => {
    const file = fromBase64(expected.file);
    const headerLength = readHeaderLength(file);
    const header = parseHeader(file.subarray(8, 8 + headerLength), file.length);
    expect(header.metadata).toEqual(input.metadata ?? {});
    const read = header.tensors.map(({ name, dtype, shape, offset, sizeBytes }) => ({
      name,
      dtype,
      shape,
      data: toBase64(file.subarray(offset, offset + sizeBytes)),
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(read.sort(byName)).toEqual([...input.tensors].sort(byName));
  });

  const tensor = (fields: object): string =>
    JSON.stringify({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...fields } });

  test.each([
    ["not JSON", "{oops", undefined, "not a JSON object"],
    ["not starting with {", " {}", undefined, 'does not start with "{"'],
    ["an array", "[]", undefined, 'does not start with "{"'],
    ["an unknown dtype", tensor({ dtype: "F31" }), undefined, 'dtype "F31" is not supported'],
    ["a negative dimension", tensor({ shape: [-2] }), undefined, "shape[0]"],
    ["a huge dimension", tensor({ shape: [1e300] }), undefined, "shape[0]"],
    ["an overflowing product", tensor({ shape: [2 ** 40, 2 ** 40] }), undefined, "takes"],
    ["offsets backwards", tensor({ data_offsets: [8, 0] }), undefined, "begin ≤ end"],
    [
      "offsets of another size",
      tensor({ data_offsets: [0, 12] }),
      undefined,
      "takes 8 bytes, not 12",
    ],
    ["a hole", tensor({ data_offsets: [4, 12] }), undefined, "begins at byte"],
    ["a number in __metadata__", '{"__metadata__":{"a":1}}', undefined, '__metadata__["a"]'],
    ["a file cut short", tensor({}), 20, "File has 20 bytes"],
  ])("refuses %s", (...[, json, fileSize, message]) => {
    const read = () => parseHeader(encode(json), fileSize);
    expect(read).toThrow(SafetensorsError);
    expect(read).toThrow(message);
  });

  test("refuses invalid UTF-8", () => {
    const json = concatBytes([encode('{"'), new Uint8Array([0xff]), encode('":{}}')]);
    expect(() => parseHeader(json)).toThrow("not valid UTF-8");
  });
});

test("readHeaderLength() refuses nothing, zero and more than the reference's limit", () => {
  expect(() => readHeaderLength(new Uint8Array(7))).toThrow(SafetensorsError);
  expect(() => readHeaderLength(lengthBytes(0n))).toThrow(SafetensorsError);
  expect(() => readHeaderLength(lengthBytes(BigInt(MAX_HEADER_BYTES) + 1n))).toThrow(
    SafetensorsError,
  );
  expect(() => readHeaderLength(lengthBytes(2n ** 64n - 1n))).toThrow(SafetensorsError);
  expect(readHeaderLength(lengthBytes(BigInt(MAX_HEADER_BYTES)))).toBe(MAX_HEADER_BYTES);
});
