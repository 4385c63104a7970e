import { describe, expect, test } from "vitest";
import { PatternLimitError, TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { membership } from "../unicode/code-points.ts";
import { property } from "../unicode/properties.ts";
import { createMatcher, parsePattern } from "./pattern.ts";

function matches(source: string, text: string): string[] {
  const ranges = createMatcher({ type: "Regex", source })(text);
  return ranges.map(([start, end]) => text.slice(start, end));
}

describe("createMatcher() iterates as the reference does", () => {
  test("an empty match right after a match is passed over", () => {
    const ranges = createMatcher({ type: "Regex", source: "x*" })("axb");
    expect(ranges).toEqual([
      [0, 0],
      [1, 2],
      [3, 3],
    ]);
  });

  test("a text pattern is taken literally, an empty one matches between characters", () => {
    expect(createMatcher({ type: "String", source: "." })("a.b")).toEqual([[1, 2]]);
    expect(createMatcher({ type: "String", source: "" })("😀")).toEqual([
      [0, 0],
      [2, 2],
    ]);
  });

  test("offsets never fall into a surrogate pair", () => {
    expect(matches("[^a]??", "😀").join("")).toBe("");
    expect(matches("(?<=.)b", "😀b")).toEqual(["b"]);
    expect(matches("[😀-😂]{2}", "😀😁😂")).toEqual(["😀😁"]);
  });

  test("loops over large texts do not need the engine's stack", () => {
    const text = "ab".repeat(100_000);
    expect(matches("(?:ab)*", text)).toEqual([text]);
    expect(matches("(?:a|b)+?$", text)).toEqual([text]);
  });
});

describe("patterns that backtrack without end are stopped", () => {
  const long = "a".repeat(40);
  // Ten million steps, the reference's own limit: about a second each.
  test.each([
    ["nested loops", "(a+)+$", `${long}!`],
    ["many loops in a row", "a*a*a*a*a*a*a*a*b", "a".repeat(400)],
    ["inside a look-behind", "(?<=(?:a+)+b)c", `${long}c`],
  ])("%s", (_, source, text) => {
    expect(() => createMatcher({ type: "Regex", source })(text)).toThrow(PatternLimitError);
  });
});

describe("parsePattern() names what is wrong", () => {
  test.each([
    ["(", 'a "(" has no ")"'],
    [")", 'a ")" has no "("'],
    ["[a", "ends too early"],
    ["*a", '"*" repeats nothing'],
    ["[b-a]", "a range of a class is empty"],
    ["a{100001}", "a repetition is above 100000"],
    ["(?:(?:(?:a{9999}){9999}){9999})", "too large"],
    ["(".repeat(5_000), "nested too deep"],
    ["[".repeat(5_000), "nested too deep"],
    ["\\p{Klingon}", 'no property is called "Klingon"'],
    ["(?<n>a)\\k<m>", 'no group is called "m"'],
    ["\\x{110000}", "is not a character's number"],
  ])("%j", (source, message) => {
    const parse = () => parsePattern({ Regex: source }, "normalizer.pattern");
    expect(parse).toThrow(TokenizerFormatError);
    expect(parse).toThrow(message);
    expect(parse).toThrow("normalizer.pattern.Regex");
  });

  test.each(["\\X", "\\K", "\\G", "(?~a)", "\\g<1>(a)", "(?W)a", "\\p{In_Thai}", "[a-[b]]"])(
    "%s is refused rather than matched otherwise",
    (source) => {
      const parse = () => parsePattern({ Regex: source }, "pattern");
      expect(parse).toThrow(UnsupportedComponentError);
    },
  );

  test("neither a text nor an expression", () => {
    expect(() => parsePattern({ Glob: "*" }, "a.pattern")).toThrow(/^a\.pattern must be/);
    expect(() => parsePattern({ Regex: 5 }, "a.pattern")).toThrow(/^a\.pattern\.Regex must be/);
  });
});

describe("property() has the reference's Unicode 16", () => {
  const count = (name: string) => {
    const points = property(name);
    return points?.reduce((sum, boundary, i) => sum + (i % 2 === 0 ? -boundary : boundary), 0);
  };

  test.each([
    ["L", 141_028],
    ["N", 1_911],
    ["M", 2_501],
    ["P", 855],
    ["S", 8_514],
    ["Zs", 17],
    ["Han", 99_030],
    ["hani", 99_030],
    ["Any", 0x110000],
    ["White_Space", 25],
    ["Lowercase Letter", 2_258],
  ])("%s: %i characters", (name, characters) => {
    expect(count(name)).toBe(characters);
  });

  test("every character has one category", () => {
    const names = ["L", "M", "N", "P", "S", "Z", "C"];
    expect(names.reduce((sum, name) => sum + (count(name) ?? 0), 0)).toBe(0x110000);
    const lower = membership(property("Ll") ?? []);
    expect([0x61, 0x295, 0x41].map((code) => lower.has(code))).toEqual([true, true, false]);
  });
});
