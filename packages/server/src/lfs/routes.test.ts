import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScratchHub, type ScratchHub } from "../git/scratch-hub.case.ts";
import type { BatchReply } from "./batch.ts";

const PART_BYTES = 100_000;

let hub: ScratchHub;
let count = 0;

beforeAll(async () => {
  hub = await createScratchHub({ partBytes: PART_BYTES });
});

afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

interface Sample {
  readonly bytes: Uint8Array;
  readonly oid: string;
  readonly size: number;
}

function sample(size: number): Sample {
  const bytes = randomBytes(size);
  return { bytes, size, oid: createHash("sha256").update(bytes).digest("hex") };
}

async function newRepo(options?: { readonly private?: boolean }): Promise<string> {
  const name = `lfs-${count++}`;
  await hub.createRepo(name, options);
  return `ada/${name}`;
}

async function batch(
  id: string,
  body: Record<string, unknown>,
  token: string | undefined = hub.token,
): Promise<{ readonly status: number; readonly headers: Headers; readonly reply: BatchReply }> {
  const response = await fetch(`${hub.url}/${id}.git/info/lfs/objects/batch`, {
    method: "POST",
    headers: {
      "content-type": "application/vnd.git-lfs+json",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  });
  const { status, headers } = response;
  return { status, headers, reply: (await response.json()) as BatchReply }; // as: this test reads it
}

async function uploadHref(id: string, { oid, size }: Sample): Promise<string> {
  const { reply } = await batch(id, { operation: "upload", objects: [{ oid, size }] });
  return reply.objects[0]?.actions?.upload?.href ?? "";
}

function send(href: string, body: Uint8Array | ReadableStream<Uint8Array>): Promise<Response> {
  return fetch(href, { method: "PUT", body, duplex: "half" } as RequestInit);
}

async function download(id: string, { oid, size }: Sample, token?: string) {
  const { reply } = await batch(id, { operation: "download", objects: [{ oid, size }] }, token);
  return reply.objects[0];
}

describe("LFS batch and basic transfer", () => {
  it("uploads by a signed address alone, then downloads whole and in ranges", async () => {
    const id = await newRepo();
    const object = sample(300_000);
    const asked = {
      operation: "upload",
      transfers: ["basic"],
      hash_algo: "sha_256",
      objects: [{ oid: object.oid, size: object.size }],
    };
    const { reply, headers } = await batch(id, asked);
    expect(headers.get("content-type")).toBe("application/vnd.git-lfs+json");
    expect(reply).toMatchObject({
      transfer: "basic",
      hash_algo: "sha256",
      objects: [{ oid: object.oid, size: object.size }],
    });
    const { upload, verify } = reply.objects[0]?.actions ?? {};
    const check = () =>
      fetch(verify?.href ?? "", {
        method: "POST",
        body: JSON.stringify({ oid: object.oid, size: object.size }),
      });
    expect((await check()).status).toBe(404);
    expect((await send(upload?.href ?? "", object.bytes)).status).toBe(200);
    expect((await check()).status).toBe(200);
    expect((await batch(id, asked)).reply.objects).toEqual([
      { oid: object.oid, size: object.size },
    ]);

    const href = (await download(id, object))?.actions?.download?.href ?? "";
    const whole = await fetch(href);
    expect(whole.headers.get("content-length")).toBe("300000");
    expect(Buffer.from(await whole.arrayBuffer()).equals(object.bytes)).toBe(true);
    const part = await fetch(href, { headers: { range: "bytes=1000-1999" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([
      206,
      "bytes 1000-1999/300000",
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(object.bytes.subarray(1000, 2000))).toBe(
      true,
    );
    expect((await fetch(href, { headers: { range: "bytes=300000-" } })).status).toBe(416);
    expect((await fetch(href, { method: "HEAD" })).headers.get("content-length")).toBe("300000");
  });

  it("stores nothing that is not what was announced", async () => {
    const id = await newRepo();
    const object = sample(50_000);
    const href = await uploadHref(id, object);
    const wrong = Uint8Array.from(object.bytes);
    wrong[0] = (wrong[0] ?? 0) ^ 1;
    const stream = (bytes: Uint8Array) => new Blob([Uint8Array.from(bytes)]).stream();
    for (const body of [
      wrong,
      object.bytes.subarray(1),
      Buffer.concat([object.bytes, Buffer.of(1)]),
      new Uint8Array(),
      stream(wrong),
      stream(object.bytes.subarray(1)),
      stream(Buffer.concat([object.bytes, Buffer.of(1)])),
    ]) {
      const response = await send(href, body);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ message: expect.any(String) });
    }
    expect(await hub.context.blobs.size(`lfs/${object.oid}`)).toBeUndefined();
    expect(await readdir(join(hub.context.config.dataDir, "blobs", "incoming"))).toEqual([]);
    expect((await send(href, stream(object.bytes))).status).toBe(200);
  });

  it("stores nothing of an upload that is broken off", async () => {
    const id = await newRepo();
    const object = sample(5_000_000);
    const href = await uploadHref(id, object);
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        controller.enqueue(object.bytes.subarray(0, 100_000));
        await new Promise((resolve) => setTimeout(resolve, 50));
        stop.abort();
      },
    });
    const sent = fetch(href, {
      method: "PUT",
      body,
      duplex: "half",
      signal: stop.signal,
    } as RequestInit);
    await expect(sent).rejects.toThrow();
    const incoming = join(hub.context.config.dataDir, "blobs", "incoming");
    await expect.poll(() => readdir(incoming)).toEqual([]);
    expect(await hub.context.blobs.size(`lfs/${object.oid}`)).toBeUndefined();
    expect((await send(href, object.bytes)).status).toBe(200);
  });

  it("refuses addresses that are forged, for something else, or out of date", async () => {
    const id = await newRepo();
    const [object, other] = [sample(10), sample(10)];
    const href = await uploadHref(id, object);
    const token = new URL(href).searchParams.get("token") ?? "";
    const at = (oid: string, secret: string) => `${hub.url}/api/lfs/objects/${oid}?token=${secret}`;
    const forged = Buffer.from(
      Buffer.from(token.split(".")[0] ?? "", "base64url")
        .toString()
        .replace(object.oid, other.oid),
    ).toString("base64url");
    for (const address of [
      at(object.oid, ""),
      at(object.oid, "x.y"),
      at(other.oid, token),
      at(other.oid, `${forged}.${token.split(".")[1]}`),
      `${at(object.oid, token).slice(0, -2)}`,
    ]) {
      expect((await send(address, object.bytes)).status, address).toBe(403);
    }
    expect((await fetch(at(object.oid, token))).status).toBe(403);
  });

  it("does not let a hash read another repository's content", async () => {
    const [secret, mine] = [await newRepo({ private: true }), await newRepo()];
    const object = sample(20_000);
    await send(await uploadHref(secret, object), object.bytes);
    expect(await download(mine, object)).toMatchObject({ error: { code: 404 } });
    // The one who has it must show it, though it is stored.
    const href = await uploadHref(mine, object);
    expect(href).not.toBe("");
    expect((await send(href, randomBytes(20_000))).status).toBe(422);
    expect(await download(mine, object)).toMatchObject({ error: { code: 404 } });
    expect((await send(href, object.bytes)).status).toBe(200);
    expect((await download(mine, object))?.actions?.download).toBeDefined();
    for (const token of [hub.strangerToken, ""]) {
      const asked = await batch(secret, { operation: "download", objects: [] }, token);
      expect(asked.status).toBe(token ? 404 : 401);
    }
  });

  it("answers bad input with its own status, for the call or for the object", async () => {
    const id = await newRepo();
    const objects = [{ oid: "ab".repeat(32), size: 1 }];
    const status = async (body: Record<string, unknown>, token?: string) =>
      (await batch(id, body, token)).status;
    expect(await status({ operation: "erase", objects })).toBe(400);
    expect(await status({ operation: "upload", objects: "x" })).toBe(400);
    expect(await status({ operation: "upload", objects, hash_algo: "md5" })).toBe(409);
    expect(await status({ operation: "upload", objects: Array(1001).fill(objects[0]) })).toBe(413);
    expect(await status({ operation: "upload", objects }, hub.readToken)).toBe(403);
    expect(await status({ operation: "upload", objects }, hub.strangerToken)).toBe(403);
    const stranger = await batch(id, { operation: "upload", objects }, "");
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get("lfs-authenticate")).toBe('Basic realm="Git LFS"');
    const { reply } = await batch(id, {
      operation: "upload",
      objects: [
        { oid: "../../etc/passwd", size: 1 },
        { oid: "AB".repeat(32), size: 1 },
        { oid: "ab".repeat(32), size: -1 },
        { oid: "ab".repeat(32), size: 1.5 },
        { oid: "ab".repeat(32), size: 1e300 },
      ],
    });
    expect(reply.objects.map(({ error }) => error?.code)).toEqual([422, 422, 422, 422, 422]);
    const broken = await fetch(`${hub.url}/${id}/info/lfs/objects/batch`, {
      method: "POST",
      body: "{",
      headers: { authorization: `Bearer ${hub.token}` },
    });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ message: expect.stringContaining("JSON") });
    const locks = await fetch(`${hub.url}/${id}.git/info/lfs/locks/verify`, { method: "POST" });
    expect(locks.status).toBe(404);
  });
});

describe("LFS multipart transfer", () => {
  it("takes parts in any order, twice if need be, and verifies the whole", async () => {
    const id = await newRepo();
    const object = sample(3 * PART_BYTES - 1);
    const asked = {
      operation: "upload",
      transfers: ["basic", "multipart"],
      objects: [{ oid: object.oid, size: object.size }],
    };
    expect((await batch(id, { ...asked, transfers: ["basic"] })).reply.transfer).toBe("basic");
    const { reply } = await batch(id, asked);
    expect(reply.transfer).toBe("multipart");
    const { chunk_size, ...hrefs } = reply.objects[0]?.actions?.upload?.header ?? {};
    expect(Object.keys(hrefs)).toEqual(["00001", "00002", "00003"]);
    expect(Number(chunk_size)).toBe(PART_BYTES);
    const complete = (parts: readonly unknown[]) =>
      fetch(reply.objects[0]?.actions?.upload?.href ?? "", {
        method: "POST",
        body: JSON.stringify({ oid: object.oid, parts }),
      });
    const slice = (part: number) =>
      object.bytes.subarray((part - 1) * PART_BYTES, part * PART_BYTES);
    const etags = new Map<number, string>();
    const write = async (part: number, bytes: Uint8Array) => {
      const response = await send(hrefs[String(part).padStart(5, "0")] ?? "", bytes);
      etags.set(part, response.headers.get("etag") ?? "");
      return response.status;
    };
    const list = () => [1, 2, 3].map((partNumber) => ({ partNumber, etag: etags.get(partNumber) }));
    expect(await write(3, slice(3))).toBe(200);
    expect(await write(1, randomBytes(PART_BYTES))).toBe(200);
    expect(await write(2, slice(2).subarray(1))).toBe(422);
    expect((await complete(list())).status).toBe(400);
    expect(await write(2, slice(2))).toBe(200);
    expect((await complete(list().slice(1))).status).toBe(400);
    expect((await complete(list())).status).toBe(422);
    expect(await hub.context.blobs.size(`lfs/${object.oid}`)).toBeUndefined();
    expect(await write(1, slice(1))).toBe(200);
    expect(etags.get(1)).toMatch(/^".+"$/);
    expect((await complete(list())).status).toBe(200);
    expect((await complete(list())).status).toBe(200);
    const href = (await download(id, object))?.actions?.download?.href ?? "";
    expect(Buffer.from(await (await fetch(href)).arrayBuffer()).equals(object.bytes)).toBe(true);
  });
});

const lfs = spawnSync("git", ["lfs", "version"], { encoding: "utf8" });
const hasLfs = lfs.status === 0;

describe.skipIf(!hasLfs)(`git-lfs (${hasLfs ? lfs.stdout.split(" ")[0] : "not installed"})`, () => {
  it("pushes and pulls, and refuses a push whose content was not sent", {
    timeout: 30_000,
  }, async () => {
    const id = await newRepo();
    const name = id.slice(4);
    await hub.git("", "clone", "--quiet", hub.remote(id), name);
    await hub.git(name, "lfs", "install", "--local");
    await hub.git(name, "lfs", "track", "*.weights");
    const object = sample(11 * 1024 * 1024);
    await writeFile(join(hub.directory, name, "model.weights"), object.bytes);
    await hub.git(name, "add", "--all");
    await hub.git(name, "commit", "--quiet", "-m", "Weights");
    const withoutContent = await hub.tryGit(name, "push", "--no-verify", "origin", "main");
    expect(withoutContent.code).not.toBe(0);
    expect(withoutContent.stderr).toContain(`model.weights (sha256 ${object.oid})`);
    const started = performance.now();
    await hub.git(name, "push", "--quiet", "origin", "main");
    const pushed = performance.now();
    await hub.git(
      "",
      "-c",
      "filter.lfs.smudge=",
      "-c",
      "filter.lfs.required=false",
      "clone",
      "--quiet",
      hub.remote(id),
      `${name}-again`,
    );
    const file = join(hub.directory, `${name}-again`, "model.weights");
    expect((await readFile(file, "utf8")).slice(0, 7)).toBe("version");
    await hub.git(`${name}-again`, "lfs", "install", "--local");
    await hub.git(`${name}-again`, "lfs", "pull");
    console.info(
      `git lfs push of 11 MiB: ${Math.round(pushed - started)} ms, ` +
        `clone and pull: ${Math.round(performance.now() - pushed)} ms`,
    );
    expect((await readFile(file)).equals(object.bytes)).toBe(true);
    const { git } = await hub.context.services.repositories.open(hub.ada, { type: "model", id });
    const [entry] = await git.entries((await git.resolve("main")) ?? "", ["model.weights"]);
    expect(entry).toMatchObject({ size: object.size, lfs: { oid: object.oid } });
  });
});
