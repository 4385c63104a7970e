import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TokenNotRemovableError } from "./errors.ts";
import type { AddedTokenInput } from "./token-edits.ts";
import { Tokenizer } from "./tokenizer.ts";

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FIXTURES), "utf8");
const { base, matching, adding } = JSON.parse(read("token-edits.json"));

interface FileToken {
  readonly content: string;
  readonly special?: boolean;
  readonly normalized?: boolean;
  readonly single_word?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

const fromFile = (token: string | FileToken): AddedTokenInput =>
  typeof token === "string" ? token : { ...token, singleWord: token.single_word };

interface Row {
  readonly text: string;
  readonly decoded: readonly [string, string];
}

function check(tokenizer: Tokenizer, rows: readonly Row[]) {
  for (const { text, decoded, ...expected } of rows) {
    const encoding = tokenizer.encode(text);
    const actual = {
      ids: [...encoding.ids],
      tokens: encoding.tokens,
      offsets: encoding.offsetsIn("codePoints"),
      wordIds: encoding.wordIds,
    };
    expect(actual, JSON.stringify(text)).toEqual(expected);
    expect([
      tokenizer.decode(encoding.ids),
      tokenizer.decode(encoding.ids, { skipSpecialTokens: false }),
    ]).toEqual(decoded);
  }
}

describe("added tokens are found as the reference finds them", () => {
  test("all flags, in random texts", () => {
    for (const { normalizer, tokens, found, passedOver } of matching) {
      const plain = Tokenizer.fromJson(JSON.stringify({ ...base, normalizer }));
      const special = (token: FileToken) => token.special;
      const tokenizer = plain
        .addTokens(tokens.filter((token: FileToken) => !special(token)).map(fromFile))
        .addSpecialTokens(tokens.filter(special).map(fromFile));
      check(tokenizer, found);
      check(tokenizer.with({ encodeSpecialTokens: true }), passedOver);
      check(Tokenizer.fromJson(tokenizer.toJson()), found);
    }
  });

  test("among thousands", () => {
    const tokens = Array.from({ length: 5000 }, (_, i) => ({
      content: `<t${i}>`,
      normalized: false,
    }));
    const tokenizer = Tokenizer.fromJson(JSON.stringify(base)).addTokens([
      "b",
      ...tokens,
      "é",
      "中",
      "x",
    ]);
    const text = "a<t4999>b<t49><t499é<t50000>中x<t7";
    const found = tokenizer.encode(text).offsets.map(([start, end]) => text.slice(start, end));
    expect(found.join(" ")).toBe("a <t4999> b <t49> <t499 é <t50000> 中 x <t7");
    expect(tokenizer.encode("<t3>").ids[0]).toBe(tokenizer.tokenToId("<t3>"));
  });
});

describe("addTokens() and addSpecialTokens()", () => {
  for (const [i, { model, steps }] of adding.entries()) {
    test(`give the ids of the reference (${i})`, () => {
      let tokenizer = Tokenizer.fromJson(JSON.stringify({ ...base, model }));
      for (const { method, tokens, added, vocab, modelVocab, size } of steps) {
        const inputs = tokens.map(fromFile);
        const before = tokenizer.getVocab();
        const next =
          method === "add_tokens"
            ? tokenizer.addTokens(inputs)
            : tokenizer.addSpecialTokens(inputs);
        expect(tokenizer.getVocab()).toEqual(before);
        tokenizer = next;
        expect(
          tokenizer.addedTokens.map(({ singleWord, ...token }) => ({
            ...token,
            single_word: singleWord,
          })),
        ).toEqual(added);
        expect(Object.fromEntries(tokenizer.getVocab())).toEqual(vocab);
        expect(Object.fromEntries(tokenizer.getVocab(false))).toEqual(modelVocab);
        expect(tokenizer.vocabularySize).toBe(size);
      }
    });
  }
});

describe("removeTokens()", () => {
  const tokenizer = Tokenizer.fromJson(read("tiny-bert-tokenizer.json"));

  test("takes the last ones out; a token of the model is only no longer looked for", () => {
    const more = tokenizer.addTokens(["<x>", "<y>"]);
    expect(more.removeTokens(["<y>"]).getVocab()).toEqual(tokenizer.addTokens(["<x>"]).getVocab());
    expect(more.removeTokens(["<x>", "<y>"]).getVocab()).toEqual(tokenizer.getVocab());
    const unmasked = tokenizer.removeTokens(["[MASK]"]);
    expect(unmasked.getVocab()).toEqual(tokenizer.getVocab());
    expect(unmasked.encode("[MASK]", { addSpecialTokens: false }).length).toBeGreaterThan(1);
  });

  test.each([
    ["a token of the model", "hello", "it is in the model's vocabulary"],
    ["one that is not there", "<nothing>", "there is no such token"],
    ["one before others", "<x>", "would get id"],
  ])("refuses %s", (_, content, message) => {
    const more = tokenizer.addTokens(["<x>", "<y>"]);
    expect(() => more.removeTokens([content])).toThrow(TokenNotRemovableError);
    expect(() => more.removeTokens([content])).toThrow(message);
  });

  test("refuses one that the template needs", () => {
    const last = {
      type: "special",
      token: "<x>",
      id: tokenizer.vocabularySize,
      typeId: 0,
    } as const;
    const single = [{ type: "sequence", sequence: 0, typeId: 0 } as const, last];
    const postProcessor = { single, pair: single, trims: [] };
    const more = tokenizer.with({ postProcessor }).addTokens(["<x>"]);
    expect(() => more.removeTokens(["<x>"])).toThrow("the post-processor adds it");
  });
});
