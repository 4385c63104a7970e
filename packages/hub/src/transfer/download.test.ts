import { createHash } from "node:crypto";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type ProgressEvent } from "@bearhug/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HubClient } from "../client.ts";
import {
  EntryNotFoundError,
  HubConnectionError,
  IntegrityError,
  LocalEntryNotFoundError,
} from "../errors.ts";

const COMMIT = "c".repeat(40);
const random = createRandom(1);
const content = Uint8Array.from({ length: 300_000 }, () => random.integer(256));
const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const sha256 = digest(content);

let cacheDir: string;
let server: Server;
let endpoint: string;
/** How the server answers a GET; each test sets it. */
let serveContent: (request: IncomingMessage, response: ServerResponse) => void;
let requests: string[];

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "bearhug-cache-"));
  requests = [];
  serveContent = sendRange;
  server = createServer((request, response) => {
    const { method, url = "", headers } = request;
    requests.push(`${method} ${url}${headers.range ? ` ${headers.range}` : ""}`);
    response.setHeader("x-repo-commit", COMMIT);
    if (url.endsWith("absent.json")) {
      response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
      return;
    }
    response.setHeader("etag", `"${sha256}"`);
    response.setHeader("x-linked-etag", `"${sha256}"`);
    response.setHeader("x-linked-size", content.length);
    if (method === "HEAD") response.setHeader("content-length", content.length).end();
    else serveContent(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(cacheDir, { recursive: true, force: true });
});

function sendRange(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const body = content.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { "content-length": body.length });
  response.end(body);
}

/** Sends so many bytes, then tears the connection. */
function tearAfter(bytes: number) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { "content-length": content.length - start });
    response.write(content.subarray(start, start + bytes), () =>
      setTimeout(() => response.destroy(), 20),
    );
  };
}

function client(options: { offline?: boolean } = {}): HubClient {
  return new HubClient({ endpoint, token: false, cacheDir, retryDelayMs: 5, ...options });
}

const blobs = (): Promise<string[]> => readdir(join(cacheDir, "models--ada--b", "blobs"));

describe("downloadToCache()", () => {
  test("lays the cache out as Python does", async () => {
    const path = await client().downloadToCache("ada/b", "sub/model.bin");
    const folder = join(cacheDir, "models--ada--b");
    expect(path).toBe(join(folder, "snapshots", COMMIT, "sub/model.bin"));
    expect(await readlink(path)).toBe(`../../../blobs/${sha256}`);
    expect(await readFile(join(folder, "refs/main"), "utf8")).toBe(COMMIT);
    expect(digest(await readFile(path))).toBe(sha256);
    expect(await blobs()).toEqual([sha256]);
    expect(await readFile(join(cacheDir, "CACHEDIR.TAG"), "utf8")).toContain(
      "8a477f597d28d172789f06886806bc55",
    );
  });

  test("resumes after broken connections, with progress to the end", async () => {
    let broken = 3;
    serveContent = (request, response) => {
      if (broken-- > 0) tearAfter(70_000)(request, response);
      else sendRange(request, response);
    };
    const events: ProgressEvent[] = [];
    const path = await client().downloadToCache("ada/b", "model.bin", {
      onProgress: (event) => events.push(event),
    });
    expect(digest(await readFile(path))).toBe(sha256);
    const gets = requests.filter((line) => line.startsWith("GET"));
    expect(gets).toHaveLength(4);
    expect(gets[1]).toMatch(/bytes=[1-9]\d*-$/);
    expect(events.at(-1)).toMatchObject({ done: content.length, total: content.length });
  });

  test("starts over when the server ignores the range", async () => {
    let first = true;
    serveContent = (request, response) => {
      if (first) tearAfter(70_000)(request, response);
      else response.writeHead(200, { "content-length": content.length }).end(content);
      first = false;
    };
    const events: ProgressEvent[] = [];
    const path = await client().downloadToCache("ada/b", "model.bin", {
      onProgress: (event) => events.push(event),
    });
    expect(digest(await readFile(path))).toBe(sha256);
    expect(events.at(-1)?.done).toBe(content.length);
  });

  test("leaves a part when aborted, and another client goes on from there", async () => {
    const controller = new AbortController();
    serveContent = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 100_000), () => setTimeout(() => controller.abort(), 50));
    };
    const download = client().downloadToCache("ada/b", "model.bin", { signal: controller.signal });
    await expect(download).rejects.toMatchObject({ name: "AbortError" });
    expect(await blobs()).toEqual([
      expect.stringMatching(new RegExp(`^${sha256}\\.released\\.\\w{8}\\.incomplete$`)),
    ]);
    await expect(client({ offline: true }).downloadToCache("ada/b", "model.bin")).rejects.toThrow(
      LocalEntryNotFoundError,
    );
    serveContent = sendRange;
    const path = await client().downloadToCache("ada/b", "model.bin");
    expect(digest(await readFile(path))).toBe(sha256);
    expect(requests.at(-1)).toContain("bytes=100000-");
    expect(await blobs()).toEqual([sha256]);
  });

  test("takes over what a dead process left, and not what a live one writes", async () => {
    const folder = join(cacheDir, "models--ada--b", "blobs");
    await mkdir(folder, { recursive: true });
    serveContent = tearAfter(0);
    await client()
      .downloadToCache("ada/b", "model.bin")
      .catch(() => {});
    const [left = ""] = await blobs();
    await writeFile(join(folder, left), content.subarray(0, 50_000));
    const host = (await ownPartName(folder)).split("-")[0];
    await rename(
      join(folder, left),
      join(folder, `${sha256}.${host}-999999999.0123abcd.incomplete`),
    );
    const alive = join(folder, `${sha256}.${host}-${process.pid}.0123abcd.incomplete`);
    await writeFile(alive, "not to be touched");
    serveContent = sendRange;
    await client().downloadToCache("ada/b", "model.bin");
    expect(requests.at(-1)).toContain("bytes=50000-");
    expect(await readFile(alive, "utf8")).toBe("not to be touched");
  });

  test("refuses content with the wrong hash and keeps nothing of it", async () => {
    serveContent = (_, response) => {
      const wrong = Uint8Array.from(content);
      wrong[5] = (wrong[5] ?? 0) ^ 1;
      response.writeHead(200, { "content-length": wrong.length }).end(wrong);
    };
    await expect(client().downloadToCache("ada/b", "model.bin")).rejects.toThrow(IntegrityError);
    expect(await blobs()).toEqual([]);
  });

  test("refuses more bytes than were announced", async () => {
    serveContent = (_, response) => {
      response.writeHead(200).end(Buffer.concat([content, content.subarray(0, 10)]));
    };
    await expect(client().downloadToCache("ada/b", "model.bin")).rejects.toThrow(IntegrityError);
    expect(await blobs()).toEqual([]);
  });

  test("gives up when the connection breaks again and again without a byte", async () => {
    serveContent = (_, response) => response.destroy();
    await expect(client().downloadToCache("ada/b", "model.bin")).rejects.toThrow(
      HubConnectionError,
    );
    expect(requests.filter((line) => line.startsWith("GET"))).toHaveLength(6);
  });

  test("remembers that a file is absent, for use without a network", async () => {
    await expect(client().downloadToCache("ada/b", "absent.json")).rejects.toThrow(
      EntryNotFoundError,
    );
    const offline = client({ offline: true });
    await expect(offline.downloadToCache("ada/b", "absent.json")).rejects.toThrow(
      EntryNotFoundError,
    );
    await expect(offline.downloadToCache("ada/b", "unknown.json")).rejects.toThrow(
      LocalEntryNotFoundError,
    );
  });

  test("serves what is cached when the Hub is away", async () => {
    const path = await client().downloadToCache("ada/b", "model.bin");
    const away = new HubClient({
      endpoint: "http://127.0.0.1:1",
      token: false,
      cacheDir,
      retryDelayMs: 1,
    });
    expect(await away.downloadToCache("ada/b", "model.bin")).toBe(path);
    await expect(away.downloadToCache("ada/b", "other.bin")).rejects.toThrow(HubConnectionError);
  });

  test("downloads the same file twice at once without harm", async () => {
    const both = await Promise.all([
      client().downloadToCache("ada/b", "model.bin"),
      client().downloadToCache("ada/b", "copy.bin"),
      client().downloadToCache("ada/b", "model.bin"),
    ]);
    for (const path of both) expect(digest(await readFile(path))).toBe(sha256);
    expect(await blobs()).toEqual([sha256]);
  });

  test.each(["../../../evil", "/etc/passwd", "a/../../b", "a//b", "a\\b", ""])(
    "refuses the path %j",
    async (path) => {
      await expect(client().downloadToCache("ada/b", path)).rejects.toThrow(TypeError);
      expect(await readdir(cacheDir)).toEqual([]);
    },
  );
});

describe("downloadFile()", () => {
  test("gives a Blob, also when the connection broke", async () => {
    let first = true;
    serveContent = (request, response) => {
      if (first) tearAfter(100_000)(request, response);
      else sendRange(request, response);
      first = false;
    };
    const blob = await client().downloadFile("ada/b", "model.bin");
    expect(digest(new Uint8Array(await blob.arrayBuffer()))).toBe(sha256);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  test("gives a range", async () => {
    serveContent = (_, response) => response.writeHead(206).end(content.subarray(10, 20));
    const blob = await client().downloadFile("ada/b", "model.bin", {
      range: { start: 10, end: 20 },
    });
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(content.subarray(10, 20));
    expect(requests).toEqual(["GET /ada/b/resolve/main/model.bin bytes=10-19"]);
    await expect(
      client().downloadFile("ada/b", "model.bin", { range: { start: 5, end: 4 } }),
    ).rejects.toThrow(RangeError);
  });
});

/** The owner part of this process's own partial files. */
async function ownPartName(folder: string): Promise<string> {
  serveContent = (_, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 10));
  };
  const controller = new AbortController();
  const download = new HubClient({ endpoint, token: false, cacheDir: join(folder, "probe") })
    .downloadToCache("ada/b", "model.bin", { signal: controller.signal })
    .catch(() => {});
  const own = join(folder, "probe", "models--ada--b", "blobs");
  for (;;) {
    const [name] = await readdir(own).catch(() => []);
    if (name) {
      controller.abort();
      await download;
      await rm(join(folder, "probe"), { recursive: true });
      return name.split(".")[1] ?? "";
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
