import {
  AuthenticationError,
  ConflictError,
  EntryNotFoundError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
} from "@bearhug/hub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { all } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

let hub: InProcessHub;
beforeAll(async () => {
  hub = await startInProcessHub();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

describe("repositories", () => {
  test("are created, read about, moved, made private, and deleted", async () => {
    const client = hub.client();
    const created = await client.createRepo("ada/life", { license: "mit" });
    expect(created).toEqual({ type: "model", name: "ada/life", url: "http://hub.test/ada/life" });
    await expect(client.createRepo("ada/life")).rejects.toThrow(ConflictError);
    expect(await client.createRepo("ada/life", { existOk: true })).toEqual(created);
    expect(await client.repoExists("ada/life")).toBe(true);
    const info = await client.repoInfo("ada/life");
    expect(info).toMatchObject({ id: "ada/life", author: "ada", private: false, type: "model" });
    expect(info.sha).toMatch(/^[0-9a-f]{40}$/);
    expect(info.lastModified).toBeInstanceOf(Date);
    await client.moveRepo("ada/life", { to: "ada/moved" });
    await client.updateRepoSettings("ada/moved", { private: true });
    expect((await client.modelInfo("ada/moved")).private).toBe(true);
    const stranger = hub.client({ token: false });
    await expect(stranger.repoInfo("ada/moved")).rejects.toThrow(RepositoryNotFoundError);
    await client.deleteRepo("ada/moved");
    await expect(client.deleteRepo("ada/moved")).rejects.toThrow(RepositoryNotFoundError);
    await client.deleteRepo("ada/moved", { missingOk: true });
    expect(await client.repoExists("ada/moved")).toBe(false);
  });

  test("without an owner belong to the token's account", async () => {
    expect((await hub.client().createRepo("datasets/ownerless")).name).toBe("ada/ownerless");
    expect((await hub.client().datasetInfo("ada/ownerless")).type).toBe("dataset");
  });

  test("are listed by search, author, tags and limit", async () => {
    const client = hub.client();
    for (const name of ["list-bert", "list-gpt", "list-bert-large"]) {
      await client.createRepo(`ada/${name}`);
      const card = `---\nlicense: mit\ntags:\n- ${name.includes("bert") ? "bert" : "gpt"}\n---\n`;
      const operations = [{ type: "put" as const, path: "README.md", content: card }];
      await client.commit(`ada/${name}`, { title: "Card", operations });
    }
    const ids = async (options: Parameters<typeof client.listModels>[0]): Promise<string[]> =>
      (await all(client.listModels(options))).map(({ id }) => id).sort();
    expect(await ids({ search: "list-bert" })).toEqual(["ada/list-bert", "ada/list-bert-large"]);
    expect(await ids({ author: "ada", filter: ["gpt", "license:mit"] })).toEqual(["ada/list-gpt"]);
    expect(await ids({ search: "list-", limit: 2 })).toHaveLength(2);
    expect(await ids({ author: "nobody" })).toEqual([]);
    await expect(ids({ limit: 0 })).rejects.toThrow(RangeError);
  });
});

test("whoAmI() names the account and the token's role, and refuses a wrong token", async () => {
  expect(await hub.client().whoAmI()).toMatchObject({ name: "ada", token: { role: "write" } });
  await expect(hub.client({ token: "hf_wrong" }).whoAmI()).rejects.toThrow(AuthenticationError);
  await expect(hub.client({ token: false }).whoAmI()).rejects.toThrow(AuthenticationError);
});

describe("branches, tags and revisions", () => {
  test("are created, listed, read at, and deleted", async () => {
    const client = hub.client();
    await client.createRepo("ada/refs");
    const put = (revision: string | undefined, content: string) =>
      client.commit(
        { name: "ada/refs", revision },
        { title: content, operations: [{ type: "put", path: "a", content }] },
      );
    const first = await put(undefined, "one");
    await client.createTag("ada/refs", "v1", { message: "First" });
    await expect(client.createTag("ada/refs", "v1")).rejects.toThrow(ConflictError);
    await client.createTag("ada/refs", "v1", { existOk: true });
    await client.createBranch("ada/refs", "feature/x", { from: "v1" });
    await put("feature/x", "two");
    const refs = await client.listRefs("ada/refs");
    expect(refs.branches.map(({ name }) => name).sort()).toEqual(["feature/x", "main"]);
    expect(refs.tags).toEqual([{ name: "v1", ref: "refs/tags/v1", target: first.oid }]);
    expect(await (await client.downloadFile("ada/refs@feature/x", "a")).text()).toBe("two");
    expect(await (await client.downloadFile("ada/refs@v1", "a")).text()).toBe("one");
    expect(await (await client.downloadFile(`ada/refs@${first.oid}`, "a")).text()).toBe("one");
    await client.deleteBranch("ada/refs", "feature/x");
    await client.deleteTag("ada/refs", "v1");
    await expect(client.downloadFile("ada/refs@v1", "a")).rejects.toThrow(RevisionNotFoundError);
    await expect(client.downloadToCache("ada/refs@v1", "a")).rejects.toThrow(RevisionNotFoundError);
  });
});

test("missing repositories, revisions and files have their own errors", async () => {
  const client = hub.client();
  await client.createRepo("ada/errors");
  await expect(client.downloadFile("ada/none", "a")).rejects.toThrow(RepositoryNotFoundError);
  await expect(client.downloadFile("ada/errors@none", "a")).rejects.toThrow(RevisionNotFoundError);
  await expect(client.downloadFile("ada/errors", "a")).rejects.toThrow(EntryNotFoundError);
  await expect(all(client.listFiles("ada/errors", { path: "none" }))).rejects.toThrow(
    EntryNotFoundError,
  );
  await expect(client.repoInfo("ada/errors@none")).rejects.toThrow(RevisionNotFoundError);
  expect(await client.fileExists("ada/errors", "none")).toBe(false);
  expect(await client.fileExists("ada/errors", ".gitattributes")).toBe(true);
});
