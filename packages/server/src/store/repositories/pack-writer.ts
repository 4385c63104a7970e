/** New objects: their ids, and a pack of them for `git index-pack`. */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { deflate, deflateSync } from "node:zlib";
import type { ObjectType } from "./cat-file.ts";

export interface NewObject {
  readonly type: ObjectType;
  readonly oid: string;
  readonly data: Uint8Array;
}

const TYPE_BITS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const CHUNK_BYTES = 64 * 1024;
/** Small objects between two turns of the event loop, twice. */
const CHUNK_PARTS = 256;
const SMALL_BYTES = 4096;
/** Below this a thread costs more than the work. */
const SYNC_BYTES = 32 * 1024;
const FAST_BYTES = 256 * 1024;

export function newObject(type: ObjectType, data: Uint8Array): NewObject {
  const hash = createHash("sha1").update(`${type} ${data.length}\0`).update(data);
  return { type, data, oid: hash.digest("hex") };
}

/** A version-2 pack without deltas. Source: Git's `gitformat-pack`. */
export async function* packObjects(objects: readonly NewObject[]): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha1");
  const header = Buffer.alloc(12);
  header.write("PACK", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  let parts: Buffer[] = [header];
  let size = header.length;
  for (const object of objects) {
    const data = await compress(object.data);
    parts.push(objectHeader(object), data);
    size += data.length;
    if (size < CHUNK_BYTES && parts.length < CHUNK_PARTS) continue;
    const chunk = Buffer.concat(parts);
    hash.update(chunk);
    yield chunk;
    await setImmediate();
    parts = [];
    size = 0;
  }
  const last = Buffer.concat(parts);
  yield Buffer.concat([last, hash.update(last).digest()]);
}

/** Type and size: four bits of size in the first byte, seven in each that follows. */
function objectHeader({ type, data }: NewObject): Buffer {
  const bytes: number[] = [];
  let byte = (TYPE_BITS[type] << 4) | (data.length & 15);
  for (let size = Math.floor(data.length / 16); size > 0; size = Math.floor(size / 128)) {
    bytes.push(byte | 128);
    byte = size & 127;
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}

async function compress(data: Uint8Array): Promise<Buffer> {
  // A small window: setting up a large one takes longer than compressing.
  if (data.length < SMALL_BYTES) return deflateSync(data, { windowBits: 12, memLevel: 5 });
  if (data.length < SYNC_BYTES) return deflateSync(data);
  return promisify<Uint8Array, { level: number }, Buffer>(deflate)(data, {
    level: data.length < FAST_BYTES ? 6 : 1,
  });
}
