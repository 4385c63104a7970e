// The JavaScript client of huggingface.co, unmodified, against the whole server, without a socket.
import * as client from "@huggingface/hub";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, TEST_HOST, type TestHub } from "./scratch-hub.case.ts";

let hub: TestHub;
let options: { hubUrl: string; accessToken: string; fetch: typeof fetch };
const repo = { type: "model", name: "ada/from-js" } as const;
const weights = new Uint8Array(700_000).map((_, i) => (i * 2654435761) >> 7);

beforeAll(async () => {
  hub = await openTestHub();
  const { token } = await hub.user("ada");
  options = {
    hubUrl: TEST_HOST,
    accessToken: token,
    fetch: (input, init) => hub.server.fetch(new Request(input, init)),
  };
});

afterAll(() => hub[Symbol.asyncDispose]());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("@huggingface/hub", () => {
  it("creates a repository and says who it is", async () => {
    expect(await client.createRepo({ ...options, repo, license: "mit" })).toMatchObject({
      repoUrl: "http://hub.test/ada/from-js",
    });
    expect(await client.whoAmI(options)).toMatchObject({ type: "user", name: "ada" });
    expect(await client.repoExists({ ...options, repo })).toBe(true);
  });

  it.each([true, false])("uploads and downloads, over Xet: %s", async (useXet) => {
    const path = useXet ? "xet.bin" : "lfs.bin";
    const files = [
      { path: "text/a b.txt", content: new Blob([`hello ${useXet}`]) },
      { path, content: new Blob([weights.subarray(useXet ? 0 : 1)]) },
    ];
    const done = await client.uploadFiles({ ...options, repo, files, useXet });
    expect(done).toMatchObject({
      commit: { url: expect.stringContaining("http://hub.test/ada/from-js/commit/") },
    });
    for (const { path: name, content } of files) {
      const blob = await client.downloadFile({ ...options, repo, path: name });
      const received = Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
      expect(received.equals(Buffer.from(await content.arrayBuffer()))).toBe(true);
    }
    const [info] = await client.pathsInfo({ ...options, repo, paths: [path], expand: true });
    expect(info?.xetHash).toEqual(useXet ? expect.stringMatching(/^[0-9a-f]{64}$/) : undefined);
    expect(info?.lastCommit?.id).toMatch(/^[0-9a-f]{40}$/);
  });

  it("lists models, files and commits", async () => {
    const models = await collect(client.listModels({ ...options, search: { owner: "ada" } }));
    expect(models.map((model) => model.name)).toEqual(["ada/from-js"]);
    const files = await collect(client.listFiles({ ...options, repo, recursive: true }));
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining(["README.md", "lfs.bin", "text", "text/a b.txt", "xet.bin"]),
    );
    const commits = await collect(client.listCommits({ ...options, repo }));
    expect(commits).toHaveLength(3);
    expect(await client.countCommits({ ...options, repo, revision: "main" })).toBe(3);
    expect(await client.modelInfo({ ...options, name: repo.name })).toMatchObject({
      name: "ada/from-js",
      private: false,
    });
  });

  it("tells what is missing", async () => {
    const path = "nope.txt";
    expect(await client.fileExists({ ...options, repo, path })).toBe(false);
    expect(await client.fileExists({ ...options, repo, path: "xet.bin" })).toBe(true);
    expect(await client.downloadFile({ ...options, repo, path })).toBeNull();
    const missing = { type: "model", name: "ada/none" } as const;
    expect(await client.repoExists({ ...options, repo: missing })).toBe(false);
    await expect(client.checkRepoAccess({ ...options, repo: missing })).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it("works on branches, deletes files and the repository", async () => {
    await client.createBranch({ ...options, repo, branch: "dev" });
    const file = { path: "dev.txt", content: new Blob(["dev"]) };
    await client.uploadFile({ ...options, repo, file, branch: "dev" });
    const onDev = { ...options, repo, path: "dev.txt", revision: "dev" };
    expect(await client.fileExists(onDev)).toBe(true);
    expect(await client.fileExists({ ...onDev, revision: "main" })).toBe(false);
    await client.deleteFile({ ...options, repo, path: "xet.bin" });
    expect(await client.fileExists({ ...options, repo, path: "xet.bin" })).toBe(false);
    await client.deleteRepo({ ...options, repo });
    expect(await client.repoExists({ ...options, repo })).toBe(false);
  });
});
