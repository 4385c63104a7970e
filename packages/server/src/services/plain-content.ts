import type { BlobStore } from "../store/blobs/blob-store.ts";
import type { ContentService } from "./services.ts";

/** Content in Git and in LFS objects. */
export function createPlainContentService(blobs: BlobStore): ContentService {
  return {
    stream: (repo, entry, range) =>
      entry.lfs ? blobs.read(`lfs/${entry.lfs.oid}`, range) : repo.git.streamBlob(entry.oid, range),
    async statLfs(sha256) {
      const size = await blobs.size(`lfs/${sha256}`);
      return size === undefined ? undefined : { size };
    },
    xetHashes: async () => new Map(),
  };
}
