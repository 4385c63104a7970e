import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fromBase64 } from "@bearhug/core";
import {
  chunkHash,
  EMPTY_HASH,
  fileHash,
  keyedHash,
  Shard,
  serializeShard,
  verificationHash,
} from "@bearhug/xet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { content } from "../../../../fixtures/xet/content.ts";
import { openXetHub, prepare, type XetTestHub } from "./xet-hub.case.ts";

const golden = JSON.parse(readFileSync("fixtures/xet/upload.json", "utf8"));
const weights = content({ kind: "weights", size: 700_000 });

let xetHub: XetTestHub;
beforeEach(async () => {
  xetHub = await openXetHub();
});
afterEach(() => xetHub[Symbol.asyncDispose]());

describe("upload and download", () => {
  test.each(["v1", "v2"] as const)(
    "a file goes in through %s shards and comes out in both ways",
    async (version) => {
      const xet = await xetHub.token(xetHub.ada, "ada/first");
      const file = prepare(weights);
      const lines = await xetHub.upload(xet, file, version);
      expect(lines.at(-1)).toEqual(
        version === "v1" ? { result: 1 } : { type: "result", result: 1 },
      );
      expect((await xetHub.download(xet, file.hash)).equals(weights)).toBe(true);
      expect(
        (await xetHub.commitLfs("w.bin", { sha256: file.sha256, size: weights.length })).status,
      ).toBe(200);
      await xetHub.hub.restart();
      const read = await xetHub.token(xetHub.ada, "ada/first", "read");
      expect((await xetHub.download(read, file.hash)).equals(weights)).toBe(true);
      const plain = await xetHub.send("GET /ada/first/resolve/main/w.bin", {
        token: xetHub.ada.token,
      });
      expect(plain.headers.get("X-Xet-Hash")).toBe(file.hash);
      expect(Buffer.from(await plain.arrayBuffer()).equals(weights)).toBe(true);
      const headers = { range: "bytes=123456-345678" };
      const part = await xetHub.send("GET /ada/first/resolve/main/w.bin", {
        token: xetHub.ada.token,
        headers,
      });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(weights.subarray(123456, 345679))).toBe(
        true,
      );
    },
  );

  test("what the reference client sent is accepted", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    await xetHub.post(`/v1/xorbs/default/${golden.xorbHash}`, xet, fromBase64(golden.xorb));
    const reply = await xetHub.post("/v2/shards", xet, fromBase64(golden.shard));
    expect((await reply.text()).trim().split("\n").at(-1)).toBe('{"type":"result","result":1}');
    for (const [index, recipes] of golden.input.entries()) {
      const bytes = Buffer.concat(recipes.map(content));
      expect((await xetHub.download(xet, golden.files[index])).equals(bytes)).toBe(true);
    }
  });

  test("ranges: whole chunks around them, clamped at the end, 416 past it", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    const cases = [
      [0, 0],
      [0, 8191],
      [100_000, 400_000],
      [699_999, 5_000_000],
      [650_000, 699_999],
    ];
    for (const [start, end] of cases) {
      const bytes = await xetHub.download(xet, file.hash, `bytes=${start}-${end}`);
      const wanted = weights.subarray(start, end + 1);
      expect(bytes.subarray(0, wanted.length).equals(wanted)).toBe(true);
      expect(bytes.length - wanted.length).toBeLessThan(131_072);
    }
    for (const range of ["bytes=700000-", "bytes=700000-800000"]) {
      const reply = await xetHub.send(`GET /cas/v2/reconstructions/${file.hash}`, {
        token: xet,
        headers: { range },
      });
      expect(reply.status).toBe(416);
    }
  });

  test("v1 recipes, batch recipes and sizes", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    const v1 = await (
      await xetHub.send(`GET /cas/v1/reconstructions/${file.hash}`, { token: xet })
    ).json();
    const [info] = v1.fetch_info[file.xorb.hash];
    expect(info.range).toEqual({ start: 0, end: file.xorb.chunks.length });
    expect(info.url_range).toEqual({ start: 0, end: file.xorb.bytes.length - 1 });
    const many = await xetHub.send(
      `GET /cas/v1/reconstructions?file_id=${file.hash}&file_id=${EMPTY_HASH}`,
      { token: xet },
    );
    expect(Object.keys((await many.json()).files)).toEqual([file.hash]);
    const body = JSON.stringify([{ prefix: "default", hash: file.hash }]);
    const posted = await xetHub.send("POST /cas/v1/reconstructions", { token: xet, body });
    expect((await posted.json()).files[file.hash]).toEqual(v1.terms);
    const size = await xetHub.send(`HEAD /cas/v1/files/${file.hash}`, { token: xet });
    expect(size.headers.get("Content-Length")).toBe("700000");
    const xorb = await xetHub.send(`HEAD /cas/v1/xorbs/default/${file.xorb.hash}`, { token: xet });
    expect(xorb.headers.get("Content-Length")).toBe(String(file.xorb.bytes.length));
  });

  test("an empty file has no terms", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const sha256 = createHash("sha256").digest("hex");
    const shard = serializeShard({
      files: [{ hash: EMPTY_HASH, terms: [], verification: [], sha256 }],
      xorbs: [],
    });
    expect((await xetHub.post("/v1/shards", xet, shard)).status).toBe(200);
    expect((await xetHub.download(xet, EMPTY_HASH)).length).toBe(0);
  });

  test("several ranges in one request give multipart/byteranges", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    const recipe = await (
      await xetHub.send(`GET /cas/v2/reconstructions/${file.hash}`, { token: xet })
    ).json();
    const [{ url }] = recipe.xorbs[file.xorb.hash];
    const reply = await xetHub.send(`GET ${url.replace("http://hub.test", "")}`, {
      headers: { range: "bytes=0-9, 100-199" },
    });
    expect(reply.headers.get("Content-Type")).toMatch(/^multipart\/byteranges; boundary=/);
    const body = Buffer.from(await reply.arrayBuffer());
    expect(body.length).toBe(Number(reply.headers.get("Content-Length")));
    expect(body.includes(Buffer.from(file.xorb.bytes.subarray(100, 200)))).toBe(true);
    expect(body.toString("latin1")).toContain(
      `Content-Range: bytes 100-199/${file.xorb.bytes.length}`,
    );
  });
});

describe("deduplication", () => {
  test("a query by the first chunk tells about the xorb, under a key", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    for (const prefix of ["default", "default-merkledb"]) {
      const reply = await xetHub.send(`GET /cas/v1/chunks/${prefix}/${file.xorb.chunks[0].hash}`, {
        token: xet,
      });
      const shard = Shard.parse(new Uint8Array(await reply.arrayBuffer()));
      const [xorb] = shard.xorbs();
      const key = shard.footer?.key;
      expect(xorb.chunks.map((chunk) => chunk.hash)).toEqual(
        file.xorb.chunks.map((chunk) => keyedHash(key!, chunk.hash)),
      );
    }
    const unknown = chunkHash(new Uint8Array(5));
    expect(
      (await xetHub.send(`GET /cas/v1/chunks/default/${unknown}`, { token: xet })).status,
    ).toBe(404);
  });

  test("a second file may use what is stored; sending a xorb again stores nothing", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    const again = await xetHub.post(`/v1/xorbs/default/${file.xorb.hash}`, xet, file.xorb.bytes);
    expect(await again.json()).toEqual({ was_inserted: false });
    expect(
      (await xetHub.post(`/v1/xorb-grants/default/${file.xorb.hash}`, xet, new Uint8Array(0)))
        .status,
    ).toBe(200);
    const [head, tail] = [file.xorb.chunks.slice(0, 2), file.xorb.chunks.slice(-1)];
    const at = file.xorb.chunks.length;
    const bytes = Buffer.concat([
      weights.subarray(0, head[0].size + head[1].size),
      weights.subarray(weights.length - tail[0].size),
    ]);
    const hash = fileHash([...head, ...tail]);
    const shard = serializeShard({
      files: [
        {
          hash,
          terms: [
            { xorb: file.xorb.hash, start: 0, end: 2, size: head[0].size + head[1].size },
            { xorb: file.xorb.hash, start: at - 1, end: at, size: tail[0].size },
          ],
          verification: [head, tail].map((chunks) =>
            verificationHash(chunks.map((chunk) => chunk.hash)),
          ),
          sha256: createHash("sha256").update(bytes).digest("hex"),
        },
      ],
      xorbs: [],
    });
    expect((await xetHub.post("/v1/shards", xet, shard)).status).toBe(200);
    expect((await xetHub.download(xet, hash)).equals(bytes)).toBe(true);
    const seam = head[0].size + head[1].size;
    const middle = await xetHub.download(xet, hash, `bytes=${seam - 10}-${seam + 9}`);
    expect(middle.subarray(0, 20).equals(bytes.subarray(seam - 10, seam + 10))).toBe(true);
  });
});

describe("refused", () => {
  test.each([
    ["a file whose SHA-256 is another", { sha256: "1".repeat(64) }],
    ["a wrong verification entry", { verification: "2".repeat(64) }],
  ])("%s", async (_, change) => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights, change);
    const lines = await xetHub.upload(xet, file);
    expect(lines.at(-1)).toMatchObject({ type: "error", retryable: false });
    expect((await xetHub.post("/v1/shards", xet, file.shard)).status).toBe(400);
    expect(
      (await xetHub.send(`GET /cas/v2/reconstructions/${file.hash}`, { token: xet })).status,
    ).toBe(404);
    const commit = await xetHub.commitLfs("w.bin", {
      sha256: file.sha256,
      size: weights.length,
    });
    expect(commit.status).toBeGreaterThanOrEqual(400);
  });

  test("xorbs under another name, broken, or with another prefix; nothing is stored", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const { xorb } = prepare(weights);
    const name = xorb.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    expect((await xetHub.post(`/v1/xorbs/default/${name}`, xet, xorb.bytes)).status).toBe(400);
    expect(
      (await xetHub.post(`/v1/xorbs/default/${xorb.hash}`, xet, xorb.bytes.subarray(0, -1))).status,
    ).toBe(400);
    expect((await xetHub.post(`/v1/xorbs/default/${xorb.hash}`, xet, weights)).status).toBe(400);
    expect((await xetHub.post(`/v1/xorbs/other/${xorb.hash}`, xet, xorb.bytes)).status).toBe(400);
    expect((await xetHub.post("/v1/xorbs/default/nonsense", xet, xorb.bytes)).status).toBe(400);
    const kept: string[] = [];
    for await (const key of xetHub.hub.server.context.blobs.list("xorbs/")) kept.push(key);
    expect(kept).toEqual([]);
  });

  test("shards that are none, that name unknown xorbs, or other sizes than are stored", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    for (const version of ["v1", "v2"]) {
      expect((await xetHub.post(`/${version}/shards`, xet, weights)).status).toBe(400);
    }
    expect((await xetHub.post("/v1/shards", xet, file.shard)).status).toBe(400);
    await xetHub.post(`/v1/xorbs/default/${file.xorb.hash}`, xet, file.xorb.bytes);
    const broken = (offset: number, value: number): Uint8Array => {
      const bytes = file.shard.slice();
      new DataView(bytes.buffer).setUint32(48 + 48 + offset, value, true);
      return bytes;
    };
    expect((await xetHub.post("/v1/shards", xet, broken(36, 5))).status).toBe(400);
    expect((await xetHub.post("/v1/shards", xet, broken(44, 5000))).status).toBe(400);
    expect((await xetHub.post("/v1/shards", xet, broken(44, 0))).status).toBe(400);
    expect((await xetHub.post("/v1/shards", xet, broken(44, 1))).status).toBe(400);
    expect((await xetHub.post("/v1/shards", xet, file.shard)).status).toBe(200);
  });

  test("no token, a Hub token, a changed token, a read token that writes", async () => {
    const { xorb } = prepare(weights);
    const path = `/v1/xorbs/default/${xorb.hash}`;
    expect((await xetHub.send(`POST /cas${path}`, { body: xorb.bytes })).status).toBe(401);
    expect((await xetHub.post(path, xetHub.ada.token, xorb.bytes)).status).toBe(401);
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    expect((await xetHub.post(path, `${xet}x`, xorb.bytes)).status).toBe(401);
    expect(
      (await xetHub.post(path, await xetHub.token(xetHub.ada, "ada/first", "read"), xorb.bytes))
        .status,
    ).toBe(403);
  });
});
