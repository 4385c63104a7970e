// What no client should ask for: each gets a clear answer below 500, nothing is stored, the server lives.
import { describe, expect, test } from "vitest";
import { noise } from "./support/bytes.ts";
import { call, request } from "./support/http.ts";
import { useTarget } from "./support/target.ts";

const target = useTarget("bad-requests");
const { repo, refused } = target;

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
    fetch(`${target.hub.url}/${repo}/resolve/main/${path}`, { headers: { range: value } });

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
    const reply = await request(target.hub, `GET /api/models?${query}`);
    expect(reply.status).toBeLessThan(500);
  });

  test("search takes wildcards and quotes as they are", async () => {
    for (const search of ["%", "_", "'", '"', "*", "\\", "a OR 1=1"]) {
      const reply = await call(target.hub, `GET /api/models?search=${encodeURIComponent(search)}`);
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
    const reply = await request(target.hub, "POST /api/validate-yaml", {
      content,
      repoType: "model",
    });
    expect(reply.status).toBeLessThan(500);
    expect((await call(target.hub, "GET /api/whoami-v2")).status).toBe(200);
  });

  test("a YAML bomb is refused quickly", async () => {
    const lines = Array.from(
      { length: 12 },
      (_, n) => `k${n}: &k${n} [${`*k${n - 1},`.repeat(n === 0 ? 0 : 9)}x]`,
    );
    const content = `---\n${lines.join("\n")}\n---\n`;
    const started = Date.now();
    const reply = await request(target.hub, "POST /api/validate-yaml", {
      content,
      repoType: "model",
    });
    expect(reply.status).toBeLessThan(500);
    expect(Date.now() - started).toBeLessThan(5000);
    expect((await call(target.hub, "GET /api/whoami-v2")).status).toBe(200);
  });
});
