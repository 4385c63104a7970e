import { describe, expect, test } from "vitest";
import { InvalidRepoIdError } from "./errors.ts";
import { parseRepoId, repoApiPath, repoPath } from "./repo-id.ts";

describe("parseRepoId()", () => {
  test.each([
    ["ada/tiny-bert", { type: "model", name: "ada/tiny-bert", revision: undefined }],
    ["gpt2", { type: "model", name: "gpt2", revision: undefined }],
    ["datasets/squad", { type: "dataset", name: "squad", revision: undefined }],
    ["datasets/ada/reviews@v1", { type: "dataset", name: "ada/reviews", revision: "v1" }],
    ["models/ada/b", { type: "model", name: "ada/b", revision: undefined }],
    ["ada/b@refs/pr/1", { type: "model", name: "ada/b", revision: "refs/pr/1" }],
    ["ada/b@feature/x@2", { type: "model", name: "ada/b", revision: "feature/x@2" }],
  ])("reads %s", (id, expected) => {
    expect(parseRepoId(id)).toEqual(expected);
  });

  test("takes parts", () => {
    const repo = parseRepoId({ type: "dataset", name: "ada/reviews", revision: "v1" });
    expect(repoPath(repo)).toBe("datasets/ada/reviews");
    expect(repoApiPath(repo)).toBe("/api/datasets/ada/reviews");
  });

  test.each([
    "",
    "/",
    "a/b/c",
    "../etc",
    "ada/..",
    "ada/a--b",
    "ada/x.git",
    "ada/-x",
    "ada/ x",
    "ada/b@",
    "ada/ünï",
    `ada/${"x".repeat(97)}`,
    "datasets/",
  ])("refuses %j", (id) => {
    expect(() => parseRepoId(id)).toThrow(InvalidRepoIdError);
  });
});
