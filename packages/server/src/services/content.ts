import type { BlobStore } from "../store/blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import { fileBytes } from "../xet/file-content.ts";
import { createXetStorage, type XetStorage } from "../xet/storage.ts";
import type { ContentService } from "./services.ts";

export interface ContentServiceOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
}

/** Content in Git, in LFS objects, and in Xet chunks, which are put together as they are read. */
export function createContentService({ database, blobs }: ContentServiceOptions): ContentService {
  const storage = createXetStorage({ database, blobs });
  return {
    stream(repo, entry, range) {
      if (!entry.lfs) return repo.git.streamBlob(entry.oid, range);
      return large({ storage, blobs, sha256: entry.lfs.oid, range });
    },
    async statLfs(sha256) {
      const file = await storage.files.findBySha256(sha256);
      if (file) return { size: file.size, xetHash: file.hash };
      const size = await blobs.size(`lfs/${sha256}`);
      return size === undefined ? undefined : { size };
    },
    xetHashes: (sha256s) => storage.files.hashesOf(sha256s),
  };
}

async function* large(source: {
  readonly storage: XetStorage;
  readonly blobs: BlobStore;
  readonly sha256: string;
  readonly range: { readonly start: number; readonly end: number } | undefined;
}): AsyncGenerator<Uint8Array> {
  const { storage, blobs, sha256, range } = source;
  const file = await storage.files.findBySha256(sha256);
  if (!file) {
    yield* blobs.read(`lfs/${sha256}`, range);
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.size };
  const terms = await storage.files.terms(file.hash);
  const wanted = { start, end: Math.min(end, file.size) };
  yield* fileBytes(storage.xorbs, { terms, range: wanted });
}
