import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "../scratch-hub.case.ts";

let hub: TestHub;
let token: string;
let first: string;
let head: string;
const large = new Uint8Array(300_000).map((_, i) => (i * 31) >> 3);
const oid = createHash("sha256").update(large).digest("hex");

beforeAll(async () => {
  hub = await openTestHub();
  token = (await hub.user("ada")).token;
  const created = await hub.send("POST /api/repos/create", { token, body: { name: "m" } });
  const { id } = (await created.json()) as { id: string };
  const { database, blobs } = hub.server.context;
  await blobs.write(
    `lfs/${oid}`,
    (async function* () {
      yield large;
    })(),
  );
  const link = { repository_id: id, sha256: oid, size: large.length };
  await database.insertInto("repository_objects").values(link).execute();
  first = await hub.commit("models/ada/m", token, { "a.txt": "one", "d/x/1.txt": "1" });
  const lines = [
    { key: "header", value: { summary: "Second" } },
    { key: "lfsFile", value: { path: "w.bin", algo: "sha256", oid } },
    { key: "file", value: { path: "d/é #?%.html", content: "<script>alert(1)</script>" } },
    { key: "file", value: { path: "d/2.txt", content: "2" } },
  ];
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  const reply = await hub.send("POST /api/models/ada/m/commit/main", { token, body });
  head = ((await reply.json()) as { commitOid: string }).commitOid;
  await hub.send("POST /api/models/ada/m/branch/feature%2Fx", { token, body: {} });
  const tag = { token, body: { tag: "v1", message: "first" } };
  await hub.send(`POST /api/models/ada/m/tag/${first}`, tag);
});

afterAll(() => hub[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  hub.send(`GET ${path}`, { headers });
const tree = async (path: string) => (await (await get(path)).json()) as { path: string }[];
const paths = async (path: string) => (await tree(path)).map((item) => item.path);

describe("revisions", () => {
  it.each(["main", "HEAD", "refs/heads/main", "refs%2Fheads%2Fmain", "feature%2Fx", "feature/x"])(
    "%s is the head",
    async (revision) => {
      const reply = await get(`/ada/m/resolve/${revision}/d/2.txt`);
      expect(reply.headers.get("x-repo-commit")).toBe(head);
      expect(await reply.text()).toBe("2");
      const info = await get(`/api/models/ada/m/revision/${revision}`);
      expect(await info.json()).toMatchObject({ sha: head });
    },
  );

  it("may be a tag, a full and a short id", async () => {
    for (const revision of ["v1", first, first.slice(0, 8)]) {
      const info = await get(`/api/models/ada/m/revision/${revision}`);
      expect(await info.json()).toMatchObject({ sha: first });
    }
  });

  it.each(["nope", "nope/a.txt", "0".repeat(40), "main~1", "-x", "%2e%2e%2f", "%00"])(
    "%s is unknown",
    async (revision) => {
      const reply = await get(`/ada/m/resolve/${revision}/a.txt`);
      expect(reply.status).toBe(404);
      expect(reply.headers.get("x-error-code")).toBe("RevisionNotFound");
    },
  );

  it("answers 400 to percent signs that encode nothing", async () => {
    expect((await get("/ada/m/resolve/main/%zz")).status).toBe(400);
    expect((await get("/api/models/ada/m/tree/%ff")).status).toBe(400);
  });
});

describe("GET tree", () => {
  it("lists one level or all, folders included, from the root of the repository", async () => {
    expect(await paths("/api/models/ada/m/tree/main")).toEqual([
      ".gitattributes",
      "a.txt",
      "d",
      "w.bin",
    ]);
    const below = ["d/2.txt", "d/x", "d/x/1.txt", "d/é #?%.html"];
    expect(await paths("/api/models/ada/m/tree/main/d?recursive=true")).toEqual(below);
    expect(await paths("/api/models/ada/m/tree/refs%2Fheads%2Fmain/d%2Fx")).toEqual(["d/x/1.txt"]);
  });

  it("tells sizes, hashes and last commits", async () => {
    const items = await tree("/api/models/ada/m/tree/main?expand=True");
    expect(items).toContainEqual({
      type: "file",
      path: "w.bin",
      oid: expect.stringMatching(/^[0-9a-f]{40}$/),
      size: 300_000,
      lfs: { oid, size: 300_000, pointerSize: 131 },
      lastCommit: {
        id: head,
        title: "Second",
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      },
    });
    expect(items).toContainEqual(
      expect.objectContaining({
        path: "a.txt",
        lastCommit: expect.objectContaining({ id: first }),
      }),
    );
  });

  it("pages with absolute links that keep the query", async () => {
    const seen: string[] = [];
    let next: string | undefined = "/api/models/ada/m/tree/main?recursive=1&limit=3";
    for (let page = 0; next && page < 10; page++) {
      const reply: Response = await get(next);
      seen.push(...((await reply.json()) as { path: string }[]).map((item) => item.path));
      const link: string | null = reply.headers.get("link");
      next = /^<http:\/\/hub\.test(\/[^>]*)>; rel="next"$/.exec(link ?? "")?.[1];
      if (next) expect(next).toContain("recursive=1&limit=3&cursor=");
    }
    expect(seen).toEqual(await paths("/api/models/ada/m/tree/main?recursive=1"));
  });

  it.each(["nope", "a.txt", "d/x/1.txt", "../x"])("answers EntryNotFound to %s", async (path) => {
    const reply = await get(`/api/models/ada/m/tree/main/${encodeURIComponent(path)}`);
    expect(reply.status).toBe(404);
    expect(reply.headers.get("x-error-code")).toBe("EntryNotFound");
    expect(reply.headers.get("x-repo-commit")).toBe(head);
  });

  it.each(["limit=0", "limit=-1", "limit=x", "limit=1e3"])("refuses %s", async (query) => {
    expect((await get(`/api/models/ada/m/tree/main?${query}`)).status).toBe(400);
  });

  it("survives a cursor that is none", async () => {
    expect((await get("/api/models/ada/m/tree/main?cursor=%F0%9F%92%A9")).status).toBe(200);
  });
});

describe("POST paths-info", () => {
  it("takes a form and JSON, and leaves out what is missing", async () => {
    const line = "POST /api/models/ada/m/paths-info/main";
    const form = new URLSearchParams([
      ["paths", "w.bin"],
      ["paths", "d"],
      ["paths", "nope"],
      ["paths", "../x"],
    ]);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const asForm = await (await hub.send(line, { headers, body: form.toString() })).json();
    const body = { paths: ["w.bin", "d", "nope"], expand: false };
    const asJson = await (await hub.send(line, { body })).json();
    expect(asForm).toEqual(asJson);
    expect((asForm as { path: string }[]).map((item) => item.path).sort()).toEqual(["d", "w.bin"]);
  });

  it("refuses more than 1000 paths", async () => {
    const body = { paths: Array.from({ length: 1001 }, (_, i) => `f${i}`) };
    expect((await hub.send("POST /api/models/ada/m/paths-info/main", { body })).status).toBe(413);
  });

  it.each(["{", '{"paths":[1]}', '{"paths":{}}', "[]"])("refuses %s", async (body) => {
    const headers = { "content-type": "application/json" };
    const reply = await hub.send("POST /api/models/ada/m/paths-info/main", { headers, body });
    expect(reply.status).toBe(400);
  });
});

describe("GET treesize", () => {
  it("sums a folder, a file, and all", async () => {
    const size = async (path: string) =>
      (await (await get(`/api/models/ada/m/treesize/main${path}`)).json()) as unknown;
    expect(await size("/d/x")).toEqual({ path: "d/x", size: 1 });
    expect(await size("/w.bin")).toEqual({ path: "w.bin", size: 300_000 });
    const info = await (await get("/api/models/ada/m?expand=usedStorage")).json();
    expect(await size("")).toEqual({
      path: "",
      size: (info as { usedStorage: number }).usedStorage,
    });
  });
});

describe("resolve", () => {
  it("gives what clients need from HEAD, for files in Git and in LFS", async () => {
    const small = await hub.send("HEAD /ada/m/resolve/main/a.txt");
    expect(Object.fromEntries(small.headers)).toMatchObject({
      "x-repo-commit": head,
      etag: '"43dd47ea691c90a5fa7827892c70241913351963"',
      "content-length": "3",
      "accept-ranges": "bytes",
      "cache-control": "no-cache",
    });
    expect(await small.text()).toBe("");
    const lfs = await hub.send(`HEAD /ada/m/resolve/${head}/w.bin`);
    expect(Object.fromEntries(lfs.headers)).toMatchObject({
      etag: `"${oid}"`,
      "x-linked-etag": `"${oid}"`,
      "x-linked-size": "300000",
      "content-length": "300000",
      "cache-control": "public, max-age=31536000, immutable",
    });
  });

  it("gives ranges of both", async () => {
    const range = async (path: string, header: string) => {
      const reply = await get(path, { range: header });
      const bytes = new Uint8Array(await reply.arrayBuffer());
      return { status: reply.status, range: reply.headers.get("content-range"), bytes };
    };
    expect(await range("/ada/m/resolve/main/w.bin", "bytes=1000-1009")).toEqual({
      status: 206,
      range: "bytes 1000-1009/300000",
      bytes: large.subarray(1000, 1010),
    });
    expect(await range("/ada/m/resolve/main/w.bin", "bytes=-5")).toMatchObject({
      bytes: large.subarray(-5),
    });
    expect(await range("/ada/m/resolve/main/a.txt", "bytes=0-0")).toMatchObject({
      range: "bytes 0-0/3",
      bytes: new TextEncoder().encode("o"),
    });
    expect(await range("/ada/m/resolve/main/a.txt", "bytes=3-")).toMatchObject({
      status: 416,
      range: "bytes */3",
    });
  });

  it("gives an empty file to a client that begins with its first byte", async () => {
    const headers = { range: "bytes=0-0" };
    await hub.send("POST /api/repos/create", { token, body: { name: "hollow" } });
    await hub.commit("models/ada/hollow", token, { "empty.txt": "" });
    const reply = await hub.send("GET /ada/hollow/resolve/main/empty.txt", { token, headers });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-range")).toBe("bytes */0");
    expect(await reply.text()).toBe("");
  });

  it("answers 304 to a known etag, and ignores a range of another version", async () => {
    const etag = `"${oid}"`;
    expect((await get("/ada/m/resolve/main/w.bin", { "if-none-match": etag })).status).toBe(304);
    expect((await get("/ada/m/resolve/main/w.bin", { "if-none-match": '"x"' })).status).toBe(200);
    const stale = { range: "bytes=0-1", "if-range": '"x"' };
    expect((await get("/ada/m/resolve/main/w.bin", stale)).status).toBe(200);
  });

  it("lets no uploaded page run", async () => {
    const reply = await get(`/ada/m/resolve/main/d/${encodeURIComponent("é #?%.html")}`);
    expect(await reply.text()).toBe("<script>alert(1)</script>");
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-security-policy": expect.stringContaining("sandbox"),
      "x-content-type-options": "nosniff",
      "content-disposition": `inline; filename*=UTF-8''%C3%A9%20%23%3F%25.html; filename="_ #?%.html";`,
    });
    const download = await get("/ada/m/resolve/main/a.txt?download=true");
    expect(download.headers.get("content-disposition")).toMatch(/^attachment;/);
  });

  it.each(["nope", "d", "a.txt/x", "..%2Fx", ".git%2Fconfig"])(
    "says EntryNotFound and the commit for %s",
    async (path) => {
      const reply = await hub.send(`HEAD /ada/m/resolve/main/${path}`);
      expect(reply.status).toBe(404);
      expect(reply.headers.get("x-error-code")).toBe("EntryNotFound");
      expect(reply.headers.get("x-repo-commit")).toBe(head);
    },
  );

  it("answers whole addresses of other sites with the headers they may read", async () => {
    const reply = await get("/ada/m/resolve/main/a.txt", { origin: "https://app.test" });
    expect(reply.headers.get("access-control-allow-origin")).toBe("https://app.test");
    expect(reply.headers.get("access-control-expose-headers")).toContain("X-Repo-Commit");
    const preflight = await hub.send("OPTIONS /ada/m/resolve/main/a.txt", {
      headers: { origin: "https://app.test", "access-control-request-method": "GET" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it("counts a model's download by its config file", async () => {
    await hub.commit("models/ada/m", token, { "config.json": "{}" });
    for (const file of ["a.txt", "config.json", "config.json"]) {
      await (await get(`/ada/m/resolve/main/${file}`)).text();
    }
    await hub.send("HEAD /ada/m/resolve/main/config.json");
    await hub.restart();
    expect(await (await get("/api/models/ada/m?expand=downloads")).json()).toMatchObject({
      downloads: 2,
    });
  });
});

describe("raw", () => {
  it("gives the pointer of an LFS file", async () => {
    const reply = await get("/ada/m/raw/main/w.bin");
    expect(await reply.text()).toBe(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 300000\n`,
    );
    const probe = await hub.send("HEAD /ada/m/raw/main/w.bin");
    expect([probe.status, probe.headers.get("content-length")]).toEqual([200, "131"]);
  });
});
