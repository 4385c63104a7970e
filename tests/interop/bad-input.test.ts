// What no client should send: each gets a clear answer below 500, nothing is stored, the server lives.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noise, sha256 } from "./support/bytes.ts";
import { call, commitFiles, createRepo, lfsBatch, request, uploadLfs } from "./support/http.ts";
import { startHub, type TestHub } from "./support/hub-server.ts";

let hub: TestHub;
const repo = "ada/target";
let head: string;
beforeAll(async () => {
  hub = await startHub("bad-input");
  await createRepo(hub, "target");
  head = await commitFiles(hub, repo, { "a.txt": "alpha", "w.bin": noise(1, 100_000) });
});
afterAll(() => hub?.[Symbol.asyncDispose]());
afterEach(async () => {
  const info = await (await call(hub, `GET /api/models/${repo}`)).json();
  const before = head;
  head = info.sha;
  expect(info.sha, "nothing was committed").toBe(before);
});

async function refused(line: string, body?: Parameters<typeof request>[2]): Promise<Response> {
  const reply = await request(hub, line, body);
  const text = await reply.clone().text();
  expect(reply.status, `${line} answered ${text.slice(0, 300)}`).toBeGreaterThanOrEqual(400);
  expect(reply.status, `${line} answered ${text.slice(0, 300)}`).toBeLessThan(500);
  expect(text, "no stack trace").not.toMatch(/\n\s+at .+:\d+:\d+/);
  return reply;
}

describe("commit", () => {
  const header = '{"key":"header","value":{"summary":"x"}}\n';
  const file = (path: string): string =>
    header + JSON.stringify({ key: "file", value: { path, content: "eA==", encoding: "base64" } });
  const post = (body: string, revision = "main") =>
    refused(`POST /api/models/${repo}/commit/${revision}`, body);

  test.each([
    ["nothing", ""],
    ["no JSON", "not json\n"],
    ["half a line", `${header}{"key":"file","value":{"path":"x.t`],
    ["an array", "[1,2,3]\n"],
    ["null", `${header}null\n`],
    ["no header", '{"key":"file","value":{"path":"x.txt","content":"eA=="}}\n'],
    ["two headers", `${header}${header}${file("x.txt")}`],
    ["an unknown key", `${header}{"key":"bomb","value":{}}\n`],
    ["a number for a path", `${header}{"key":"file","value":{"path":7,"content":""}}\n`],
    [
      "content that is not base64",
      `${header}{"key":"file","value":{"path":"x","content":"***","encoding":"base64"}}\n`,
    ],
    [
      "an LFS file nobody uploaded",
      `${header}{"key":"lfsFile","value":{"path":"n.bin","algo":"sha256","oid":"${"ab".repeat(32)}","size":5}}\n`,
    ],
    [
      "an LFS id that is no hash",
      `${header}{"key":"lfsFile","value":{"path":"n.bin","algo":"sha256","oid":"../../etc/passwd","size":5}}\n`,
    ],
    [
      "a huge size",
      `${header}{"key":"lfsFile","value":{"path":"n.bin","algo":"sha256","oid":"${"ab".repeat(32)}","size":1e300}}\n`,
    ],
    [
      "a negative size",
      `${header}{"key":"lfsFile","value":{"path":"n.bin","algo":"sha256","oid":"${"ab".repeat(32)}","size":-1}}\n`,
    ],
    [
      "deletion of what is not there",
      `${header}{"key":"deletedFile","value":{"path":"nope.txt"}}\n`,
    ],
    [
      "a card that does not parse",
      `${header}{"key":"file","value":{"path":"README.md","content":"LS0tCmxpY2Vuc2U6IFsKLS0tCg==","encoding":"base64"}}\n`,
    ],
  ])("of %s", async (_, body) => {
    await post(body);
  });

  test.each([
    "../up.txt",
    "a/../../up.txt",
    "/etc/passwd",
    ".git/config",
    "a/.GIT/hooks/x",
    "back\\slash",
    "a//b",
    "./a",
    "a/.",
    "",
    "x\u0000y",
    "line\nbreak",
    "a/",
    ".git",
    "..",
    "~/x\u007f",
  ])("to the path %j", async (path) => {
    await post(file(path));
  });

  test.each([
    "nope",
    "..%2Fmain",
    "refs%2Fheads%2Fmain..x",
    "-upload-pack",
    "%00",
    "main%20x",
    "v1.lock",
  ])("to the revision %j", async (revision) => {
    await post(file("x.txt"), revision);
  });

  test("with a path that is not UTF-8", async () => {
    const [before = "", after = ""] = file("?.txt").split("?");
    const encoder = new TextEncoder();
    const body = [...encoder.encode(before), 0xff, 0xfe, ...encoder.encode(after)];
    await refused(`POST /api/models/${repo}/commit/main`, new Uint8Array(body));
  });

  test("to a path that is too long", async () => {
    await post(file(`${"long".repeat(2000)}.txt`));
  });

  test("of a wrong parent", async () => {
    const value = { summary: "x", parentCommit: "1".repeat(40) };
    await post(
      `${JSON.stringify({ key: "header", value })}\n${file("x.txt").slice(header.length)}`,
    );
  });
});

describe("LFS", () => {
  const batch = (body: unknown) =>
    refused(
      `POST /${repo}.git/info/lfs/objects/batch`,
      typeof body === "string" ? body : JSON.stringify(body),
    );

  test.each([
    "",
    "{",
    "[]",
    "null",
    { operation: "steal", objects: [] },
    { operation: "upload" },
    { operation: "upload", objects: "x" },
  ])("batch %j", async (body) => {
    await batch(body);
  });

  test.each([
    { oid: "x", size: 1 },
    { oid: "../../x", size: 1 },
    { oid: "a".repeat(64), size: -1 },
    { oid: "a".repeat(64), size: 1.5 },
    { oid: "a".repeat(64), size: 2 ** 60 },
    { oid: 7, size: 1 },
  ])("batch object %j gets no address to upload to", async (object) => {
    const reply = await request(
      hub,
      `POST /${repo}.git/info/lfs/objects/batch`,
      JSON.stringify({ operation: "upload", objects: [object] }),
    );
    expect(reply.status).toBeLessThan(500);
    if (reply.ok) {
      const [answer] = (await reply.json()).objects;
      expect(answer.actions?.upload).toBeUndefined();
      expect(answer.error.code).toBeGreaterThanOrEqual(400);
    }
  });

  test("wrong bytes, too few, too many: not stored", async () => {
    const content = noise(20, 50_000);
    const object = { oid: sha256(content), size: content.length };
    for (const wrong of [
      noise(21, 50_000),
      content.slice(0, 49_999),
      noise(22, 60_000),
      new Uint8Array(0),
    ]) {
      const { upload } = await lfsBatch(hub, repo, object);
      const reply = await fetch(upload?.href ?? "", { method: "PUT", body: wrong });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
    }
    expect((await lfsBatch(hub, repo, object)).upload, "still wanted").toBeDefined();
    expect(await uploadLfs(hub, repo, content)).toBe(object.oid);
  });

  test("a signed address does not serve for another object", async () => {
    const [one, two] = [noise(23, 1000), noise(24, 1000)];
    const { upload } = await lfsBatch(hub, repo, { oid: sha256(one), size: one.length });
    const href = upload?.href ?? "";
    const stolen = await fetch(href.replace(sha256(one), sha256(two)), {
      method: "PUT",
      body: two,
    });
    expect(stolen.status).toBeGreaterThanOrEqual(400);
    const unsigned = await fetch(href.split("?")[0] ?? "", { method: "PUT", body: one });
    expect(unsigned.status).toBeGreaterThanOrEqual(400);
  });
});

describe("Xet", () => {
  const token = async (kind: "read" | "write"): Promise<{ accessToken: string; casUrl: string }> =>
    (await call(hub, `GET /api/models/${repo}/xet-${kind}-token/main`)).json();
  const cas = async (
    line: string,
    body?: Uint8Array<ArrayBuffer>,
    kind: "read" | "write" = "write",
  ) => {
    const { accessToken, casUrl } = await token(kind);
    const [method = "", path = ""] = line.split(" ");
    const reply = await fetch(`${casUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${accessToken}` },
      ...(body ? { body } : {}),
    });
    expect(reply.status, `${line} answered ${reply.status}`).toBeLessThan(500);
    return { status: reply.status, text: await reply.text() };
  };
  const HASH = "ab".repeat(32);

  test.each([
    ["noise", noise(30, 5000)],
    ["nothing", new Uint8Array(0)],
    ["half a chunk header", new Uint8Array([0, 1, 0])],
    ["an unknown scheme", new Uint8Array([0, 4, 0, 0, 9, 4, 0, 0, 1, 2, 3, 4])],
    ["a chunk longer than the body", new Uint8Array([0, 255, 255, 255, 0, 255, 255, 255])],
    ["LZ4 that is none", new Uint8Array([0, 4, 0, 0, 1, 255, 255, 0, 1, 2, 3, 4])],
    ["content of another hash", new Uint8Array([0, 4, 0, 0, 0, 4, 0, 0, 1, 2, 3, 4])],
  ])("xorb of %s", async (_, body) => {
    expect((await cas(`POST /v1/xorbs/default/${HASH}`, body)).status).toBe(400);
    expect((await cas(`HEAD /v1/xorbs/default/${HASH}`)).status).toBe(404);
  });

  test.each([
    ["noise", noise(31, 5000)],
    ["nothing", new Uint8Array(0)],
    ["a header alone", shardHeader()],
    ["a file of an unknown xorb", new Uint8Array([...shardHeader(), ...fileOfUnknownXorb()])],
    [
      "a file with four billion terms",
      new Uint8Array([...shardHeader(), ...fileOfUnknownXorb(0xffff_ffff)]),
    ],
  ])("shard of %s", async (_, body) => {
    const v1 = await cas("POST /v1/shards", body);
    expect(v1.status).toBe(400);
    const v2 = await cas("POST /v2/shards", body);
    if (v2.status === 200) expect(v2.text).toContain('"type":"error"');
    expect((await cas(`GET /v1/reconstructions/${HASH}`)).status).toBe(404);
  });

  test.each(["x", "../../etc", `${HASH}00`, HASH.toUpperCase(), "%00"])("hash %j", async (hash) => {
    expect((await cas(`GET /v2/reconstructions/${hash}`)).status).toBeGreaterThanOrEqual(400);
    expect(
      (await cas(`POST /v1/xorbs/default/${hash}`, new Uint8Array(9))).status,
    ).toBeGreaterThanOrEqual(400);
  });

  test("a read token cannot write, a made-up one nothing", async () => {
    expect((await cas(`POST /v1/xorbs/default/${HASH}`, new Uint8Array(9), "read")).status).toBe(
      403,
    );
    expect((await cas("POST /v1/shards", new Uint8Array(9), "read")).status).toBe(403);
    const { casUrl } = await token("read");
    const headers = { authorization: "Bearer made.up.token" };
    expect((await fetch(`${casUrl}/v2/reconstructions/${HASH}`, { headers })).status).toBe(401);
    expect((await fetch(`${casUrl}/v2/reconstructions/${HASH}`)).status).toBe(401);
  });

  function shardHeader(): Uint8Array<ArrayBuffer> {
    const header = new Uint8Array(48);
    header.set(new TextEncoder().encode("HFRepoMetaData"));
    header.set(
      [
        0x55, 0x69, 0x67, 0x45, 0x6a, 0x7b, 0x81, 0x57, 0x83, 0xa5, 0xbd, 0xd9, 0x5c, 0xcd, 0xd1,
        0x4a, 0xa9,
      ],
      15,
    );
    header[32] = 2;
    return header;
  }

  function fileOfUnknownXorb(terms = 1): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(48 * 4);
    const view = new DataView(bytes.buffer);
    bytes.fill(0xab, 0, 32);
    view.setUint32(36, terms, true);
    bytes.fill(0xab, 48, 80);
    view.setUint32(84, 4, true);
    view.setUint32(92, 1, true);
    bytes.fill(0xff, 96, 128);
    bytes.fill(0xff, 144, 176);
    return bytes;
  }
});

describe("reading", () => {
  test.each([
    `GET /${repo}/resolve/main/nope.txt`,
    `GET /${repo}/resolve/nope/a.txt`,
    `GET /${repo}/resolve/main/..%2f..%2f..%2fetc%2fpasswd`,
    `GET /${repo}/resolve/main/%00`,
    `GET /${repo}/resolve/main/%ff%fe`,
    `GET /${repo}/resolve/main/%`,
    `GET /${repo}/resolve/--help/a.txt`,
    `GET /${repo}/resolve/main:a.txt/a.txt`,
    `GET /${repo}/resolve/HEAD@%7B1%7D/a.txt`,
    `GET /${repo}/resolve/main%5E%7Btree%7D/a.txt`,
    `GET /api/models/${repo}/tree/main/nope`,
    `GET /api/models/${repo}/tree/main/..%2f..`,
    `GET /api/models/${repo}/revision/${"0".repeat(40)}`,
    `GET /api/models/${repo}/nothing/here`,
    "GET /api/models/ada/..%2f..%2fx",
    "GET /api/nothing",
    "DELETE /api/models",
  ])("%s", async (line) => {
    await refused(line);
  });

  const range = (value: string, path = "w.bin") =>
    fetch(`${hub.url}/${repo}/resolve/main/${path}`, { headers: { range: value } });

  test.each(["bytes=100000-", "bytes=999999999999-", "bytes=99999999999999999999-"])(
    "the range %s is beyond the end",
    async (value) => {
      const reply = await range(value);
      expect(reply.status).toBe(416);
      expect(reply.headers.get("content-range")).toBe("bytes */100000");
    },
  );

  test.each([
    "bytes=5-2",
    "bytes=x-y",
    "bytes",
    "lines=1-2",
    "bytes=--5",
    "bytes=1-2-3",
    "bytes=-",
  ])("the range %s does not count", async (value) => {
    const reply = await range(value);
    expect([200, 416]).toContain(reply.status);
    if (reply.ok) expect((await reply.arrayBuffer()).byteLength).toBe(100_000);
  });

  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=-5", 99_995, 100_000],
    ["bytes=-999999", 0, 100_000],
    ["bytes=99999-", 99_999, 100_000],
    ["bytes=500-9999999999", 500, 100_000],
  ])("the range %s is served exactly", async (value, start, end) => {
    const reply = await range(value);
    expect(reply.status).toBe(206);
    expect(reply.headers.get("content-range")).toBe(`bytes ${start}-${end - 1}/100000`);
    expect(new Uint8Array(await reply.arrayBuffer())).toEqual(noise(1, 100_000).slice(start, end));
  });

  test.each([
    "limit=-1",
    "limit=1e9",
    "limit=x",
    "cursor=garbage",
    "cursor=%00",
    "sort=password",
    "filter=%27%3B--",
    "search=%25%25%25",
  ])("a listing with %s answers", async (query) => {
    const reply = await request(hub, `GET /api/models?${query}`);
    expect(reply.status).toBeLessThan(500);
  });

  test("search takes wildcards and quotes as they are", async () => {
    for (const search of ["%", "_", "'", '"', "*", "\\", "a OR 1=1"]) {
      const reply = await call(hub, `GET /api/models?search=${encodeURIComponent(search)}`);
      expect(await reply.json(), search).toEqual([]);
    }
  });
});

describe("other bodies", () => {
  test.each([
    ["POST /api/repos/create", "{"],
    ["POST /api/repos/create", "[]"],
    ["POST /api/repos/create", '{"name":"a/b/c"}'],
    ["POST /api/repos/create", '{"name":"..","type":"model"}'],
    ["POST /api/repos/create", '{"name":"x","type":"bomb"}'],
    ["POST /api/repos/create", '{"name":"","type":"model"}'],
    ["POST /api/repos/create", `{"name":"${"x".repeat(97)}","type":"model"}`],
    ["POST /api/repos/create", '{"name":"x.git","type":"model"}'],
    ["POST /api/repos/move", '{"fromRepo":1}'],
    ["POST /api/models/ada/target/preupload/main", '{"files":[{"path":1}]}'],
    ["POST /api/models/ada/target/preupload/main", '{"files":'],
    ["POST /api/models/ada/target/branch/..%2Fx", "{}"],
    ["POST /api/models/ada/target/branch/-x", "{}"],
    ["POST /api/models/ada/target/branch/a%20b", "{}"],
    ["POST /api/models/ada/target/tag/main", '{"tag":"a..b"}'],
    ["POST /api/models/ada/target/tag/main", '{"tag":7}'],
    ["PUT /api/models/ada/target/settings", '{"private":"maybe"}'],
  ])("%s %s", async (line, body) => {
    await refused(line, body);
  });

  test("deep JSON does not end the server", async () => {
    await refused("POST /api/repos/create", "[".repeat(200_000));
    const content = `---\na: ${"[".repeat(50_000)}\n---\n`;
    const reply = await request(hub, "POST /api/validate-yaml", { content, repoType: "model" });
    expect(reply.status).toBeLessThan(500);
    expect((await call(hub, "GET /api/whoami-v2")).status).toBe(200);
  });

  test("a YAML bomb is refused quickly", async () => {
    const lines = Array.from(
      { length: 12 },
      (_, n) => `k${n}: &k${n} [${`*k${n - 1},`.repeat(n === 0 ? 0 : 9)}x]`,
    );
    const content = `---\n${lines.join("\n")}\n---\n`;
    const started = Date.now();
    const reply = await request(hub, "POST /api/validate-yaml", { content, repoType: "model" });
    expect(reply.status).toBeLessThan(500);
    expect(Date.now() - started).toBeLessThan(5000);
    expect((await call(hub, "GET /api/whoami-v2")).status).toBe(200);
  });
});
