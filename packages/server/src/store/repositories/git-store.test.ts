import { randomBytes } from "node:crypto";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidRefNameError, ObjectNotFoundError, RefConflictError } from "./errors.ts";
import type { GitRepository } from "./git-repository.ts";
import { createRepositoryStore } from "./git-store.ts";
import { ada, createScratch, ID, MAIN, put, type Scratch } from "./scratch-repository.case.ts";

let scratch: Scratch;
let repository: GitRepository;

const commit: Scratch["commit"] = (...args) => scratch.commit(...args);
const git: Scratch["git"] = (...args) => scratch.git(...args);
const paths: Scratch["paths"] = (...args) => scratch.paths(...args);

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

beforeEach(async () => {
  scratch = await createScratch();
  ({ repository } = scratch);
});

afterEach(async () => {
  await scratch[Symbol.asyncDispose]();
});

describe("Repository.resolve()", () => {
  it("knows branches, tags, shas short and long, full names and HEAD", async () => {
    expect(await repository.resolve("HEAD")).toBeUndefined();
    const first = await commit([put("a", "1")]);
    const second = await commit([put("a", "2")]);
    await repository.updateRef({ ref: "refs/heads/feature/x", before: undefined, after: first });
    const target = await repository.tagTarget({
      name: "v1",
      commit: first,
      message: "One",
      tagger: ada,
    });
    expect(target).not.toBe(first);
    await repository.updateRef({ ref: "refs/tags/v1", before: undefined, after: target });
    for (const revision of ["v1", "feature/x", "refs/tags/v1", first, first.slice(0, 7)]) {
      expect(await repository.resolve(revision), revision).toBe(first);
    }
    for (const revision of ["main", "HEAD", MAIN]) {
      expect(await repository.resolve(revision)).toBe(second);
    }
    expect(await repository.refs()).toEqual([
      { ref: "refs/heads/feature/x", commit: first },
      { ref: MAIN, commit: second },
      { ref: "refs/tags/v1", commit: first },
    ]);
    await repository.updateRef({ ref: "refs/tags/v1", before: first, after: undefined });
    expect(await repository.resolve("v1")).toBeUndefined();
  });

  it("takes nothing else that Git would understand", async () => {
    const oid = await commit([put("a", "1")]);
    await commit([put("a", "2")]);
    for (const revision of [
      "main~1",
      "main^",
      "main^{tree}",
      "main:a",
      ":/Change",
      "@",
      "@{0}",
      "--all",
      "-h",
      "a b",
      "a\nHEAD",
      "",
      "main..main",
      oid.slice(0, 6),
      "refs/heads/",
      "refs",
      "..",
      "x".repeat(500),
      "deadbeef",
      "main.lock",
    ]) {
      expect(await repository.resolve(revision), revision).toBeUndefined();
    }
  });
});

describe("Repository.updateRef()", () => {
  it("moves only from where the caller thinks the reference is", async () => {
    const first = await commit([put("a", "1")]);
    const second = await commit([put("a", "2")]);
    const conflicts = [
      { ref: MAIN, before: first, after: first },
      { ref: MAIN, before: undefined, after: first },
      { ref: "refs/heads/none", before: first, after: second },
      { ref: "refs/heads/none", before: first, after: undefined },
      { ref: "refs/heads/main/below", before: undefined, after: first },
    ];
    for (const update of conflicts) {
      await expect(repository.updateRef(update)).rejects.toThrow(RefConflictError);
    }
    expect(await repository.resolve("main")).toBe(second);
    await repository.updateRef({ ref: MAIN, before: second, after: first });
    expect(await repository.resolve("main")).toBe(first);
  });

  it("gets past the lock of a writer that was killed, and waits for one that lives", async () => {
    const first = await commit([put("a", "1")]);
    const lock = join(repository.directory, `${MAIN}.lock`);
    await writeFile(lock, "");
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await utimes(lock, anHourAgo, anHourAgo);
    const second = await commit([put("a", "2")]);
    expect(await repository.resolve("main")).toBe(second);
    await writeFile(lock, "");
    setTimeout(() => void rm(lock), 300);
    await repository.updateRef({ ref: MAIN, before: second, after: first });
    expect(await repository.resolve("main")).toBe(first);
  }, 20_000);

  it("refuses names that are no reference's", async () => {
    const oid = await commit([put("a")]);
    for (const ref of [
      "main",
      "HEAD",
      "refs/heads/",
      "refs/heads/a..b",
      "refs/heads/a b",
      "refs/heads/x.lock",
      "refs/heads/-x",
      "refs/heads/-x\nupdate",
      "refs/heads/.x",
      "refs/heads/x~1",
      "config",
    ]) {
      const update = { ref, before: undefined, after: oid };
      await expect(repository.updateRef(update), ref).rejects.toThrow(InvalidRefNameError);
    }
  });
});

describe("Repository blobs", () => {
  it("reads whole ones up to a limit, and streams ranges of any", async () => {
    const large = randomBytes(3_000_000);
    const oid = await commit([put("large", large), put("small", "0123456789"), put("empty", "")]);
    const entries = await repository.entries(oid, ["large", "small", "empty"]);
    const [big = "", small = "", empty = ""] = entries.map((entry) => entry.oid);
    expect(Buffer.from(await repository.readBlob(big)).equals(large)).toBe(true);
    await expect(repository.readBlob(big, 1000)).rejects.toThrow(RangeError);
    await expect(repository.readBlob("f".repeat(40))).rejects.toThrow(ObjectNotFoundError);
    await expect(repository.readBlob(oid)).rejects.toThrow(ObjectNotFoundError);
    expect(await text(repository.streamBlob(small, { start: 2, end: 5 }))).toBe("234");
    expect(await text(repository.streamBlob(small))).toBe("0123456789");
    expect(await text(repository.streamBlob(empty))).toBe("");
    for (const [start, end] of [
      [0, 10],
      [65_530, 65_550],
      [2_999_990, 3_000_100],
      [500_000, 2_500_000],
      [9, 9],
    ] as const) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of repository.streamBlob(big, { start, end })) chunks.push(chunk);
      expect(Buffer.concat(chunks).equals(large.subarray(start, end)), `${start}`).toBe(true);
    }
  });
});

describe("createRepositoryStore()", () => {
  it("keeps few processes however many repositories are read", async () => {
    const small = await createRepositoryStore(scratch.directory, { limit: 3 });
    const ids = Array.from({ length: 12 }, (_, index) => `repo${String(index).padStart(8, "0")}`);
    const repositories = await Promise.all(ids.map((id) => small.create(id)));
    const rounds = [...repositories, ...repositories].map((one, index) =>
      one.commit({ ref: MAIN, author: ada, title: "x", changes: [put(`f${index}`)] }),
    );
    await Promise.all(rounds);
    const trees = await Promise.all(
      repositories.map(async (one) => one.listTree((await one.resolve("main")) ?? "", "")),
    );
    expect(trees.every((tree) => tree?.length === 2)).toBe(true);
    await small.close();
  });

  it("deletes a repository at once, and can make it anew", async () => {
    await commit([put("a")]);
    await scratch.store.delete(ID);
    await scratch.store.delete(ID);
    await expect(scratch.store.open(ID).resolve("main")).rejects.toThrow();
    const anew = await scratch.store.create(ID);
    expect(await anew.resolve("main")).toBeUndefined();
    await expect(scratch.store.create(ID)).rejects.toThrow(/there is one already/);
    for (const id of ["../../etc", "", "ab", "A/B", "x\0yz"])
      expect(() => scratch.store.open(id)).toThrow(RangeError);
  });

  it("joins packs as they become many, while it is read and written", {
    timeout: 30_000,
  }, async () => {
    for (let index = 0; index < 70; index++) await commit([put(`f${index}`)]);
    await scratch.store.idle();
    const names = await readdir(join(repository.directory, "objects", "pack"));
    expect(names.filter((name) => name.endsWith(".pack")).length).toBeLessThan(48);
    expect(await paths()).toHaveLength(70);
    expect(await git("fsck", "--strict", "--full")).toBe("");
  });
});
