import { expect, test } from "vitest";
import { pathMatcher } from "./patterns.ts";

const paths = [
  "a.json",
  "data/a.json",
  "data/deep/b.txt",
  ".hidden",
  "x[1].bin",
  "a+b.txt",
  "données.csv",
];

// Expected values: Python's fnmatch over the same lists.
test.each([
  [{}, paths],
  [{ include: "*.json" }, ["a.json", "data/a.json"]],
  [{ include: "data/" }, ["data/a.json", "data/deep/b.txt"]],
  [{ include: ["data/*"], exclude: "*.txt" }, ["data/a.json"]],
  [{ exclude: [".*"] }, paths.filter((path) => path !== ".hidden")],
  [{ include: "?.json" }, ["a.json"]],
  [{ include: "[ab]*" }, ["a.json", "a+b.txt"]],
  [{ include: "[!a]*" }, ["data/a.json", "data/deep/b.txt", ".hidden", "x[1].bin", "données.csv"]],
  [{ include: "x[[]1[]].bin" }, ["x[1].bin"]],
  [{ include: "x[" }, []],
  [{ include: "a+b.txt" }, ["a+b.txt"]],
  [{ include: "data\\a.json" }, ["data/a.json"]],
  [{ include: [] }, []],
  [{ include: "donn?es.csv" }, ["données.csv"]],
])("pathMatcher(%j)", (filter, expected) => {
  expect(paths.filter(pathMatcher(filter))).toEqual(expected);
});

test("pathMatcher() refuses a set that runs backwards", () => {
  expect(() => pathMatcher({ include: "[z-a]" })).toThrow('"[z-a]" is not a shell pattern');
});
