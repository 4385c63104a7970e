import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EntryNotFoundError, InvalidPathError, StaleParentError } from "./errors.ts";
import type { GitRepository } from "./git-repository.ts";
import { createRepositoryStore } from "./git-store.ts";
import { formatLfsPointer } from "./lfs-pointer.ts";
import { ada, createScratch, ID, MAIN, put, type Scratch } from "./scratch-repository.case.ts";

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

describe("Repository.commit()", () => {
  it("writes what Git itself finds sound", async () => {
    const first = await commit([
      put("README.md", "# Hi"),
      put("a/b/c.txt"),
      put("a-b"),
      put("a.b"),
    ]);
    const second = await commit([put("a/b/d.txt"), { type: "delete-file", path: "a.b" }], {
      title: "Add d",
      body: "Because.\n\nTwo paragraphs.",
    });
    expect(await git("fsck", "--strict", "--full")).toBe("");
    expect(await git("rev-parse", "main")).toBe(second);
    expect(await git("ls-tree", "-r", "--name-only", "main")).toBe(
      ["README.md", "a-b", "a/b/c.txt", "a/b/d.txt"].join("\n"),
    );
    expect(await git("cat-file", "blob", "main:README.md")).toBe("# Hi");
    const [head, root] = await repository.log(second, { limit: 10 });
    expect(head).toMatchObject({
      oid: second,
      parents: [first],
      title: "Add d",
      body: "Because.\n\nTwo paragraphs.",
      author: ada,
    });
    expect(root).toMatchObject({ oid: first, parents: [] });
    expect(head?.date.getTime()).toBeGreaterThan(root?.date.getTime() ?? 0);
  });

  it("gives the head when nothing changes, and writes nothing", async () => {
    const head = await commit([put("a", "same")]);
    const packs = await readdir(join(repository.directory, "objects", "pack"));
    const again = await repository.commit({
      ref: MAIN,
      author: ada,
      title: "Again",
      changes: [put("a", "same")],
    });
    expect(again).toEqual({ oid: head, changed: false });
    expect(await readdir(join(repository.directory, "objects", "pack"))).toEqual(packs);
  });

  it("applies changes in order: a folder replaced, a file that becomes a folder", async () => {
    await commit([put("data/old"), put("data/deep/old"), put("file")]);
    await commit([
      { type: "delete-folder", path: "data/" },
      put("data/new"),
      { type: "delete-file", path: "file" },
      put("file/inside"),
      put("twice", "first"),
      put("twice", "second"),
    ]);
    expect(await paths()).toEqual(["data/", "data/new", "file/", "file/inside", "twice"]);
    await commit([
      { type: "delete-file", path: "file/inside" },
      put("file", "a file again"),
      { type: "delete-folder", path: "data" },
    ]);
    expect(await paths()).toEqual(["file", "twice"]);
    await commit([
      { type: "delete-file", path: "file" },
      { type: "delete-file", path: "twice" },
    ]);
    expect(await paths()).toEqual([]);
    expect(await git("fsck", "--strict")).toBe("");
  });

  it.each([
    "../x",
    "a/../b",
    "..",
    ".",
    "./a",
    "a//b",
    "/etc/passwd",
    "a/",
    "",
    "a\\b",
    "a\nb",
    "a\0b",
    "\x7f",
    ".git/config",
    "a/.GIT/hooks",
    ".git.",
    "git~1",
    ".g\u200cit",
    "\ud800",
    "x".repeat(256),
    `${"abcdefg/".repeat(600)}x`,
  ])("refuses the path %j", async (path) => {
    await expect(commit([put(path, "x")])).rejects.toThrow(InvalidPathError);
    await expect(commit([{ type: "delete-file", path }])).rejects.toThrow(InvalidPathError);
    expect(await repository.resolve("main")).toBeUndefined();
  });

  it("refuses a file below a file, and a file in a folder's place", async () => {
    await commit([put("file"), put("folder/x")]);
    await expect(commit([put("file/x")])).rejects.toThrow(/"file" is a file/);
    await expect(commit([put("folder")])).rejects.toThrow(/it is a folder/);
  });

  it("refuses an LFS pointer as plain content, in any spelling that readers understand", async () => {
    const pointer = formatLfsPointer({ oid: "ab".repeat(32), size: 5 });
    for (const text of [
      pointer,
      pointer.trimEnd(),
      pointer.replace("\noid", "\next-0-x sha256:1\noid"),
    ]) {
      await expect(commit([put("a", text)])).rejects.toThrow(/its content is an LFS pointer/);
    }
    await commit([put("a", `${pointer}more`), put("b", "version 1")]);
  });

  it("refuses to delete what is not there", async () => {
    await commit([put("a/b")]);
    for (const change of [
      { type: "delete-file", path: "x" },
      { type: "delete-file", path: "a" },
      { type: "delete-file", path: "a/b/c" },
      { type: "delete-folder", path: "a/b" },
      { type: "delete-folder", path: "z" },
    ] as const) {
      await expect(commit([change]), change.path).rejects.toThrow(EntryNotFoundError);
    }
  });

  it("refuses a stale parent, and knows short ones", async () => {
    const first = await commit([put("a", "1")]);
    const second = await commit([put("a", "2")], { expectedParent: first.slice(0, 7) });
    const stale = commit([put("b")], { expectedParent: first });
    await expect(stale).rejects.toThrow(StaleParentError);
    await expect(stale).rejects.toMatchObject({ code: "STALE_PARENT", actual: second });
  });

  it("starts a new branch where it is told", async () => {
    const base = await commit([put("a")]);
    await commit([put("b")], { ref: "refs/pr/1", startingPoint: base });
    expect(await paths("refs/pr/1")).toEqual(["a", "b"]);
    expect(await paths("main")).toEqual(["a"]);
  });

  it("loses nothing when many write at once, from two stores on one folder", async () => {
    const other = await createRepositoryStore(scratch.directory);
    const writers = [repository, other.open(ID)];
    await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        writers[index % 2]!.commit({
          ref: MAIN,
          author: ada,
          title: `Change ${index}`,
          changes: [put(`file-${index}`)],
        }),
      ),
    );
    await other.close();
    expect(await paths()).toHaveLength(24);
    expect(await repository.countCommits((await repository.resolve("main")) ?? "")).toBe(24);
  });

  it("keeps the executable bit and symbolic links that a push brought", async () => {
    const tree = await gitTree(["100755 blob run.sh", "120000 blob link"]);
    const pushed = await git(
      "-c",
      "user.name=x",
      "-c",
      "user.email=x@y",
      "commit-tree",
      tree,
      "-m",
      "x",
    );
    await repository.updateRef({ ref: MAIN, before: undefined, after: pushed });
    await commit([put("run.sh", "echo 2"), put("new")]);
    expect(await git("ls-tree", "main")).toMatch(/120000 blob \w+\tlink\n100644.*\n100755/);
  });

  it("cleans a name that would break the commit's header", async () => {
    const oid = await commit([put("a")], {
      author: { name: "Eve\nparent <x>", email: "a>\n<b" },
      title: "",
      body: "only a body",
    });
    expect(await git("fsck", "--strict")).toBe("");
    expect((await repository.log(oid, { limit: 1 }))[0]?.title).toBe("only a body");
  });
});

async function gitTree(lines: readonly string[]): Promise<string> {
  const child = promisify(execFile)("git", ["hash-object", "-w", "--stdin"], {
    cwd: repository.directory,
  });
  child.child.stdin?.end("target");
  const oid = (await child).stdout.trim();
  const tree = promisify(execFile)("git", ["mktree"], { cwd: repository.directory });
  tree.child.stdin?.end(
    `${lines.map((line) => line.replace(/ (\S+)$/, ` ${oid}\t$1`)).join("\n")}\n`,
  );
  return (await tree).stdout.trim();
}
