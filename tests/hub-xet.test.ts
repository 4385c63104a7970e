// Large files between client and server as Xet chunks: what travels, and what happens when the storage fails.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HubClient, HubClientOptions } from "@bearhug/hub";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { digest, noise } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
}

let hub: InProcessHub;
let sent: Sent[];
/** Changes an answer on its way; each test sets it. */
let meddle: (path: string, response: Response) => Response | Promise<Response>;
let caches = 0;

beforeAll(async () => {
  hub = await startInProcessHub();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  sent = [];
  meddle = (_, response) => response;
});

/** Writes down what goes to the server. Each client has a cache of its own. */
function client(options: HubClientOptions = {}): HubClient {
  return hub.client({
    cacheDir: join(hub.folder, `cache-${caches++}`),
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const body = request.body ? await request.arrayBuffer() : undefined;
      const path = new URL(request.url).pathname;
      sent.push({ method: request.method, path, bytes: body?.byteLength ?? 0 });
      const copy = new Request(request.url, {
        method: request.method,
        headers: request.headers,
        ...(body ? { body } : {}),
      });
      return meddle(path, await hub.server.fetch(copy));
    },
    ...options,
  });
}

const xorbBytes = (): number =>
  sent.filter(({ path }) => path.includes("/xorbs/")).reduce((sum, { bytes }) => sum + bytes, 0);
const asked = (part: string): number => sent.filter(({ path }) => path.includes(part)).length;

const put = (repo: string, content: Uint8Array<ArrayBuffer>, from = client()) =>
  from.commit(repo, { title: "x", operations: [{ type: "put", path: "model.bin", content }] });

async function downloaded(repo: string, from = client()): Promise<string> {
  return digest(await readFile(await from.downloadToCache(repo, "model.bin")));
}

test("only chunks that the storage does not have travel", async () => {
  const content = noise(4_000_000, 31);
  await hub.client().createRepo("ada/xet");
  await put("ada/xet", content);
  expect(xorbBytes()).toBeGreaterThan(3_900_000);
  sent = [];
  content.fill(7, 2_000_000, 2_000_100);
  await put("ada/xet", content);
  expect(xorbBytes()).toBeLessThan(400_000);
  sent = [];
  expect(await downloaded("ada/xet")).toBe(digest(content));
  expect(asked("/reconstructions/")).toBeGreaterThan(0);
  expect(sent.filter(({ method, path }) => method === "GET" && path.includes("/resolve/"))).toEqual(
    [],
  );
  await hub.client().createRepo("ada/other");
  sent = [];
  await put("ada/other", content);
  expect(xorbBytes()).toBe(0);
});

test("xet: false uses LFS and plain requests, and reads what was stored as chunks", async () => {
  const content = noise(1_500_000, 32);
  await hub.client().createRepo("ada/plain");
  await put("ada/plain", content, client({ xet: false }));
  expect(asked("/xorbs/") + asked("xet-write-token")).toBe(0);
  expect(await downloaded("ada/plain")).toBe(digest(content));
  await hub.client().createRepo("ada/chunked");
  await put("ada/chunked", content.fill(1, 0, 9));
  sent = [];
  expect(await downloaded("ada/chunked", client({ xet: false }))).toBe(digest(content));
  expect(asked("/reconstructions/")).toBe(0);
});

test("a Hub without Xet storage gets whole objects", async () => {
  const content = noise(1_300_000, 41);
  await hub.client().createRepo("ada/lfs-only");
  meddle = (path, response) =>
    path.includes("xet-write-token") ? new Response("no", { status: 404 }) : response;
  await put("ada/lfs-only", content);
  expect(asked("/xorbs/")).toBe(0);
  expect(asked("/info/lfs/objects/batch")).toBe(1);
  expect(await downloaded("ada/lfs-only")).toBe(digest(content));
});

test("what the repository has at the path is not sent again, not even its chunks' names", async () => {
  const content = noise(1_200_000, 42);
  await hub.client().createRepo("ada/same");
  await put("ada/same", content);
  sent = [];
  await put("ada/same", content);
  expect(asked("/xorbs/") + asked("/chunks/") + asked("/shards")).toBe(0);
  sent = [];
  await put("ada/same", content.fill(3, 0, 1000));
  expect(asked("/xorbs/")).toBe(1);
  expect(await downloaded("ada/same")).toBe(digest(content));
});

test("a snapshot of many chunked files asks for one token", async () => {
  await hub.client().createRepo("ada/shards");
  const operations = [33, 34, 35, 36].map((seed) => ({
    type: "put" as const,
    path: `${seed}.bin`,
    content: noise(1_200_000, seed),
  }));
  await client().commit("ada/shards", { title: "x", operations });
  expect(asked("xet-write-token")).toBe(1);
  sent = [];
  const folder = await client().snapshot("ada/shards");
  for (const { path, content } of operations) {
    expect(digest(await readFile(join(folder, path)))).toBe(digest(content));
  }
  expect(asked("xet-read-token")).toBe(1);
});

test("where the storage fails or lies, the Hub's plain answer serves, from where it stood", async () => {
  const content = noise(2_500_000, 37);
  await hub.client().createRepo("ada/broken");
  await put("ada/broken", content);
  meddle = (path, response) =>
    path.includes("/reconstructions/") ? new Response("no", { status: 403 }) : response;
  sent = [];
  expect(await downloaded("ada/broken")).toBe(digest(content));
  expect(asked("/resolve/")).toBe(2);
  meddle = async (path, response) => {
    if (!/reconstructions|token|resolve|\/api\//.test(path)) {
      const bytes = new Uint8Array(await response.arrayBuffer());
      bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
      return new Response(bytes, { status: response.status, headers: response.headers });
    }
    return response;
  };
  expect(await downloaded("ada/broken")).toBe(digest(content));
});

test("a broken Xet upload commits nothing, and works when it is repeated", async () => {
  const content = noise(1_600_000, 38);
  await hub.client().createRepo("ada/retry");
  const { sha } = await hub.client().repoInfo("ada/retry");
  meddle = (path, response) =>
    path.includes("/shards") ? new Response("no", { status: 400 }) : response;
  await expect(put("ada/retry", content)).rejects.toMatchObject({
    code: /HUB_REQUEST_FAILED|XET_TRANSFER_FAILED/,
  });
  expect((await hub.client().repoInfo("ada/retry")).sha).toBe(sha);
  meddle = (_, response) => response;
  await put("ada/retry", content);
  expect(await downloaded("ada/retry")).toBe(digest(content));
});
