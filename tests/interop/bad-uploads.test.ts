// What no client should upload: each gets a clear answer below 500, nothing is stored, the server lives.
import { describe, expect, test } from "vitest";
import { noise, sha256 } from "./support/bytes.ts";
import { call, lfsBatch, request, uploadLfs } from "./support/http.ts";
import { useTarget } from "./support/target.ts";

const target = useTarget("bad-uploads");
const { repo, refused } = target;

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
      target.hub,
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
      const { upload } = await lfsBatch(target.hub, repo, object);
      const reply = await fetch(upload?.href ?? "", { method: "PUT", body: wrong });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
    }
    expect((await lfsBatch(target.hub, repo, object)).upload, "still wanted").toBeDefined();
    expect(await uploadLfs(target.hub, repo, content)).toBe(object.oid);
  });

  test("a signed address does not serve for another object", async () => {
    const [one, two] = [noise(23, 1000), noise(24, 1000)];
    const { upload } = await lfsBatch(target.hub, repo, { oid: sha256(one), size: one.length });
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
    (await call(target.hub, `GET /api/models/${repo}/xet-${kind}-token/main`)).json();
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
