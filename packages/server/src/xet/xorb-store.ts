/** Xorbs in the blob store: `xorbs/<hash>` holds the chunk records, then the index. */
import { concatBytes } from "@bearhug/core";
import { CHUNK_HEADER_BYTES, XorbVerifier } from "@bearhug/xet";
import type { BlobStore, ByteRange } from "../store/blobs/blob-store.ts";
import { Recent } from "./recent.ts";
import {
  INDEX_TRAILER_BYTES,
  indexBytes,
  parseIndex,
  serializeIndex,
  type XorbIndex,
} from "./xorb-index.ts";

/** How many chunks' index entries stay in memory: 48 bytes each. */
const CACHED_CHUNKS = 500_000;
/** The index of a usual xorb and its trailer, read at once. */
const TAIL_BYTES = 64 * 1024;

export interface XorbStore {
  has(hash: string): Promise<boolean>;
  /** `undefined` when there is no such xorb. */
  index(hash: string): Promise<XorbIndex | undefined>;
  /** Bytes of chunk records; `reuse` as in {@link BlobStore.read}. */
  read(
    hash: string,
    range: ByteRange,
    options?: { readonly reuse?: boolean | undefined },
  ): AsyncIterable<Uint8Array>;
  /**
   * Checks all of a xorb while it arrives and keeps it, unless it is there already.
   *
   * @throws {XorbFormatError} or {XetHashMismatchError}; nothing is kept then.
   */
  add(hash: string, body: AsyncIterable<Uint8Array>): Promise<{ readonly inserted: boolean }>;
}

export function createXorbStore(blobs: BlobStore): XorbStore {
  const indexes = new Recent<XorbIndex>(CACHED_CHUNKS);
  const arriving = new Map<string, Promise<unknown>>();
  const has = async (hash: string): Promise<boolean> =>
    (await blobs.size(keyOf(hash))) !== undefined;
  return {
    has,
    read: (hash, range, options) => blobs.read(keyOf(hash), range, options),
    async index(hash) {
      const cached = indexes.get(hash);
      if (cached) return cached;
      const index = await readIndex(blobs, keyOf(hash));
      if (index) indexes.set(hash, index, index.chunkCount);
      return index;
    },
    async add(hash, body) {
      // Two serializations of one xorb differ in their offsets: a stored one must never be replaced.
      while (arriving.has(hash)) await arriving.get(hash)?.catch(() => {});
      const adding = addXorb({ blobs, hash, body, isStored: has });
      arriving.set(hash, adding);
      try {
        return await adding;
      } finally {
        arriving.delete(hash);
      }
    },
  };
}

function keyOf(hash: string): string {
  return `xorbs/${hash}`;
}

async function addXorb(upload: {
  readonly blobs: BlobStore;
  readonly hash: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly isStored: (hash: string) => Promise<boolean>;
}): Promise<{ readonly inserted: boolean }> {
  const { blobs, hash, body, isStored } = upload;
  if (await isStored(hash)) {
    // The sender has to show all of it all the same: a name alone proves nothing.
    for await (const _ of checked(hash, body));
    return { inserted: false };
  }
  await blobs.write(keyOf(hash), checked(hash, body));
  return { inserted: true };
}

/** Passes on chunk records as they come, then the index, once all has been checked; a footer is left out. */
async function* checked(hash: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const verifier = new XorbVerifier();
  let passed = 0;
  // Fewer bytes than a chunk's header do not tell yet whether a chunk begins there or a footer.
  let undecided: Uint8Array = new Uint8Array(0);
  for await (const piece of body) {
    verifier.push(piece);
    const count = verifier.recordBytes - passed;
    passed += count;
    if (count === 0) {
      undecided = concatBytes([undecided, piece.subarray(0, CHUNK_HEADER_BYTES)]);
      continue;
    }
    if (undecided.length > 0) yield undecided;
    const end = count - undecided.length;
    yield piece.subarray(0, end);
    undecided = piece.slice(end, end + CHUNK_HEADER_BYTES);
  }
  verifier.finish(hash);
  yield serializeIndex(verifier.chunks);
}

async function readIndex(blobs: BlobStore, key: string): Promise<XorbIndex | undefined> {
  const size = await blobs.size(key);
  if (size === undefined) return undefined;
  const start = Math.max(0, size - TAIL_BYTES);
  let tail = await readAll(blobs.read(key, { start, end: size }));
  const length = indexBytes(tail.subarray(-INDEX_TRAILER_BYTES));
  if (length > tail.length) {
    tail = await readAll(blobs.read(key, { start: size - length, end: size }));
  }
  return parseIndex(tail.slice(tail.length - length));
}

/** All bytes of something known to be small. */
export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return concatBytes(parts);
}
