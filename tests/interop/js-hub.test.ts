// The reference's JavaScript client, unmodified, on the real server: over Xet, its default, and over LFS.
import { createHash } from "node:crypto";
import { openAsBlob } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as client from "@huggingface/hub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noise } from "./support/bytes.ts";
import { startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing } from "./support/paths.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub("js-hub");
});
afterAll(() => hub?.[Symbol.asyncDispose]());

const access = (): { hubUrl: string; accessToken: string } => ({
  hubUrl: hub.url,
  accessToken: hub.token,
});
const read = (repo: string, path: string, options: { xet?: boolean; revision?: string } = {}) =>
  client.downloadFile({ repo, path, ...access(), ...options });
const digest = async (content: Blob | Uint8Array): Promise<string> => {
  const bytes = content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content;
  return createHash("sha256").update(bytes).digest("hex");
};

interface Search {
  query?: string;
  owner?: string;
  task?: client.PipelineType;
  tags?: string[];
}

let count = 0;
async function newRepo(options: { private?: boolean } = {}): Promise<string> {
  count += 1;
  const name = `${hub.user}/js-${count}`;
  await client.createRepo({ repo: name, ...access(), ...options });
  return name;
}

describe.each([
  { transport: "Xet", useXet: true },
  { transport: "LFS", useXet: false },
])("@huggingface/hub over $transport", ({ useXet }) => {
  test("uploadFiles() and downloadFile() give the same bytes", async () => {
    const repo = await newRepo();
    const contents = new Map([
      ["README.md", new TextEncoder().encode("---\nlicense: mit\n---\n# Hello\n")],
      ["deep/er/config.json", new TextEncoder().encode("{}")],
      ["empty.txt", new Uint8Array(0)],
      ["small.bin", noise(1, 1000)],
      ["large.bin", noise(2, 5_000_000)],
      ["zeros.safetensors", new Uint8Array(2_000_000)],
    ]);
    const files = [...contents].map(([path, bytes]) => ({ path, content: new Blob([bytes]) }));
    const commit = await client.uploadFiles({ repo, files, useXet, ...access() });
    expect(commit?.commit.url).toBe(`${hub.url}/${repo}/commit/${commit?.commit.oid}`);
    for (const [path, bytes] of contents) {
      for (const xet of [true, false]) {
        const blob = await read(repo, path, { xet });
        expect(blob?.size, path).toBe(bytes.length);
        expect(await digest(blob!), `${path}, xet: ${xet}`).toBe(await digest(bytes));
      }
    }
    const slice = (await read(repo, "large.bin"))!.slice(1_234_567, 1_300_001);
    expect(await digest(slice)).toBe(
      await digest(contents.get("large.bin")!.slice(1_234_567, 1_300_001)),
    );
  });

  test("uploadFilesWithProgress() ends at 1", async () => {
    const repo = await newRepo();
    let last = 0;
    const files = [{ path: "w.bin", content: new Blob([noise(3, 3_000_000)]) }];
    for await (const event of client.uploadFilesWithProgress({
      repo,
      files,
      useXet,
      ...access(),
    })) {
      if (event.event === "fileProgress") last = event.progress;
    }
    expect(last).toBe(1);
  });

  test.skipIf(missing(CHECKPOINT))(
    "the real checkpoint goes in and comes out the same",
    async () => {
      const repo = await newRepo();
      const names = ["README.md", "config.json", "tokenizer.json", "model.safetensors"];
      const files = await Promise.all(
        names.map(async (path) => ({ path, content: await openAsBlob(join(CHECKPOINT, path)) })),
      );
      await client.uploadFiles({ repo, files, useXet, ...access() });
      const expected = await digest(await readFile(join(CHECKPOINT, "model.safetensors")));
      for (const xet of [true, false]) {
        expect(await digest((await read(repo, "model.safetensors", { xet }))!)).toBe(expected);
      }
      const parsed = await client.parseSafetensorsMetadata({
        repo,
        computeParametersCount: true,
        ...access(),
      });
      expect(parsed.parameterCount).toEqual({ F32: 22713216, I64: 512 });
    },
  );
});

test("createRepo(), repoExists(), modelInfo() and deleteRepo()", async () => {
  const repo = await newRepo();
  expect(await client.repoExists({ repo, ...access() })).toBe(true);
  const info = await client.modelInfo({
    name: repo,
    additionalFields: ["author", "sha"],
    ...access(),
  });
  expect(info).toMatchObject({ name: repo, private: false, author: hub.user });
  expect(info.sha).toMatch(/^[0-9a-f]{40}$/);
  await expect(client.createRepo({ repo, ...access() })).rejects.toMatchObject({ statusCode: 409 });
  await client.deleteRepo({ repo, ...access() });
  expect(await client.repoExists({ repo, ...access() })).toBe(false);
});

test("whoAmI() and checkRepoAccess()", async () => {
  const me = await client.whoAmI(access());
  expect(me).toMatchObject({ type: "user", name: hub.user });
  const repo = await newRepo({ private: true });
  await client.checkRepoAccess({ repo, ...access() });
  await expect(client.checkRepoAccess({ repo, hubUrl: hub.url })).rejects.toThrow();
});

test("listModels() searches, filters, pages", async () => {
  const names = [await newRepo(), await newRepo(), await newRepo()];
  const card = "---\nlicense: mit\npipeline_tag: fill-mask\ntags: [js-listing]\n---\n";
  for (const repo of names) {
    const files = [{ path: "README.md", content: new Blob([card]) }];
    await client.uploadFiles({ repo, files, ...access() });
  }
  const list = async (search: Search, limit?: number) => {
    const found: string[] = [];
    const query = { search, ...(limit ? { limit } : {}) };
    for await (const model of client.listModels({ ...query, ...access() })) found.push(model.name);
    return found.sort();
  };
  expect(await list({ tags: ["js-listing"] })).toEqual([...names].sort());
  expect(await list({ owner: hub.user, task: "fill-mask", tags: ["license:mit"] })).toEqual(
    [...names].sort(),
  );
  expect(await list({ query: names[1]!.split("/")[1]! })).toContain(names[1]);
  expect(await list({ tags: ["js-listing"] }, 2)).toHaveLength(2);
  expect(await list({ owner: "nobody" })).toEqual([]);
});

test("listFiles(), pathsInfo(), fileExists()", async () => {
  const repo = await newRepo();
  const files = ["a.txt", "b/c.txt", "b/d/e.bin"].map((path) => ({
    path,
    content: new Blob([path]),
  }));
  const commit = await client.uploadFiles({ repo, files, commitTitle: "Three", ...access() });
  const paths = async (options: { recursive?: boolean; path?: string; expand?: boolean }) => {
    const found: client.ListFileEntry[] = [];
    for await (const entry of client.listFiles({ repo, ...options, ...access() }))
      found.push(entry);
    return found;
  };
  expect((await paths({})).map((entry) => `${entry.type} ${entry.path}`).sort()).toEqual([
    "directory b",
    "file .gitattributes",
    "file a.txt",
  ]);
  expect((await paths({ recursive: true })).map((entry) => entry.path)).toContain("b/d/e.bin");
  const [entry] = await paths({ path: "b/d", expand: true });
  expect(entry).toMatchObject({
    path: "b/d/e.bin",
    size: 9,
    lastCommit: { id: commit?.commit.oid, title: "Three" },
  });
  await expect(paths({ path: "nope" })).rejects.toMatchObject({ statusCode: 404 });
  const [info] = await client.pathsInfo({ repo, paths: ["b/d/e.bin"], expand: true, ...access() });
  expect(info).toMatchObject({ path: "b/d/e.bin", size: 9, lfs: { size: 9 } });
  expect(await client.fileExists({ repo, path: "a.txt", ...access() })).toBe(true);
  expect(await client.fileExists({ repo, path: "z.txt", ...access() })).toBe(false);
  expect(await read(repo, "z.txt")).toBeNull();
  await expect(read(repo, "a.txt", { revision: "nope" })).rejects.toMatchObject({
    statusCode: 404,
  });
});

test("commits, branches, deletions", async () => {
  const repo = await newRepo();
  const upload = (content: string) =>
    client.uploadFile({ repo, file: { path: "a.txt", content: new Blob([content]) }, ...access() });
  const first = await upload("one");
  await client.createBranch({ repo, branch: "old", ...access() });
  await upload("two");
  expect(await (await read(repo, "a.txt", { revision: "old" }))?.text()).toBe("one");
  expect(await (await read(repo, "a.txt", { revision: first!.commit.oid }))?.text()).toBe("one");
  expect(await (await read(repo, "a.txt"))?.text()).toBe("two");
  expect(await client.countCommits({ repo, revision: "main", ...access() })).toBe(3);
  const titles: string[] = [];
  for await (const commit of client.listCommits({ repo, batchSize: 2, ...access() }))
    titles.push(commit.title);
  expect(titles).toHaveLength(3);
  await client.deleteFile({ repo, path: "a.txt", ...access() });
  expect(await client.fileExists({ repo, path: "a.txt", ...access() })).toBe(false);
  await client.deleteBranch({ repo, branch: "old", ...access() });
});

test("snapshotDownload() fills the cache", async () => {
  const repo = await newRepo();
  const weights = noise(7, 400_000);
  const files = [
    { path: "config.json", content: new Blob(['{"a":1}']) },
    { path: "sub/w.bin", content: new Blob([weights]) },
  ];
  await client.uploadFiles({ repo, files, ...access() });
  const cacheDir = await mkdtemp(join(tmpdir(), "bearhug-js-cache-"));
  try {
    const snapshot = await client.snapshotDownload({ repo, cacheDir, ...access() });
    expect(await readFile(join(snapshot, "config.json"), "utf8")).toBe('{"a":1}');
    expect(await digest(await readFile(join(snapshot, "sub/w.bin")))).toBe(await digest(weights));
  } finally {
    await rm(cacheDir, { recursive: true, force: true });
  }
});

test("private repositories, read tokens and wrong tokens", async () => {
  const repo = await newRepo({ private: true });
  const files = [{ path: "a.txt", content: new Blob(["secret"]) }];
  await client.uploadFiles({ repo, files, ...access() });
  const path = "a.txt";
  const as = (accessToken?: string) =>
    client.downloadFile({ repo, path, hubUrl: hub.url, ...(accessToken ? { accessToken } : {}) });
  await expect(as()).rejects.toMatchObject({ statusCode: 401 });
  await expect(as(hub.otherToken)).rejects.toMatchObject({ statusCode: 404 });
  expect(await (await as(hub.readToken))?.text()).toBe("secret");
  const accessToken = hub.readToken;
  await expect(
    client.uploadFiles({ repo, files, hubUrl: hub.url, accessToken }),
  ).rejects.toMatchObject({ statusCode: 403 });
});
