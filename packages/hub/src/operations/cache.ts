import { fileSystem } from "#platform";
import { type CachedRepo, type PrunedCache, pruneCache, scanCache } from "../cache/scan.ts";
import type { Connection } from "../connection.ts";
import { UnsupportedPlatformError } from "../errors.ts";

/** What the cache holds. */
export async function listCache({ cacheDir }: Connection): Promise<readonly CachedRepo[]> {
  if (!fileSystem || !cacheDir) throw new UnsupportedPlatformError("listCache()");
  return scanCache(fileSystem, cacheDir);
}

/** Takes out of the cache what no branch or tag points to any more. */
export async function prune({ cacheDir }: Connection): Promise<PrunedCache> {
  if (!fileSystem || !cacheDir) throw new UnsupportedPlatformError("pruneCache()");
  return pruneCache(fileSystem, cacheDir);
}
