import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "../scratch-hub.case.ts";

let hub: TestHub;
let token: string;
let repo: string;
let count = 0;

beforeAll(async () => {
  hub = await openTestHub();
  token = (await hub.user("ada")).token;
});

beforeEach(async () => {
  const name = `d${count++}`;
  await hub.send("POST /api/repos/create", { token, body: { name, type: "dataset" } });
  repo = `datasets/ada/${name}`;
});

afterAll(() => hub[Symbol.asyncDispose]());

async function send(line: string, body?: object) {
  const [method, path] = line.split(" ");
  const reply = await hub.send(`${method} /api/${repo}${path}`, {
    token,
    ...(body && { body }),
  });
  const code = reply.headers.get("x-error-code");
  const text = await reply.text();
  return { status: reply.status, code, headers: reply.headers, json: text ? JSON.parse(text) : {} };
}

async function refs(): Promise<string[]> {
  const { json } = await send("GET /refs?include_prs=1");
  return [...json.branches, ...json.tags, ...json.converts, ...json.pullRequests].map(
    (item: { ref: string }) => item.ref,
  );
}

describe("branches", () => {
  it("are created from a revision, listed and deleted", async () => {
    expect(await send("POST /branch/dev%2Fx", { startingPoint: "main" })).toMatchObject({
      status: 200,
    });
    expect(await refs()).toContain("refs/heads/dev/x");
    expect(await send("DELETE /branch/dev/x")).toMatchObject({ status: 200 });
    expect(await refs()).not.toContain("refs/heads/dev/x");
  });

  it("answers 409 to one that exists, unless it may be overwritten", async () => {
    const first = (await send("GET /refs")).json.branches[0].targetCommit;
    await hub.commit(repo, token, { a: "1" });
    await send("POST /branch/dev", {});
    expect(await send("POST /branch/dev", {})).toMatchObject({
      status: 409,
      json: { error: "Reference refs/heads/dev already exists" },
    });
    const overwrite = { startingPoint: first, overwrite: true };
    expect(await send("POST /branch/dev", overwrite)).toMatchObject({ status: 200 });
    expect((await send("GET /revision/dev")).json.sha).toBe(first);
  });

  it("may start empty", async () => {
    expect(await send("POST /branch/bare", { emptyBranch: true })).toMatchObject({ status: 200 });
    expect((await send("GET /tree/bare")).json).toEqual([]);
    expect((await send("GET /commits/bare")).json).toHaveLength(1);
  });

  it.each([
    "a..b",
    "x.lock",
    "-x",
    "HEAD",
    "refs%2Fpr%2F1",
    "a%20b",
    "a~b",
    "a%5Cb",
    "a//b",
    "%00",
  ])("refuses the name %s", async (name) => {
    expect((await send(`POST /branch/${name}`, {})).status).toBe(400);
  });

  it("refuses to delete main, and what is no branch", async () => {
    await send("POST /tag/main", { tag: "v1" });
    expect(await send("DELETE /branch/main")).toMatchObject({
      status: 403,
      json: { error: "Cannot delete refs/heads/main" },
    });
    for (const name of ["v1", "nope"]) {
      expect(await send(`DELETE /branch/${name}`)).toMatchObject({ status: 404 });
    }
    expect(await send("POST /branch/x", { startingPoint: "nope" })).toMatchObject({
      status: 404,
      code: "RevisionNotFound",
    });
  });
});

describe("tags", () => {
  it("are made, annotated or not, and deleted", async () => {
    const head = (await send("GET /revision/main")).json.sha;
    expect(await send("POST /tag/main", { tag: "v1", message: "One" })).toMatchObject({
      status: 200,
    });
    expect(await send(`POST /tag/${head}`, { tag: "v2" })).toMatchObject({ status: 200 });
    expect((await send("GET /refs")).json.tags).toEqual([
      { name: "v1", ref: "refs/tags/v1", targetCommit: head },
      { name: "v2", ref: "refs/tags/v2", targetCommit: head },
    ]);
    expect(await send("POST /tag/main", { tag: "v1" })).toMatchObject({ status: 409 });
    expect(await send("DELETE /tag/v1")).toMatchObject({ status: 200 });
    expect(await send("DELETE /tag/v1")).toMatchObject({ status: 404, code: "RevisionNotFound" });
    expect(await send("POST /tag/nope", { tag: "v3" })).toMatchObject({ code: "RevisionNotFound" });
    expect(await send("POST /tag/main", { tag: "bad name" })).toMatchObject({ status: 400 });
    expect(await send("POST /tag/main", {})).toMatchObject({ status: 400 });
  });
});

describe("GET commits", () => {
  it("pages newest first with a total", async () => {
    for (let i = 0; i < 3; i++) await hub.commit(repo, token, { a: String(i) });
    const { json, headers } = await send("GET /commits/main?limit=2&expand[]=formatted");
    expect(headers.get("x-total-count")).toBe("4");
    expect(headers.get("link")).toBe(
      `<http://hub.test/api/${repo}/commits/main?limit=2&expand%5B%5D=formatted&p=1>; rel="next"`,
    );
    expect(json).toHaveLength(2);
    expect(json[0]).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      title: "Add files",
      message: "",
      authors: [{ user: "ada" }],
      formatted: { title: "Add files" },
    });
    const rest = await send("GET /commits/main?limit=2&p=1");
    expect(rest.json.at(-1)).toMatchObject({ title: "initial commit" });
    expect(rest.headers.get("link")).toBeNull();
  });
});

describe("super-squash", () => {
  it("keeps the tree and drops the history", async () => {
    await hub.commit(repo, token, { a: "1" });
    await hub.commit(repo, token, { b: "2" });
    const before = (await send("GET /tree/main")).json;
    expect(await send("POST /super-squash/main", { message: "One" })).toMatchObject({
      status: 200,
    });
    expect((await send("GET /tree/main")).json).toEqual(before);
    expect((await send("GET /commits/main")).json).toMatchObject([{ title: "One" }]);
    expect(await send("POST /super-squash/nope", {})).toMatchObject({ status: 404 });
  });
});
