import { readFileSync } from "node:fs";
import { Tokenizer } from "@bearhug/tokenizers";
import { describe, expect, it } from "vitest";
import { blocksOf, visibleParts } from "./token-blocks.ts";

const fixture = (name: string) =>
  Tokenizer.fromJson(
    readFileSync(
      new URL(`../../../../../fixtures/tokenizers/${name}-tokenizer.json`, import.meta.url),
      "utf8",
    ),
  );
const bert = fixture("tiny-bert");
const roberta = fixture("tiny-roberta");

describe("blocksOf()", () => {
  it.each(["  a 😁é\u0301\n中 b ", "", "\u202e<b>", "Hello 👩‍👩‍👧 wor\tld"])(
    "of %j gives the whole text and each token once",
    (text) => {
      for (const tokenizer of [bert, roberta]) {
        const encoding = tokenizer.encode(text, { pair: "x y" });
        const blocks = blocksOf(encoding, [text, "x y"], 1000);
        expect(blocks.flatMap(({ tokens }) => tokens)).toEqual(encoding.tokens.map((_, i) => i));
        for (const [sequence, whole] of [text, "x y"].entries()) {
          const own = blocks.filter((block) => block.sequence === sequence);
          expect(own.map((block) => block.text).join("")).toBe(whole);
        }
      }
    },
  );

  it("makes one block of the bytes of a character", () => {
    const encoding = roberta.encode("😁", { addSpecialTokens: false });
    expect(encoding.length).toBeGreaterThan(1);
    const tokens = encoding.tokens.map((_, i) => i);
    expect(blocksOf(encoding, ["😁"], 1000)).toEqual([{ text: "😁", tokens, sequence: 0 }]);
  });

  it("reads no more tokens than it is told", () => {
    const text = "a ".repeat(50);
    const blocks = blocksOf(bert.encode(text, { addSpecialTokens: false }), [text], 7);
    expect(blocks.flatMap(({ tokens }) => tokens)).toHaveLength(7);
  });
});

describe("visibleParts()", () => {
  it.each([
    ["a b\n", "a[·]b[⏎]"],
    ["\t\r\u00a0", "[⇥][␍][U+00A0]"],
    ["\u202eabc\u0000", "[U+202E]abc[U+0000]"],
    ["👩‍👧", "👩‍👧"],
    ["\u0301 e\u0301", "◌\u0301[·]e\u0301"],
    ["\u200d", "[U+200D]"],
    ["\ud800x", "[U+D800]x"],
  ])("marks what cannot be seen in %j", (text, expected) => {
    const shown = visibleParts(text).map((part) => (part.isMark ? `[${part.text}]` : part.text));
    expect(shown.join("")).toBe(expected);
  });
});
