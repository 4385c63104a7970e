/** What every blob store must do, as data: each implementation's test runs all of it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { toHex } from "@bearhug/core";
import type { BlobStore, ByteRange } from "./blob-store.ts";
import { BlobNotFoundError, IncompleteUploadError } from "./errors.ts";

export interface BlobStoreCase {
  readonly name: string;
  /** `store` is empty. */
  run(store: BlobStore): Promise<void>;
}

const KEY = `lfs/${"ab12".repeat(16)}`;
const OTHER = `lfs/${"cd34".repeat(16)}`;

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? new TextEncoder().encode(part) : part;
}

async function* failing(): AsyncIterable<Uint8Array> {
  yield new Uint8Array(100_000);
  throw new Error("the client went away");
}

async function bytes(store: BlobStore, key: string, range?: ByteRange): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(key, range)) parts.push(part);
  return Buffer.concat(parts);
}

async function text(store: BlobStore, key: string, range?: ByteRange): Promise<string> {
  return (await bytes(store, key, range)).toString();
}

async function keys(store: BlobStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list(prefix)) found.push(key);
  return found.sort();
}

const readsAndWrites: readonly BlobStoreCase[] = [
  {
    name: "gives back what was written",
    async run(store) {
      assert.equal(await store.size(KEY), undefined);
      assert.deepEqual(await store.write(KEY, chunks("hello ", "world")), { size: 11 });
      assert.equal(await store.size(KEY), 11);
      assert.equal(await text(store, KEY), "hello world");
    },
  },
  {
    name: "gives the same bytes with memory that is used again, while two more are asked for",
    async run(store) {
      const content = Buffer.alloc(3_000_000, "all work and no play ");
      await store.write(KEY, chunks(content.toString()));
      const whole: Buffer[] = [];
      const pieces = store.read(KEY, undefined, { reuse: true })[Symbol.asyncIterator]();
      const held: Uint8Array[] = [];
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
        held.push(next.value);
        const done = held.length > 2 ? held.shift() : undefined;
        if (done) whole.push(Buffer.from(done));
      }
      whole.push(...held.map((piece) => Buffer.from(piece)));
      assert.equal(Buffer.compare(Buffer.concat(whole), content), 0);
    },
  },
  {
    name: "keeps an empty blob",
    async run(store) {
      assert.deepEqual(await store.write(KEY, chunks()), { size: 0 });
      assert.equal(await store.size(KEY), 0);
      assert.equal(await text(store, KEY), "");
    },
  },
  {
    name: "keeps megabytes, in any range",
    async run(store) {
      const part = new Uint8Array(700_001).map((_, index) => (index * 31) >> 3);
      await store.write(KEY, chunks(part, part, part));
      const whole = Buffer.concat([part, part, part]);
      const hash = (data: Uint8Array) => toHex(createHash("sha256").update(data).digest());
      assert.equal(hash(await bytes(store, KEY)), hash(whole));
      for (const [start, end] of [
        [0, 1],
        [262_143, 262_145],
        [700_000, 1_400_003],
        [2_100_002, 2_100_003],
      ] as const) {
        assert.equal(
          hash(await bytes(store, KEY, { start, end })),
          hash(whole.subarray(start, end)),
        );
      }
    },
  },
  {
    name: "reads ranges: end exclusive, cut off at the blob's end",
    async run(store) {
      await store.write(KEY, chunks("0123456789"));
      assert.equal(await text(store, KEY, { start: 2, end: 5 }), "234");
      assert.equal(await text(store, KEY, { start: 8, end: 100 }), "89");
      assert.equal(await text(store, KEY, { start: 3, end: 3 }), "");
      assert.equal(await text(store, KEY, { start: 10, end: 20 }), "");
    },
  },
  {
    name: "says which key is missing",
    async run(store) {
      await assert.rejects(bytes(store, KEY), (error: unknown) => {
        return error instanceof BlobNotFoundError && error.key === KEY;
      });
    },
  },
  {
    name: "replaces a blob",
    async run(store) {
      await store.write(KEY, chunks("a long first value"));
      await store.write(KEY, chunks("second"));
      assert.equal(await text(store, KEY), "second");
    },
  },
  {
    name: "stores nothing when the body throws, and keeps the earlier value",
    async run(store) {
      await store.write(KEY, chunks("kept"));
      await assert.rejects(store.write(KEY, failing()), /client went away/);
      await assert.rejects(store.write(OTHER, failing()), /client went away/);
      assert.equal(await text(store, KEY), "kept");
      assert.equal(await store.size(OTHER), undefined);
      assert.deepEqual(await keys(store, ""), [KEY]);
    },
  },
  {
    name: "lets a reader finish what a writer replaces",
    async run(store) {
      const first = new Uint8Array(1_000_000).fill(1);
      await store.write(KEY, chunks(first));
      const reader = store.read(KEY)[Symbol.asyncIterator]();
      let seen = (await reader.next()).value.length;
      await store.write(KEY, chunks(new Uint8Array(10).fill(2)));
      for (let step = await reader.next(); !step.done; step = await reader.next()) {
        assert.ok(step.value.every((byte) => byte === 1));
        seen += step.value.length;
      }
      assert.equal(seen, 1_000_000);
    },
  },
  {
    name: "takes the same key from many writers",
    async run(store) {
      const same = Array.from({ length: 16 }, () => store.write(KEY, chunks("same", "value")));
      await Promise.all(same);
      assert.equal(await text(store, KEY), "samevalue");
    },
  },
  {
    name: "deletes, also what is not there",
    async run(store) {
      await store.write(KEY, chunks("x"));
      await store.delete(KEY);
      await store.delete(KEY);
      assert.equal(await store.size(KEY), undefined);
    },
  },
];

const listing: readonly BlobStoreCase[] = [
  {
    name: "lists by prefix, also in the middle of a segment",
    async run(store) {
      const all = [KEY, OTHER, "xorbs/default/abcdef", "xorbs/default/abcxyz", "shards/abcdef"];
      for (const key of all) await store.write(key, chunks(key));
      assert.deepEqual(await keys(store, ""), [...all].sort());
      assert.deepEqual(await keys(store, "lfs/"), [KEY, OTHER]);
      assert.deepEqual(await keys(store, "lfs/ab"), [KEY]);
      assert.deepEqual(await keys(store, "xorbs/def"), all.slice(2, 4));
      assert.deepEqual(await keys(store, "none/"), []);
    },
  },
  {
    name: "refuses keys that are not keys",
    async run(store) {
      const bad = ["", "a", "lfs", "/lfs/abcd", "lfs/../abcd", "lfs/..", "lfs//abcd", "lfs/a/abcd"];
      for (const key of [
        ...bad,
        "lfs/ab\0cd",
        "lfs/.abcd",
        "lfs\\abcd",
        "LFS/abcd",
        "../../abcd",
      ]) {
        await assert.rejects(store.size(key), RangeError, key);
        await assert.rejects(store.write(key, chunks("x")), RangeError, key);
        await assert.rejects(store.delete(key), RangeError, key);
        await assert.rejects(bytes(store, key), RangeError, key);
      }
      assert.deepEqual(await keys(store, ""), []);
    },
  },
];

const multipart: readonly BlobStoreCase[] = [
  {
    name: "joins parts in order, whatever the order of their arrival",
    async run(store) {
      const upload = store.multipart("upload-1");
      await Promise.all([
        upload.writePart(2, chunks("two")),
        upload.writePart(10, chunks("ten")),
        ...[1, 3, 4, 5, 6, 7, 8, 9].map((part) => upload.writePart(part, chunks(String(part)))),
      ]);
      assert.equal(await store.size(KEY), undefined);
      await store.completeMultipart({ uploadId: "upload-1", key: KEY, parts: 10 });
      assert.equal(await text(store, KEY), "1two3456789ten");
      assert.deepEqual(await keys(store, ""), [KEY]);
    },
  },
  {
    name: "gives a part an ETag of its content, and replaces a part written again",
    async run(store) {
      const upload = store.multipart("upload-2");
      const first = await upload.writePart(1, chunks("wrong"));
      const second = await store.multipart("upload-2").writePart(1, chunks("right"));
      assert.match(second, /^"[0-9a-f]+"$/);
      assert.notEqual(first, second);
      await store.completeMultipart({ uploadId: "upload-2", key: KEY, parts: 1 });
      assert.equal(await text(store, KEY), "right");
    },
  },
  {
    name: "shows the whole to `inspect`, which may refuse it and leave the parts",
    async run(store) {
      await store.multipart("upload-3").writePart(1, chunks("abc"));
      await store.multipart("upload-3").writePart(2, chunks("def"));
      let seen = "";
      const refuse = async function* (body: AsyncIterable<Uint8Array>) {
        for await (const chunk of body) {
          seen += Buffer.from(chunk).toString();
          yield chunk;
        }
        throw new Error("wrong hash");
      };
      const request = { uploadId: "upload-3", key: KEY, parts: 2 };
      await assert.rejects(store.completeMultipart({ ...request, inspect: refuse }), /wrong hash/);
      assert.equal(seen, "abcdef");
      assert.equal(await store.size(KEY), undefined);
      assert.deepEqual(await store.completeMultipart(request), { size: 6 });
    },
  },
  {
    name: "names the part that is missing",
    async run(store) {
      await store.multipart("upload-4").writePart(1, chunks("abc"));
      await store.multipart("upload-4").writePart(3, chunks("ghi"));
      await assert.rejects(
        store.completeMultipart({ uploadId: "upload-4", key: KEY, parts: 3 }),
        (error: unknown) => error instanceof IncompleteUploadError && error.missingPart === 2,
      );
      assert.equal(await store.size(KEY), undefined);
    },
  },
  {
    name: "refuses upload ids and part numbers that are none",
    async run(store) {
      for (const id of ["", "..", "a/b", "a.b", ".x"]) {
        assert.throws(() => store.multipart(id), RangeError, id);
      }
      for (const part of [0, -1, 1.5, 10_001, Number.NaN]) {
        await assert.rejects(store.multipart("upload-5").writePart(part, chunks("x")), RangeError);
      }
    },
  },
];

export const blobStoreCases: readonly BlobStoreCase[] = [
  ...readsAndWrites,
  ...listing,
  ...multipart,
];
