import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConflictError, EntryNotFoundError, HubApiError, type UploadEvent } from "@bearhug/hub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { all, bytesOf, digest, noise } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

let hub: InProcessHub;
beforeAll(async () => {
  hub = await startInProcessHub();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

describe("commit()", () => {
  test("puts, copies and deletes small and large files in one step", async () => {
    const client = hub.client();
    await client.createRepo("ada/commits");
    const large = noise(1_500_000, 1);
    const first = await client.commit("ada/commits", {
      title: "Add files",
      description: "More words",
      operations: [
        { type: "put", path: "config.json", content: '{"a": "ü"}' },
        { type: "put", path: "deep/er/model.safetensors", content: large },
        { type: "put", path: "empty.txt", content: new Blob([]) },
        { type: "put", path: "empty.bin", content: new Uint8Array(0) },
      ],
    });
    expect(first.url).toBe(`http://hub.test/ada/commits/commit/${first.oid}`);
    expect(await (await client.downloadFile("ada/commits", "config.json")).text()).toBe(
      '{"a": "ü"}',
    );
    const model = await client.downloadFile("ada/commits", "deep/er/model.safetensors");
    expect(digest(await bytesOf(model))).toBe(digest(large));
    const [entry] = await client.pathsInfo("ada/commits", ["deep/er/model.safetensors", "none"]);
    expect(entry).toMatchObject({ size: large.length, lfs: { sha256: digest(large) } });

    await client.commit("ada/commits", {
      title: "Rearrange",
      parentCommit: first.oid,
      operations: [
        { type: "copy", from: "deep/er/model.safetensors", path: "model.safetensors" },
        { type: "copy", from: "config.json", path: "copy.json" },
        { type: "delete", path: "deep/" },
        { type: "delete", path: "config.json" },
      ],
    });
    const files = (await all(client.listFiles("ada/commits", { recursive: true }))).map(
      (e) => e.path,
    );
    expect(files).toEqual([
      ".gitattributes",
      "copy.json",
      "empty.bin",
      "empty.txt",
      "model.safetensors",
    ]);
    const copied = await client.downloadFile("ada/commits", "model.safetensors");
    expect(digest(await bytesOf(copied))).toBe(digest(large));
    const commits = await all(client.listCommits("ada/commits"));
    expect(commits.map(({ title }) => title).slice(0, 2)).toEqual(["Rearrange", "Add files"]);
    expect(commits[1]).toMatchObject({ oid: first.oid, authors: ["ada"] });
  });

  test("fails with ConflictError when the parent is not the head", async () => {
    const client = hub.client();
    await client.createRepo("ada/races");
    const put = (content: string, parentCommit?: string) =>
      client.commit("ada/races", {
        title: "x",
        parentCommit,
        operations: [{ type: "put", path: "a", content }],
      });
    const first = await put("1");
    await put("2");
    await expect(put("3", first.oid)).rejects.toThrow(ConflictError);
    expect(await (await client.downloadFile("ada/races", "a")).text()).toBe("2");
  });

  test("reaches a repository under its old name", async () => {
    const client = hub.client();
    await client.createRepo("ada/old-name");
    await client.moveRepo("ada/old-name", { to: "ada/new-name" });
    const content = noise(300_000, 9);
    await client.commit("ada/old-name", {
      title: "x",
      operations: [
        { type: "put", path: "a.bin", content },
        { type: "put", path: "b.txt", content: "b" },
      ],
    });
    const blob = await client.downloadFile("ada/old-name", "a.bin");
    expect(digest(await bytesOf(blob))).toBe(digest(content));
    expect(await client.fileExists("ada/new-name", "b.txt")).toBe(true);
  });

  test("streams small files that are many megabytes together", async () => {
    const client = hub.client();
    await client.createRepo("ada/wordy");
    const words = "all work and no play ".repeat(100_000);
    const operations = [0, 1, 2].map((i) => ({
      type: "put" as const,
      path: `${i}.txt`,
      content: `${i} ${words}`,
    }));
    await client.commit("ada/wordy", { title: "x", operations });
    for (const { path, content } of operations) {
      expect((await (await client.downloadFile("ada/wordy", path)).text()) === content).toBe(true);
    }
  });

  test("refuses paths that lead out, and copies of nothing", async () => {
    const client = hub.client();
    await client.createRepo("ada/paths");
    const put = (path: string) =>
      client.commit("ada/paths", { title: "x", operations: [{ type: "put", path, content: "x" }] });
    for (const path of ["../x", "/x", "a/../../x", "", "a\\b"]) {
      await expect(put(path)).rejects.toThrow(TypeError);
    }
    await expect(put(".git/config")).rejects.toThrow(HubApiError);
    const operations = [{ type: "copy" as const, from: "none", path: "b" }];
    await expect(client.commit("ada/paths", { title: "x", operations })).rejects.toThrow(
      EntryNotFoundError,
    );
  });

  test("reports a card that is wrong with the server's reasons", async () => {
    const client = hub.client();
    await client.createRepo("ada/cards");
    const operations = [
      { type: "put" as const, path: "README.md", content: "---\nlicense: [\n---\n" },
    ];
    await expect(client.commit("ada/cards", { title: "x", operations })).rejects.toThrow(
      /status 400/,
    );
  });

  test("needs a token that may write", async () => {
    const { accounts } = hub.server.context.services;
    const ada = await accounts.find("ada");
    const { token } = await accounts.createToken(ada!, { displayName: "read", role: "read" });
    await hub.client().createRepo("ada/readonly");
    const operations = [{ type: "put" as const, path: "a", content: "x" }];
    const failing = hub.client({ token }).commit("ada/readonly", { title: "x", operations });
    await expect(failing).rejects.toMatchObject({
      code: "HUB_REQUEST_FAILED",
      request: { status: 403 },
    });
  });

  test.each([
    [true, ["upload", "commit"]],
    [false, ["hash", "upload", "commit"]],
  ])("commitIter(), xet: %s, yields facts up to each phase's total", async (xet, phases) => {
    const client = hub.client({ xet });
    await client.createRepo("ada/events", { existOk: true });
    const content = noise(1_000_000, xet ? 2 : 22);
    const iter = client.commitIter("ada/events", {
      title: "x",
      operations: [
        { type: "put", path: "a.bin", content },
        { type: "put", path: "b.txt", content: "b" },
      ],
    });
    const events: UploadEvent[] = [];
    let next = await iter.next();
    for (; !next.done; next = await iter.next()) events.push(next.value);
    expect(next.value.oid).toMatch(/^[0-9a-f]{40}$/);
    for (const phase of phases) {
      const last = events.findLast((event) => event.phase === phase);
      expect(last?.done, phase).toBe(last?.total);
      expect(last?.done, phase).toBeGreaterThan(0);
    }
  });

  test("commits nothing when it is aborted", async () => {
    const client = hub.client();
    await client.createRepo("ada/aborts");
    const { sha } = await client.repoInfo("ada/aborts");
    const controller = new AbortController();
    const content = noise(3_000_000, 3);
    const aborted = client.commit(
      "ada/aborts",
      { title: "x", operations: [{ type: "put", path: "a.bin", content }] },
      { signal: controller.signal, onProgress: () => controller.abort() },
    );
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect((await client.repoInfo("ada/aborts")).sha).toBe(sha);
    for await (const _ of client.commitIter("ada/aborts", {
      title: "x",
      operations: [{ type: "put", path: "a.bin", content }],
    })) {
      break;
    }
    expect((await client.repoInfo("ada/aborts")).sha).toBe(sha);
  });
});

describe("uploadFolder()", () => {
  test("honours patterns and .gitignore, skips what is there, and deletes by pattern", async () => {
    const client = hub.client();
    await client.createRepo("datasets/ada/folder");
    const folder = join(hub.folder, "source");
    await mkdir(join(folder, "sub", ".git"), { recursive: true });
    await mkdir(join(folder, ".cache/huggingface"), { recursive: true });
    const weights = noise(700_000, 4);
    await Promise.all([
      writeFile(join(folder, "a.txt"), "a"),
      writeFile(join(folder, "sub", "b.bin"), weights),
      writeFile(join(folder, "sub", ".git", "config"), "no"),
      writeFile(join(folder, ".cache/huggingface/x"), "no"),
      writeFile(join(folder, "debug.log"), "ignored"),
      writeFile(join(folder, "skip.me"), "excluded"),
      writeFile(join(folder, ".gitignore"), "*.log\n"),
      symlink("a.txt", join(folder, "link.txt")),
    ]);
    const repo = { type: "dataset", name: "ada/folder" } as const;
    const first = await client.uploadFolder(repo, folder, { exclude: "skip.*", title: "Upload" });
    const paths = async () =>
      (await all(client.listFiles(repo, { recursive: true })))
        .filter((e) => e.type === "file")
        .map((e) => e.path);
    expect(await paths()).toEqual([
      ".gitattributes",
      ".gitignore",
      "a.txt",
      "link.txt",
      "sub/b.bin",
    ]);
    const again = await client.uploadFolder(repo, folder, { exclude: "skip.*" });
    expect(again.oid).toBe(first.oid);
    await writeFile(join(folder, "a.txt"), "changed");
    await rm(join(folder, "link.txt"));
    const third = await client.uploadFolder(repo, folder, {
      exclude: "skip.*",
      deletePatterns: "*.txt",
    });
    expect(third.oid).not.toBe(first.oid);
    expect(await paths()).toEqual([".gitattributes", ".gitignore", "a.txt", "sub/b.bin"]);
    expect(digest(await bytesOf(await client.downloadFile(repo, "sub/b.bin")))).toBe(
      digest(weights),
    );
    const single = join(folder, "a.txt");
    await client.uploadFolder(repo, single, { pathInRepo: "docs/" });
    expect(await paths()).toContain("docs/a.txt");
    await expect(client.uploadFolder(repo, join(folder, "none"))).rejects.toThrow(
      "there is no such file or folder",
    );
  });

  test("takes files from anywhere, and makes several commits of very many", async () => {
    const client = hub.client();
    await client.createRepo("ada/many");
    const files = Array.from({ length: 1005 }, (_, i) => ({ path: `f/${i}.txt`, content: `${i}` }));
    await client.uploadFolder("ada/many", files, { title: "Many" });
    const titles = (await all(client.listCommits("ada/many"))).map(({ title }) => title);
    expect(titles.slice(0, 2)).toEqual(["Many (2 of 2)", "Many (1 of 2)"]);
    const listed = await all(client.listFiles("ada/many", { path: "f" }));
    expect(listed).toHaveLength(1005);
  });
});
