import { expect, test } from "vitest";
import { parseCard, stringifyCard } from "./card.ts";

const card = `---
license: apache-2.0
language:
- en
tags: [bert, "a: b"]
model-index: []
base_model: ada/base
---

# Title

---
not front matter
---
`;

test("parseCard() keeps the order of keys and all of the text", () => {
  const { data, text } = parseCard(card);
  expect(Object.keys(data)).toEqual(["license", "language", "tags", "model-index", "base_model"]);
  expect(data["tags"]).toEqual(["bert", "a: b"]);
  expect(text).toBe("\n# Title\n\n---\nnot front matter\n---\n");
});

test("stringifyCard() writes what parseCard() reads", () => {
  const parsed = parseCard(card);
  const again = stringifyCard({
    data: { ...parsed.data, pipeline_tag: "fill-mask" },
    text: parsed.text,
  });
  expect(Object.keys(parseCard(again).data).at(-1)).toBe("pipeline_tag");
  expect(parseCard(again).text).toBe(parsed.text);
});

test.each([
  ["# No metadata", {}, "# No metadata"],
  ["", {}, ""],
  ["---\r\nlicense: mit\r\n---\r\nText", { license: "mit" }, "Text"],
  ["---\n---\nText", {}, "Text"],
  ["---\nlicense: mit\n---", { license: "mit" }, ""],
])("parseCard(%j)", (markdown, data, text) => {
  expect(parseCard(markdown)).toEqual({ data, text });
});

test.each(["---\na: [1\n---\n", "---\n- a\n- b\n---\n", "---\na: b: c\n---\n"])(
  "parseCard(%j) throws SyntaxError",
  (markdown) => {
    expect(() => parseCard(markdown)).toThrow(SyntaxError);
  },
);

test("parseCard() refuses aliases that multiply", () => {
  const bomb = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? "a0: &a0 [x, x]" : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}, *a${i - 1}]`,
  ).join("\n");
  expect(() => parseCard(`---\n${bomb}\n---\n`)).toThrow();
});
