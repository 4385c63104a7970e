/** A Hub may be anybody's: what it answers must not reach beyond the cache, nor the token beyond the Hub. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HubClient } from "./client.ts";
import { HubConnectionError } from "./errors.ts";

const COMMIT = "c".repeat(40);
const OID = "d".repeat(40);

let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-hostile-"));
  servers = [];
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(folder, { recursive: true, force: true });
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a TCP server that listens has this kind of address.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const client = (endpoint: string): HubClient =>
  new HubClient({
    endpoint,
    token: "hf_secretsecretsecret",
    cacheDir: join(folder, "deep/inside/cache"),
    retryDelayMs: 1,
  });

/** All that lies beside the cache. */
async function outside(): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => !/^deep(?:\/inside(?:\/cache.*)?)?$/.test(name));
}

describe("a hostile Hub", () => {
  test.each([
    ["a commit that leads out of the cache", { "x-repo-commit": "../../../../../../escaped" }],
    ["an absolute commit", { "x-repo-commit": "/tmp" }],
    ["an ETag that leads out of the cache", { etag: '"../../../../../../escaped"' }],
    ["an ETag with a slash", { etag: '"a/b"' }],
  ])("cannot write elsewhere with %s", async (_, headers) => {
    const endpoint = await serve((_request, response) => {
      response.writeHead(200, {
        "x-repo-commit": COMMIT,
        etag: `"${OID}"`,
        "content-length": 2,
        ...headers,
      });
      response.end("hi");
    });
    await expect(client(endpoint).downloadToCache("ada/x", "config.json")).rejects.toThrow(
      HubConnectionError,
    );
    expect(await outside()).toEqual([]);
  });

  test.each([
    ["../../../../../../escaped"],
    ["/escaped"],
    ["a/../../../../../../../escaped"],
    ["..\\..\\escaped"],
    ["C:/escaped"],
    ["a\0b"],
  ])("cannot write elsewhere with a file named %j", async (path) => {
    const endpoint = await serve(({ url = "" }, response) => {
      response.setHeader("content-type", "application/json");
      if (url.includes("/tree/")) {
        response.end(JSON.stringify([{ type: "file", path, size: 2, oid: OID }]));
      } else if (url.startsWith("/api/")) {
        response.end(JSON.stringify({ _id: "1", id: "ada/x", sha: COMMIT, siblings: [] }));
      } else {
        response.writeHead(200, { "x-repo-commit": COMMIT, etag: `"${OID}"` }).end("hi");
      }
    });
    await expect(client(endpoint).snapshot("ada/x")).rejects.toThrow();
    expect(await outside()).toEqual([]);
  });

  test("does not hold the client up with endless redirects", async () => {
    let count = 0;
    const endpoint = await serve((_, response) => {
      response.writeHead(307, { location: `/again/${count++}` }).end();
    });
    await expect(client(endpoint).downloadToCache("ada/x", "config.json")).rejects.toThrow();
    await expect(client(endpoint).repoInfo("ada/x")).rejects.toThrow();
    expect(count).toBeLessThan(200);
  });

  test("does not send the token on to another host", async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify([]));
    });
    const endpoint = await serve(({ url = "" }, response) => {
      if (url.includes("/tree/")) {
        const body = JSON.stringify([{ type: "directory", path: "a", oid: OID, size: 0 }]);
        response.setHeader("link", `<${other}/next>; rel="next"`);
        response.setHeader("content-type", "application/json");
        response.end(body);
      } else {
        response.writeHead(307, { location: `${other}${url}` }).end();
      }
    });
    const hub = client(endpoint);
    for await (const _ of hub.listFiles("ada/x")) void _;
    await hub.repoInfo("ada/x").catch(() => undefined);
    await hub.downloadFile("ada/x", "a.txt").catch(() => undefined);
    await hub.downloadToCache("ada/x", "a.txt").catch(() => undefined);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every((value) => value === undefined)).toBe(true);
  });

  test.each([
    ["the same page", (n: number) => [n, 0], 1],
    ["a circle of seven pages", (n: number) => [n, (n + 1) % 7], 1],
    ["a tail and a circle", (n: number) => [n, n < 20 ? n + 1 : 15], 1],
    ["empty pages", (n: number) => [n, n + 1], 0],
  ] as const)("cannot keep a listing going with %s", async (_, step, items) => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked++;
      const page = Number(new URL(request.url ?? "", "http://hub").searchParams.get("page") ?? 0);
      const [, next] = step(page);
      response.setHeader("link", `<${url}/api/models?page=${next}>; rel="next"`);
      response.end(JSON.stringify(Array.from({ length: items }, () => ({ id: "ada/x" }))));
    });
    const listing = async () => {
      for await (const _ of client(url).listModels());
    };
    await expect(listing()).rejects.toMatchObject({
      code: "ENDLESS_LISTING",
      url: `${url}/api/models`,
    });
    expect(asked).toBeLessThan(1002);
  });
});
