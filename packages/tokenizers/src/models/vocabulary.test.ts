import { describe, expect, test } from "vitest";
import { scramble, TokenTable } from "./token-table.ts";
import { Vocabulary } from "./vocabulary.ts";

const encoder = new TextEncoder();

describe("Vocabulary", () => {
  const tokens = ["", "a", "ab", "é", "漢字", "😀", "\u0000", "x".repeat(2000), "é".repeat(30)];
  const vocabulary = Vocabulary.from(tokens.map((token, id) => [token, id]));

  test("gives ids and tokens of any length and script", () => {
    expect(tokens.map((token) => vocabulary.id(token))).toEqual(tokens.map((_, id) => id));
    expect(tokens.map((_, id) => vocabulary.token(id))).toEqual(tokens);
    expect([...vocabulary.entries()]).toEqual(tokens.map((token, id) => [token, id]));
    expect(vocabulary.size).toBe(tokens.length);
    for (const absent of ["b", "aba", "É", "漢", "x".repeat(1999), "x".repeat(3000)]) {
      expect(vocabulary.id(absent)).toBeUndefined();
    }
    for (const id of [-1, tokens.length, 0.5, Number.NaN, 2 ** 40]) {
      expect(vocabulary.token(id)).toBeUndefined();
    }
  });

  test("gives bytes", () => {
    const target = new Uint8Array(8);
    const end = vocabulary.copyBytes(4, target, 1);
    expect(new TextDecoder().decode(target.subarray(1, end))).toBe("漢字");
    expect(vocabulary.byteLength(4)).toBe(6);
    expect(vocabulary.byteLength(99)).toBe(-1);
    expect(vocabulary.idOfBytes(target, 1, end)).toBe(4);
    expect(vocabulary.idOfBytes(target, 1, end - 1)).toBe(-1);
  });

  test("finds the longest token that bytes begin with", () => {
    const bytes = encoder.encode("xaba漢字a");
    const longest = (start: number, end: number) => {
      const position = vocabulary.longestAt(bytes, start, end);
      return position < 0 ? undefined : vocabulary.token(vocabulary.idAt(position));
    };
    expect(longest(1, bytes.length)).toBe("ab");
    expect(longest(1, 2)).toBe("a");
    expect(longest(4, bytes.length)).toBe("漢字");
    expect(longest(0, 1)).toBeUndefined();
  });

  test("a token with several ids is found by the last, and every id shows it", () => {
    const several = Vocabulary.from([
      ["a", 0],
      ["b", 1],
      ["a", 2],
    ]);
    expect(several.id("a")).toBe(2);
    expect([0, 1, 2].map((id) => several.token(id))).toEqual(["a", "b", "a"]);
    expect([several.size, several.repeatsTokens, several.sharesIds]).toEqual([3, true, false]);
  });

  test("an id with several tokens shows the last, and all of them find it", () => {
    const shared = Vocabulary.from([
      ["a", 5],
      ["b", 5],
    ]);
    expect([shared.id("a"), shared.id("b"), shared.token(5)]).toEqual([5, 5, "b"]);
    expect([shared.size, shared.repeatsTokens, shared.sharesIds]).toEqual([2, false, true]);
  });

  test("ids may have holes, be in any order, and be far apart", () => {
    for (const far of [9, 0x7000_0000]) {
      const holes = Vocabulary.from([
        ["b", far],
        ["a", 3],
      ]);
      expect([holes.id("a"), holes.id("b"), holes.token(far)]).toEqual([3, far, "b"]);
      expect([0, 4, far + 1].map((id) => holes.token(id))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(holes.sharesIds).toBe(false);
    }
  });

  test("half of a surrogate pair is U+FFFD, as it is in UTF-8", () => {
    const half = Vocabulary.from([["\ud83d", 0]]);
    expect([half.id("\ufffd"), half.id("\ude00"), half.token(0)]).toEqual([0, 0, "\ufffd"]);
  });

  test("the empty vocabulary", () => {
    const empty = Vocabulary.from([]);
    expect([empty.size, empty.id(""), empty.token(0)]).toEqual([0, undefined, undefined]);
  });
});

test("tokens made to collide are found all the same", () => {
  // All of them belong into the same few slots of a table of this size, as it hashes at first.
  const count = 3000;
  const collides = (token: string) => {
    let hash = 0x811c9dc5;
    for (const byte of encoder.encode(token)) hash = Math.imul(hash ^ byte, 0x01000193);
    return (scramble(hash) & 8191) < 64;
  };
  const tokens: string[] = [];
  for (let i = 0; tokens.length < count; i++) if (collides(`t${i}`)) tokens.push(`t${i}`);
  const bytes = tokens.map((token) => encoder.encode(token));
  const starts = new Int32Array(count + 1);
  bytes.forEach((token, i) => {
    starts[i + 1] = starts[i] + token.length;
  });
  const table = new TokenTable(encoder.encode(tokens.join("")), starts);
  expect(tokens.every((token, i) => table.find(token) === i)).toBe(true);
  expect(table.find("t")).toBe(-1);
});
