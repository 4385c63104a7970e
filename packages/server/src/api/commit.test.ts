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
  const name = `m${count++}`;
  await hub.send("POST /api/repos/create", { token, body: { name } });
  repo = `models/ada/${name}`;
});

afterAll(() => hub[Symbol.asyncDispose]());

const header = (more: object = {}) => ({ key: "header", value: { summary: "Change", ...more } });
const file = (path: string, content = "x", encoding = "utf-8") => ({
  key: "file",
  value: { path, content, encoding },
});

async function commit(lines: readonly (object | string)[], revision = "main") {
  const body = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  const reply = await hub.send(`POST /api/${repo}/commit/${revision}`, {
    token,
    body: body.join("\n"),
  });
  return {
    status: reply.status,
    code: reply.headers.get("x-error-code"),
    ...((await reply.json()) as { error?: string; commitOid?: string; commitUrl?: string }),
  };
}

async function head(): Promise<string> {
  const reply = await hub.send(`GET /api/${repo}`, { token });
  return ((await reply.json()) as { sha: string }).sha;
}

describe("POST commit", () => {
  it("writes text and base64, and names the commit on the caller's host", async () => {
    const done = await commit([header(), file("a/ü.txt", "ä"), file("b", "AAEC", "base64")]);
    expect(done).toMatchObject({ status: 200, commitOid: await head() });
    expect(done.commitUrl).toBe(`http://hub.test/${repo.slice(7)}/commit/${done.commitOid}`);
    const text = await hub.send(`GET /${repo.slice(7)}/resolve/main/a/%C3%BC.txt`);
    expect(await text.text()).toBe("ä");
    const bytes = await hub.send(`GET /${repo.slice(7)}/resolve/main/b`);
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([0, 1, 2]);
  });

  it("answers the present head to a commit that changes nothing", async () => {
    const first = await commit([header(), file("a")]);
    const again = await commit([header(), file("a")]);
    expect(again).toMatchObject({ status: 200, commitOid: first.commitOid });
  });

  it("refuses a stale parent with the text that clients match", async () => {
    const parentCommit = await head();
    expect(await commit([header({ parentCommit }), file("a")])).toMatchObject({ status: 200 });
    expect(await commit([header({ parentCommit }), file("b")])).toMatchObject({
      status: 412,
      error: "The branch was updated since you opened this page. Please refresh and try again.",
    });
  });

  it("lets no concurrent commit get lost", async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => commit([header(), file(`f${i}`)])),
    );
    expect(all.every((done) => done.status === 200 || done.status === 409)).toBe(true);
    const tree = await hub.send(`GET /api/${repo}/tree/main`);
    const paths = ((await tree.json()) as { path: string }[]).map((item) => item.path);
    const done = all.flatMap((item, i) => (item.status === 200 ? [`f${i}`] : []));
    expect(paths).toEqual(expect.arrayContaining(done));
    const index = await hub.send(`GET /api/${repo}`);
    expect(((await index.json()) as { siblings: unknown[] }).siblings).toHaveLength(paths.length);
  });

  it("deletes files and folders; a missing file is an error", async () => {
    await commit([header(), file("d/a"), file("d/b"), file("e")]);
    const folder = { key: "deletedFolder", value: { path: "d/" } };
    expect(await commit([header(), folder])).toMatchObject({ status: 200 });
    const missing = { key: "deletedFile", value: { path: "nope" } };
    expect(await commit([header(), missing])).toMatchObject({
      status: 404,
      code: "EntryNotFound",
      error: "A file with this name doesn't exist",
    });
  });

  it.each([
    "../x",
    "a/../../x",
    ".git/config",
    "a/.git/x",
    "/abs",
    "a\\b",
    "a\u0000b",
    "",
    "a//b",
    ".",
  ])("refuses the path %j and stores nothing", async (path) => {
    const before = await head();
    const refused = await commit([header(), file("fine"), file(path)]);
    expect(refused.status).toBe(422);
    expect(await head()).toBe(before);
  });

  it.each<[string, readonly (object | string)[], RegExp]>([
    ["no header", [file("a")], /^Line 1: the first line must be the header/],
    ["an empty body", [], /^Line 1: the first line must be the header/],
    ["two headers", [header(), header()], /^Line 2: there is a header already/],
    ["no JSON", [header(), "{oops"], /^Line 2: line is not JSON/],
    ["an unknown key", [header(), { key: "evil", value: {} }], /^Line 2: key must be one of/],
    ["no value", [header(), { key: "file" }], /^Line 2: value must be an object/],
    ["bad base64", [header(), file("a", "***", "base64")], /^Line 2: .*base64/],
    ["a bad encoding", [header(), file("a", "x", "utf-7")], /^Line 2: value.encoding/],
    ["a bad parent", [header({ parentCommit: "main" }), file("a")], /^Line 1: value.parentCommit/],
    [
      "a bad oid",
      [header(), { key: "lfsFile", value: { path: "a", algo: "sha256", oid: "../../x" } }],
      /^Line 2: value.oid must be 64 hexadecimal digits/,
    ],
    [
      "a negative size",
      [header(), { key: "lfsFile", value: { path: "a", oid: "0".repeat(64), size: -1 } }],
      /^Line 2: value.size/,
    ],
    ["no summary", [header({ summary: "  " }), file("a")], /summary/],
  ])("refuses %s, naming the line", async (_, lines, message) => {
    const before = await head();
    expect(await commit(lines)).toMatchObject({
      status: 400,
      error: expect.stringMatching(message),
    });
    expect(await head()).toBe(before);
  });

  it("refuses content that was not uploaded, naming the path", async () => {
    const value = { path: "w.bin", algo: "sha256", oid: "a".repeat(64), size: 5 };
    expect(await commit([header(), { key: "lfsFile", value }])).toMatchObject({
      status: 400,
      error: expect.stringContaining('"w.bin"'),
    });
  });

  it("refuses content that only another repository has", async () => {
    const { database, blobs } = hub.server.context;
    const oid = "b".repeat(64);
    await blobs.write(
      `lfs/${oid}`,
      (async function* () {
        yield new Uint8Array(5);
      })(),
    );
    const value = { path: "w.bin", algo: "sha256", oid };
    expect(await commit([header(), { key: "lfsFile", value }])).toMatchObject({ status: 400 });
    const id = ((await (await hub.send(`GET /api/${repo}`)).json()) as { _id: string })._id;
    await database
      .insertInto("repository_objects")
      .values({ repository_id: id, sha256: oid, size: 5 })
      .execute();
    const wrong = { key: "lfsFile", value: { ...value, size: 6 } };
    expect(await commit([header(), wrong])).toMatchObject({ status: 400 });
    expect(await commit([header(), { key: "lfsFile", value }])).toMatchObject({ status: 200 });
    const tree = await hub.send(`GET /api/${repo}/tree/main/w.bin`);
    expect(tree.status).toBe(404);
    const entries = await (await hub.send(`GET /api/${repo}/tree/main`)).json();
    expect(entries).toContainEqual(
      expect.objectContaining({ path: "w.bin", size: 5, lfs: { oid, size: 5, pointerSize: 126 } }),
    );
  });

  it("refuses invalid metadata with the list of what is wrong", async () => {
    const refused = await commit([header(), file("README.md", "---\nlicense: beer\n---\n")]);
    expect(refused.status).toBe(400);
    expect(refused.error).toMatch(/^Invalid metadata in README.md.\n- "license" must be one of \[/);
    const nested = await commit([header(), file("docs/README.md", "---\nlicense: beer\n---\n")]);
    expect(nested.status).toBe(200);
  });

  it("refuses unknown branches, tags, and pull requests", async () => {
    const lines = [header(), file("a")];
    expect(await commit(lines, "nope")).toMatchObject({ status: 404, code: "RevisionNotFound" });
    expect(await commit(lines, await head())).toMatchObject({ status: 404 });
    await hub.send(`POST /api/${repo}/tag/main`, { token, body: { tag: "v1" } });
    expect(await commit(lines, "v1")).toMatchObject({ status: 404 });
    expect(await commit(lines, "refs%2Ftags%2Fv1")).toMatchObject({ status: 404 });
    expect(await commit(lines, "main?create_pr=1")).toMatchObject({
      status: 422,
      error: expect.stringContaining("pull requests"),
    });
  });
});

describe("POST preupload", () => {
  const sample = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64");
  const ask = async (files: readonly object[], more: object = {}) => {
    const body = { files, ...more };
    const reply = await hub.send(`POST /api/${repo}/preupload/main`, { token, body });
    return (await reply.json()) as { files: { path: string }[] };
  };

  it("decides by attributes, size and content, and tells what is there", async () => {
    await commit([header(), file("a.txt", "hello")]);
    const { files } = await ask([
      { path: "a.txt", sample: sample([104, 105]), size: 2 },
      { path: "w.safetensors", sample: sample([104]), size: 1 },
      { path: "nul.txt", sample: sample([65, 0]), size: 2 },
      { path: "latin.txt", sample: sample([0xe4, 0x20]), size: 2 },
      { path: "cut.txt", sample: sample([0xc3]), size: 600 },
      { path: "large.txt", sample: sample([65]), size: 10 * 1024 * 1024 },
      { path: "empty.txt", sample: "", size: 0 },
    ]);
    expect(files).toEqual([
      {
        path: "a.txt",
        uploadMode: "regular",
        shouldIgnore: false,
        oid: "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0",
      },
      { path: "w.safetensors", uploadMode: "lfs", shouldIgnore: false, oid: null },
      { path: "nul.txt", uploadMode: "lfs", shouldIgnore: false, oid: null },
      { path: "latin.txt", uploadMode: "lfs", shouldIgnore: false, oid: null },
      { path: "cut.txt", uploadMode: "regular", shouldIgnore: false, oid: null },
      { path: "large.txt", uploadMode: "lfs", shouldIgnore: false, oid: null },
      { path: "empty.txt", uploadMode: "regular", shouldIgnore: false, oid: null },
    ]);
  });

  it("applies .gitignore and .gitattributes of the request before the repository's", async () => {
    await commit([header(), file(".gitignore", "*.log\n")]);
    const asked = [
      { path: "x.log", sample: "", size: 1 },
      { path: "y.dat", sample: "", size: 1 },
    ];
    expect(await ask(asked)).toMatchObject({
      files: [{ shouldIgnore: true }, { shouldIgnore: false, uploadMode: "regular" }],
    });
    const rules = { gitIgnore: "*.dat\n", gitAttributes: "*.dat filter=lfs\n" };
    expect(await ask(asked, rules)).toMatchObject({
      files: [{ shouldIgnore: false }, { shouldIgnore: true, uploadMode: "lfs" }],
    });
  });

  it.each([{}, { files: 1 }, { files: [{}] }, { files: [{ path: "a", size: -1 }] }])(
    "refuses %j",
    async (body) => {
      const reply = await hub.send(`POST /api/${repo}/preupload/main`, { token, body });
      expect(reply.status).toBe(400);
    },
  );
});
