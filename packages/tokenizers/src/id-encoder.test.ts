import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BufferTooSmallError, TruncationError } from "./errors.ts";
import { Tokenizer } from "./tokenizer.ts";

const file = new URL("../../../fixtures/tokenizers/tiny-bert-tokenizer.json", import.meta.url);
const tokenizer = Tokenizer.fromJson(readFileSync(file, "utf8"));
const plain = tokenizer.with({ postProcessor: undefined });
const texts = ["Hello, world!", "", "naïve café [MASK] 😀", " ", "unaffable ".repeat(300)];

describe("encodeIds()", () => {
  test.each([true, false])(
    "gives the ids of encode() (addSpecialTokens: %s)",
    (addSpecialTokens) => {
      for (const text of texts) {
        for (const pair of [undefined, ...texts]) {
          const options = { addSpecialTokens, pair };
          expect(tokenizer.encodeIds(text, options)).toEqual(tokenizer.encode(text, options).ids);
          expect(plain.encodeIds(text, options)).toEqual(plain.encode(text, options).ids);
          expect(tokenizer.count(text, options)).toBe(tokenizer.encode(text, options).length);
        }
      }
      const words = ["Hello", "", "world"];
      expect(tokenizer.encodeIds(words)).toEqual(tokenizer.encode(words).ids);
    },
  );

  test("cuts and fills only when asked", () => {
    const cutting = tokenizer.with({ truncation: { maxLength: 3 }, padding: { length: 64 } });
    expect(cutting.encodeIds("a b c d e")).toEqual(tokenizer.encodeIds("a b c d e"));
    const truncation = { maxLength: 5, direction: "left" } as const;
    for (const pair of [undefined, "x y z"]) {
      const options = { pair, truncation, padding: false } as const;
      expect(cutting.encodeIds("a b c d e", options)).toEqual(
        cutting.encode("a b c d e", options).ids,
      );
    }
    expect(() => tokenizer.encodeIds("a", { truncation: { maxLength: 1 } })).toThrow(
      TruncationError,
    );
  });
});

describe("encodeIdsInto()", () => {
  test("writes from the offset on and says how many", () => {
    const target = new Int32Array(32).fill(-1);
    const ids = tokenizer.encodeIds("Hello, world!");
    expect(tokenizer.encodeIdsInto("Hello, world!", target, { offset: 3 })).toBe(ids.length);
    expect(target.subarray(3, 3 + ids.length)).toEqual(ids);
    expect([target[2], target[3 + ids.length]]).toEqual([-1, -1]);
  });

  test("writes nothing where not all ids fit, and says how many there are", () => {
    const { length } = tokenizer.encodeIds("Hello, world!");
    const target = new Int32Array(length).fill(-1);
    expect(tokenizer.encodeIdsInto("Hello, world!", target)).toBe(length);
    target.fill(-1);
    try {
      tokenizer.encodeIdsInto("Hello, world!", target, { offset: 1 });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BufferTooSmallError);
      expect(error).toMatchObject({ needed: length, code: "TOKENIZER_BUFFER_TOO_SMALL" });
    }
    expect(target.every((id) => id === -1)).toBe(true);
  });
});

test("encodeIdsBatch() joins the rows of single texts, pairs and words", () => {
  const inputs = [...texts, { text: "a", pair: "b" }, ["Hello", "world"], ""];
  const { ids, starts } = tokenizer.encodeIdsBatch(inputs);
  expect(starts.length).toBe(inputs.length + 1);
  expect(starts.at(-1)).toBe(ids.length);
  tokenizer.encodeBatch(inputs, { padding: false }).forEach((encoding, i) => {
    expect(ids.subarray(starts[i], starts[i + 1])).toEqual(encoding.ids);
  });
  expect(tokenizer.encodeIdsBatch([])).toEqual({
    ids: new Int32Array(0),
    starts: Int32Array.of(0),
  });
});
