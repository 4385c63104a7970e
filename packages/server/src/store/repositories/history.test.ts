import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ObjectNotFoundError } from "./errors.ts";
import type { GitRepository } from "./git-repository.ts";
import { ada, createScratch, MAIN, put, type Scratch } from "./scratch-repository.case.ts";

let scratch: Scratch;
let repository: GitRepository;

const commit: Scratch["commit"] = (...args) => scratch.commit(...args);
const git: Scratch["git"] = (...args) => scratch.git(...args);
const paths: Scratch["paths"] = (...args) => scratch.paths(...args);

beforeEach(async () => {
  scratch = await createScratch();
  ({ repository } = scratch);
});

afterEach(async () => {
  await scratch[Symbol.asyncDispose]();
});

describe("Repository history", () => {
  it("finds the last commit of each path in one walk, merges included", async () => {
    const first = await commit([
      put("a/x", "1"),
      put("a/y", "1"),
      put("b", "1"),
      put("a b ü", "1"),
    ]);
    const second = await commit([put("a/x", "2")]);
    await repository.updateRef({ ref: "refs/heads/side", before: undefined, after: first });
    const side = await commit([put("b", "side")], { ref: "refs/heads/side" });
    const merge = await git(
      "-c",
      "user.name=x",
      "-c",
      "user.email=x@y",
      "commit-tree",
      `${await mergeTree(second, side)}`,
      "-p",
      second,
      "-p",
      side,
      "-m",
      "Merge",
    );
    await repository.updateRef({ ref: MAIN, before: second, after: merge });
    const last = await repository.lastCommits(merge, ["a", "a/x", "a/y", "b", "a b ü", "none"]);
    const oids = Object.fromEntries([...last].map(([path, found]) => [path, found.oid]));
    expect(oids).toEqual({ a: second, "a/x": second, "a/y": first, b: side, "a b ü": first });
    const again = await repository.lastCommits(merge, ["b"]);
    expect(again.get("b")).toBe(last.get("b"));
  });

  it("pages, counts and limits to a path", async () => {
    const oids: string[] = [];
    for (let index = 0; index < 5; index++)
      oids.unshift(await commit([put(`f${index % 2}`, `${index}`)]));
    const page = await repository.log(oids[0]!, { skip: 1, limit: 2 });
    expect(page.map((item) => item.oid)).toEqual(oids.slice(1, 3));
    const touched = await repository.log(oids[0]!, { limit: 10, path: "f1" });
    expect(touched.map((item) => item.oid)).toEqual([oids[1], oids[3]]);
    expect(await repository.countCommits(oids[0]!)).toBe(5);
    expect(await repository.log(oids[0]!, { limit: 5, path: ":(exclude)f1" })).toEqual([]);
    await expect(repository.log("HEAD", { limit: 1 })).rejects.toThrow(ObjectNotFoundError);
  });

  it("shows diffs, cut off where asked", async () => {
    const first = await commit([put("a", "one\n")]);
    const second = await commit([put("a", "two\n")]);
    expect(await repository.diff(first, 10_000)).toContain("+one");
    expect(await repository.diff(second, 10_000)).toMatch(/-one\n\+two/);
    expect(await repository.diff(second, 20)).toHaveLength(20);
  });

  it("squashes to one commit with the same tree", async () => {
    await commit([put("a", "1")]);
    const head = await commit([put("a", "2"), put("b")]);
    const squashed = await repository.squash({ commit: head, title: "All", author: ada });
    await repository.updateRef({ ref: MAIN, before: head, after: squashed });
    expect(await paths()).toEqual(["a", "b"]);
    expect(await repository.log(squashed, { limit: 9 })).toMatchObject([
      { title: "All", parents: [] },
    ]);
  });
});

async function mergeTree(ours: string, theirs: string): Promise<string> {
  return (await git("merge-tree", "--write-tree", ours, theirs)).split("\n")[0] ?? "";
}
