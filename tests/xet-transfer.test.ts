import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgressEvent } from "@bearhug/core";
import { createHubServer, type HubServer } from "@bearhug/server";
import { Chunker, XetHashMismatchError } from "@bearhug/xet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { content } from "../fixtures/xet/content.ts";
import { HubApiError, HubConnectionError } from "../packages/hub/src/errors.ts";
import type { XetConnection } from "../packages/hub/src/transfer/xet/cas-client.ts";
import { downloadXet, type XetDownloadOptions } from "../packages/hub/src/transfer/xet/download.ts";
import { XetTransferError } from "../packages/hub/src/transfer/xet/errors.ts";
import { splitByteRanges } from "../packages/hub/src/transfer/xet/multipart-ranges.ts";
import { uploadXet, type XetUploadOptions } from "../packages/hub/src/transfer/xet/upload.ts";

let dataDir: string;
let server: HubServer;
let token: string;
let clock = Date.now();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "bearhug-xet-"));
  server = await createHubServer({ dataDir, now: () => new Date(clock) });
  const { accounts } = server.context.services;
  const account = await accounts.create({ name: "ada", password: "pass word" });
  ({ token } = await accounts.createToken(account, { displayName: "test", role: "write" }));
  await hub("/api/repos/create", { method: "POST", body: JSON.stringify({ name: "m" }) });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

function hub(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return server.fetch(new Request(`http://hub.test${path}`, { ...init, headers }));
}

interface Log {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly sent: number;
}

/** A connection whose requests are seen, and may be answered otherwise. */
function connection(
  intercept?: (path: string, call: number) => Response | undefined,
): XetConnection & { readonly log: Log[] } {
  const log: Log[] = [];
  const calls = new Map<string, number>();
  return {
    log,
    retryDelayMs: 1,
    now: () => clock,
    sessionId: "test-session",
    getToken: async () => (await hub("/api/models/ada/m/xet-write-token/main")).json(),
    fetch: async (input, init) => {
      const request = new Request(input as string, init);
      const { pathname: path } = new URL(request.url);
      const sent = Number(request.headers.get("content-length") ?? 0);
      const call = calls.get(path) ?? 0;
      calls.set(path, call + 1);
      const answer = intercept?.(path, call);
      if (answer) await request.arrayBuffer();
      const reply = answer ?? (await server.fetch(request));
      log.push({ method: request.method, path, status: reply.status, sent });
      return reply;
    },
  };
}

const upload = (files: Record<string, Uint8Array<ArrayBuffer>>, options: XetUploadOptions) =>
  uploadXet(
    Object.entries(files).map(([path, bytes]) => ({ path, content: new Blob([bytes]) })),
    options,
  );

async function download(hash: string, options: XetDownloadOptions): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of downloadXet(hash, options)) parts.push(bytes);
  return Buffer.concat(parts);
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const noise = (seed: number, size = 2_000_000) => content({ kind: "lcg", size, seed });

describe("uploadXet() and downloadXet()", () => {
  test("files of all sizes come back, whole and in ranges", async () => {
    const files = {
      "tiny.txt": new TextEncoder().encode("hello world"),
      "empty.bin": new Uint8Array(0),
      "weights.bin": content({ kind: "weights", size: 3_000_001 }),
      "zeros.bin": new Uint8Array(1_500_000),
    };
    const results = await upload(files, connection());
    expect(results.map((result) => result.path)).toEqual(Object.keys(files));
    for (const { path, xetHash, sha256: digest, size } of results) {
      const bytes = files[path as keyof typeof files];
      expect(digest).toBe(sha256(bytes));
      expect(size).toBe(bytes.length);
      expect((await download(xetHash, connection())).equals(bytes)).toBe(true);
      expect((await download(xetHash, { ...connection(), size })).equals(bytes)).toBe(true);
      for (const [start, end] of [
        [0, 1],
        [5, 5],
        [1_000_000, 2_000_001],
        [0, 9_000_000],
      ]) {
        const part = await download(xetHash, { ...connection(), range: { start, end } });
        expect(part.equals(bytes.subarray(start, end)), `${path} ${start} ${end}`).toBe(true);
      }
    }
  });

  test("sends new chunks only: within a session, across files, and in a later session", async () => {
    const first = noise(1);
    const changed = first.slice();
    changed.set(noise(2, 50_000), 1_000_000);
    const one = connection();
    await upload({ a: first, again: first }, one);
    const sent = (log: readonly Log[]) => log.filter((entry) => entry.path.includes("/xorbs/"));
    expect(sent(one.log).reduce((sum, entry) => sum + entry.sent, 0)).toBeLessThan(2_010_000);
    const two = connection();
    const [result] = await upload({ a: changed }, two);
    expect(sent(two.log).reduce((sum, entry) => sum + entry.sent, 0)).toBeLessThan(400_000);
    expect((await download(result.xetHash, connection())).equals(changed)).toBe(true);
    const three = connection();
    await upload({ a: first }, three);
    expect(sent(three.log)).toEqual([]);
  });

  test("many small files share a xorb", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`${i}.bin`, noise(1000 + i, 3000 + i)]),
    );
    const seen = connection();
    const results = await upload(files, seen);
    expect(seen.log.filter((entry) => entry.path.includes("/xorbs/")).length).toBe(1);
    for (const { path, xetHash } of results.slice(0, 5)) {
      expect((await download(xetHash, connection())).equals(files[path])).toBe(true);
    }
  });

  test("progress ends at the total, in both phases", async () => {
    const events: ProgressEvent[] = [];
    const bytes = noise(3);
    const onProgress = (event: ProgressEvent) => events.push(event);
    const [{ xetHash, size }] = await upload({ a: bytes }, { ...connection(), onProgress });
    const last = (phase: string) => events.filter((event) => event.phase === phase).at(-1);
    expect(last("upload")).toMatchObject({
      done: bytes.length,
      total: bytes.length,
      unit: "bytes",
    });
    const transfer = last("transfer");
    expect(transfer?.done).toBe(transfer?.total);
    await download(xetHash, { ...connection(), size, onProgress });
    expect(last("download")).toMatchObject({ done: bytes.length, total: bytes.length });
  });
});

describe("other storages", () => {
  test("without the second versions the first ones serve", async () => {
    const old = connection((path) =>
      path.includes("/v2/")
        ? new Response(null, { status: path.includes("shards") ? 404 : 501 })
        : undefined,
    );
    const bytes = noise(4);
    const [{ xetHash }] = await upload({ a: bytes }, old);
    expect((await download(xetHash, old)).equals(bytes)).toBe(true);
    expect(old.log.some((entry) => entry.path.includes("/v1/shards"))).toBe(true);
  });

  test("several ranges under one address are asked for at once", async () => {
    const bytes = noise(5);
    const [{ xetHash }] = await upload({ a: bytes }, connection());
    const joining = connection();
    const plain = joining.fetch as typeof fetch;
    const asked: string[] = [];
    const options = {
      ...joining,
      fetch: (async (input, init) => {
        const range = new Headers(init?.headers).get("range") ?? "";
        if (String(input).includes("/data/")) asked.push(range);
        const reply = await plain(input, init);
        if (!String(input).includes("/v2/reconstructions")) return reply;
        return Response.json(splitInTwo((await reply.json()) as RecipeV2, bytes));
      }) as typeof fetch,
    };
    expect((await download(xetHash, options)).equals(bytes)).toBe(true);
    expect(asked).toEqual([expect.stringMatching(/^bytes=0-\d+,\d+-\d+$/)]);
  });
});

/** A recipe of one term, as two: their ranges of the xorb stand under one address. */
function splitInTwo(recipe: RecipeV2, bytes: Uint8Array): RecipeV2 {
  const head = new Chunker().push(bytes).slice(0, 3);
  const size = head.reduce((sum, { data }) => sum + data.length, 0);
  // Noise is stored as it is: a header of eight bytes, then the chunk.
  const stored = size + 8 * head.length;
  const [{ hash, range, unpacked_length }] = recipe.terms;
  const [{ url, ranges }] = recipe.xorbs[hash];
  const [{ bytes: all }] = ranges;
  const [first, second] = [
    { start: 0, end: 3 },
    { start: 3, end: range.end },
  ];
  return {
    offset_into_first_range: 0,
    terms: [
      { hash, unpacked_length: size, range: first },
      { hash, unpacked_length: unpacked_length - size, range: second },
    ],
    xorbs: {
      [hash]: [
        {
          url,
          ranges: [
            { chunks: first, bytes: { start: 0, end: stored - 1 } },
            { chunks: second, bytes: { start: stored, end: all.end } },
          ],
        },
      ],
    },
  };
}

interface Interval {
  readonly start: number;
  readonly end: number;
}

interface RecipeV2 {
  readonly offset_into_first_range: number;
  readonly terms: readonly { hash: string; unpacked_length: number; range: Interval }[];
  readonly xorbs: Record<
    string,
    { url: string; ranges: { chunks: Interval; bytes: Interval }[] }[]
  >;
}

describe("when things go wrong", () => {
  test("an expired address is replaced, an expired token renewed", async () => {
    const bytes = noise(6);
    const [{ xetHash }] = await upload({ a: bytes }, connection());
    const expired = connection((path, call) =>
      path.includes("/data/") && call === 0 ? new Response(null, { status: 403 }) : undefined,
    );
    expect((await download(xetHash, expired)).equals(bytes)).toBe(true);
    const recipes = expired.log.filter((entry) => entry.path.includes("/reconstructions/"));
    expect(recipes.length).toBe(2);
    const long = connection();
    await download(xetHash, long);
    clock += 2 * 60 * 60 * 1000;
    expect((await download(xetHash, long)).equals(bytes)).toBe(true);
    const withdrawn = connection((path, call) =>
      path.includes("/reconstructions/") && call === 0
        ? new Response(null, { status: 401 })
        : undefined,
    );
    expect((await download(xetHash, withdrawn)).equals(bytes)).toBe(true);
  });

  test("broken connections and busy servers are tried again, refusals are not", async () => {
    const flaky = connection((_, call) => {
      if (call === 0) throw new TypeError("fetch failed");
      return call === 1 ? new Response(null, { status: 503 }) : undefined;
    });
    const bytes = noise(7);
    const [{ xetHash }] = await upload({ a: bytes }, flaky);
    expect((await download(xetHash, flaky)).equals(bytes)).toBe(true);
    const refusing = connection((path) =>
      path.includes("/xorbs/") ? Response.json({ error: "no room" }, { status: 507 }) : undefined,
    );
    await expect(upload({ a: noise(8) }, refusing)).rejects.toThrow(/507 \(no room\)/);
    const dead = connection(() => {
      throw new TypeError("fetch failed");
    });
    await expect(download(xetHash, dead)).rejects.toBeInstanceOf(HubConnectionError);
    await expect(download("1".repeat(64), connection())).rejects.toBeInstanceOf(HubApiError);
  });

  test("changed, missing and surplus bytes are noticed", async () => {
    const bytes = noise(9);
    const [{ xetHash }] = await upload({ a: bytes }, connection());
    const altered = (change: (data: Buffer) => Uint8Array) => {
      const inner = connection();
      const send = inner.fetch as typeof fetch;
      return {
        ...inner,
        fetch: (async (input, init) => {
          const reply = await send(input, init);
          if (!String(input).includes("/data/")) return reply;
          return new Response(Uint8Array.from(change(Buffer.from(await reply.arrayBuffer()))), {
            status: 206,
          });
        }) as typeof fetch,
      };
    };
    const flip = altered((data) =>
      Buffer.concat([data.subarray(0, 5000), Buffer.of(1), data.subarray(5001)]),
    );
    await expect(download(xetHash, flip)).rejects.toBeInstanceOf(XetHashMismatchError);
    const short = altered((data) => data.subarray(0, -1));
    await expect(download(xetHash, short)).rejects.toBeInstanceOf(XetTransferError);
    const long = altered((data) => Buffer.concat([data, Buffer.of(0)]));
    await expect(download(xetHash, long)).rejects.toBeInstanceOf(XetTransferError);
    const size = bytes.length + 1;
    await expect(download(xetHash, { ...connection(), size })).rejects.toBeInstanceOf(
      XetTransferError,
    );
  });

  test("a shard that the storage refuses is an error with its reason", async () => {
    const file = { path: "a", content: new Blob([noise(10)]), sha256: "1".repeat(64) };
    await expect(uploadXet([file], connection())).rejects.toThrow(/has SHA-256/);
  });

  test("an aborted upload stops, and registers nothing", async () => {
    const bytes = noise(11);
    const controller = new AbortController();
    const { signal } = controller;
    const seen = connection();
    const onProgress = () => controller.abort();
    await expect(upload({ a: bytes }, { ...seen, signal, onProgress })).rejects.toThrow(/abort/);
    expect(seen.log.filter((entry) => entry.path.includes("/shards"))).toEqual([]);
    const again = connection();
    const [{ xetHash }] = await upload({ a: bytes }, again);
    expect((await download(xetHash, again)).equals(bytes)).toBe(true);
  });

  test("an aborted download stops; so does one that is left", async () => {
    const [{ xetHash }] = await upload({ a: noise(12) }, connection());
    const controller = new AbortController();
    const options = { ...connection(), signal: controller.signal };
    await expect(
      (async () => {
        for await (const _ of downloadXet(xetHash, options)) controller.abort();
      })(),
    ).rejects.toThrow(/abort/);
    for await (const _ of downloadXet(xetHash, connection())) break;
  });
});

describe("splitByteRanges()", () => {
  const text = (parts: string) => new TextEncoder().encode(parts.replaceAll("\n", "\r\n"));

  test("content may hold the boundary; header names come in any case", () => {
    const body = text(
      "--b\nCONTENT-RANGE: bytes 5-12/100\n\n--b--xyz\n--b\nContent-Range: bytes 20-20/*\n\nq\n--b--\n",
    );
    const parts = splitByteRanges('multipart/byteranges; boundary="b"', body);
    expect(parts.map(({ start, bytes }) => [start, new TextDecoder().decode(bytes)])).toEqual([
      [5, "--b--xyz"],
      [20, "q"],
    ]);
  });

  test.each([
    ["no boundary", "multipart/byteranges", "--b--"],
    [
      "a part that is cut short",
      "multipart/byteranges; boundary=b",
      "--b\nContent-Range: bytes 0-9/10\n\nabc",
    ],
    ["no range", "multipart/byteranges; boundary=b", "--b\nContent-Type: x\n\nabc\n--b--"],
    ["no end", "multipart/byteranges; boundary=b", "--b\nContent-Range: bytes 0-2/10\n\nabc"],
  ])("%s is refused", (_, type, body) => {
    expect(() => splitByteRanges(type, text(body))).toThrow(XetTransferError);
  });
});
