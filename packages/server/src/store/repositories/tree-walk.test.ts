import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ObjectNotFoundError } from "./errors.ts";
import type { GitRepository } from "./git-repository.ts";
import { createRepositoryStore } from "./git-store.ts";
import { createScratch, ID, put, type Scratch } from "./scratch-repository.case.ts";

let scratch: Scratch;
let repository: GitRepository;

const commit: Scratch["commit"] = (...args) => scratch.commit(...args);
const git: Scratch["git"] = (...args) => scratch.git(...args);

beforeEach(async () => {
  scratch = await createScratch();
  ({ repository } = scratch);
});

afterEach(async () => {
  await scratch[Symbol.asyncDispose]();
});

describe("Repository.listTree()", () => {
  const pointer = { oid: "ab".repeat(32), size: 123_456_789 };

  it("gives directories and files with real sizes, one level or all", async () => {
    const oid = await commit([
      put("README.md", "12345"),
      { type: "put-lfs", path: "weights/model.safetensors", ...pointer },
      put("weights/config.json", "{}"),
    ]);
    expect(await repository.listTree(oid, "")).toEqual([
      { type: "file", path: "README.md", oid: expect.any(String), size: 5 },
      { type: "directory", path: "weights", oid: expect.any(String) },
    ]);
    const [config, model] = (await repository.listTree(oid, "weights/")) ?? [];
    expect(config).toMatchObject({ path: "weights/config.json", size: 2 });
    expect(model).toMatchObject({
      path: "weights/model.safetensors",
      size: pointer.size,
      lfs: { ...pointer, pointerSize: 134 },
    });
    expect(await git("cat-file", "blob", "main:weights/model.safetensors")).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${pointer.oid}\nsize ${pointer.size}`,
    );
    expect(await repository.lfsPointers(oid)).toEqual([{ ...pointer, pointerSize: 134 }]);
    expect(await repository.listTree(oid, "README.md")).toBeUndefined();
    expect(await repository.listTree(oid, "nowhere/x")).toBeUndefined();
    await expect(repository.listTree("a".repeat(40), "")).rejects.toThrow(ObjectNotFoundError);
    await expect(repository.listTree("--help", "")).rejects.toThrow(ObjectNotFoundError);
  });

  it("finds entries by path, whatever else is asked for", async () => {
    const oid = await commit([put("a/b/c"), put("d")]);
    const found = await repository.entries(oid, [
      "a/b",
      "d",
      "x",
      "a/b/c/d",
      "",
      "../d",
      "a/b/c",
      "a/",
    ]);
    expect(found.map(({ type, path }) => `${type} ${path}`)).toEqual([
      "directory a/b",
      "file d",
      "file a/b/c",
      "directory a",
    ]);
  });

  it("goes on after any entry, in Git's order", async () => {
    const oid = await commit(
      ["a", "a-b", "a.b/x", "a0", "b/c/d", "b/c/e", "b/c.d", "b/c0/x", "b.txt", "é/ü", "z/z/z"].map(
        (path) => put(path),
      ),
    );
    const all = (await repository.listTree(oid, "", { recursive: true })) ?? [];
    const names = all.map((entry) => entry.path);
    expect(names).toEqual(
      (await git("ls-tree", "-r", "-t", "--name-only", "-z", oid)).split("\0").slice(0, -1),
    );
    for (let at = 0; at < names.length; at++) {
      const page = await repository.listTree(oid, "", {
        recursive: true,
        after: names[at],
        limit: 3,
      });
      expect(
        page?.map((entry) => entry.path),
        names[at],
      ).toEqual(names.slice(at + 1, at + 4));
    }
    const below = await repository.listTree(oid, "b", { recursive: true, after: "b/c", limit: 2 });
    expect(below?.map((entry) => entry.path)).toEqual(["b/c/d", "b/c/e"]);
    const flat = await repository.listTree(oid, "", { after: "a.b" });
    expect(flat?.map((entry) => entry.path)).toEqual(["a0", "b.txt", "b", "z", "é"]);
  });

  it("handles thousands of files quickly: written, listed, paged, dated", {
    timeout: 30_000,
  }, async () => {
    const count = 10_000;
    const changes = Array.from({ length: count }, (_, index) =>
      put(`folder-${index % 100}/sub-${index % 7}/file-${index}.txt`, `content ${index}`),
    );
    const wrote = performance.now();
    const oid = await commit(changes);
    const listed = performance.now();
    const fresh = await createRepositoryStore(scratch.directory);
    const cold = await fresh.open(ID).listTree(oid, "", { recursive: true });
    const warmed = performance.now();
    await fresh.open(ID).listTree(oid, "", { recursive: true });
    const paged = performance.now();
    let pages = 0;
    let after: string | undefined;
    for (;;) {
      const page = await fresh.open(ID).listTree(oid, "", { recursive: true, after, limit: 1000 });
      if (!page?.length) break;
      pages += page.length;
      after = page.at(-1)?.path;
    }
    const small = performance.now();
    await commit([put("folder-3/one-more.txt")]);
    const ended = performance.now();
    await fresh.close();
    expect(cold?.filter((entry) => entry.type === "file")).toHaveLength(count);
    expect(pages).toBe(cold?.length);
    const ms = (from: number, to: number) => `${Math.round(to - from)} ms`;
    console.info(
      `10,000 files: commit ${ms(wrote, listed)}, cold list ${ms(listed, warmed)}, warm list ${ms(warmed, paged)}, ` +
        `pages ${ms(paged, small)}, small commit onto it ${ms(small, ended)}`,
    );
    expect(await git("fsck", "--strict")).toBe("");
  });
});
