import type { ProgressEvent } from "@bearhug/core";
import {
  blobPath,
  cachedCommit,
  cachedFile,
  isCommit,
  isMarkedAbsent,
  linkIntoSnapshot,
  markAbsent,
  markAsCache,
  openRepoCache,
  type RepoCache,
  rememberCommit,
  snapshotPath,
} from "../cache/repo-cache.ts";
import { readTree } from "../cache/tree-cache.ts";
import type { Connection } from "../connection.ts";
import {
  AuthenticationError,
  EntryNotFoundError,
  GatedRepoError,
  HubApiError,
  HubConnectionError,
  LocalEntryNotFoundError,
  RepositoryNotFoundError,
} from "../errors.ts";
import { parseRepoId, type Repo, type RepoId, repoPath } from "../repo-id.ts";
import { downloadToPlace } from "../transfer/download.ts";
import { type RemoteFile, remoteFile } from "../transfer/remote-file.ts";

export interface DownloadToCacheOptions {
  /** Look in the cache only. Default false; always so in offline mode. */
  readonly localFilesOnly?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

/**
 * Downloads a file into the cache that is shared with Python, unless it is there, and gives its path.
 *
 * When the Hub cannot be reached, the version that was downloaded last serves.
 *
 * @throws {EntryNotFoundError} when the repository has no such file.
 * @throws {LocalEntryNotFoundError} when it is not in the cache and the Hub cannot be asked.
 */
export async function downloadToCache(
  connection: Connection,
  { id, path }: { readonly id: RepoId; readonly path: string },
  { localFilesOnly = connection.offline, signal, onProgress }: DownloadToCacheOptions = {},
): Promise<string> {
  const repo = parseRepoId(id);
  const cache = openRepoCache(connection, repo, "downloadToCache()");
  const revision = repo.revision ?? "main";
  if (localFilesOnly) return fromCache(cache, { repo, path });
  if (isCommit(revision)) {
    const found = await cachedFile(cache, { commit: revision, path });
    if (found) return found;
  }
  snapshotPath(cache, { commit: revision, path });
  const file = await remoteOrCached(connection, { cache, repo, path, signal });
  if (typeof file === "string") return file;
  const place = await storeInCache(connection, { cache, file }, { signal, onProgress });
  await rememberCommit(cache, revision, file.commit);
  return place;
}

/** Brings one file of one commit into its snapshot; downloads only content that no snapshot has. */
export async function storeInCache(
  connection: Connection,
  { cache, file }: { readonly cache: RepoCache; readonly file: RemoteFile },
  options: DownloadToCacheOptions,
): Promise<string> {
  const { commit, path, etag } = file;
  const found = await cachedFile(cache, { commit, path });
  if (found) return found;
  const place = blobPath(cache, etag);
  if (!(await cache.files.status(place))) {
    await markAsCache(cache);
    let done = 0;
    const onBytes = (count: number) => {
      done += count;
      options.onProgress?.({ phase: "download", done, total: file.size, unit: "bytes", path });
    };
    const target = { file, files: cache.files, place };
    await downloadToPlace(connection, target, { signal: options.signal, onBytes });
  }
  return linkIntoSnapshot(cache, { commit, path, etag });
}

interface Wanted {
  readonly cache: RepoCache;
  readonly repo: Repo;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}

async function remoteOrCached(
  connection: Connection,
  { cache, repo, path, signal }: Wanted,
): Promise<RemoteFile | string> {
  try {
    return await remoteFile(connection, { repo, path }, { signal });
  } catch (error) {
    const commit = error instanceof EntryNotFoundError ? error.request?.commit : undefined;
    if (commit && isCommit(commit)) await rememberAbsent(cache, { repo, path, commit });
    if (!cacheMayServe(error)) throw error;
    const commitInCache = await cachedCommit(cache, repo.revision ?? "main");
    const found = commitInCache && (await cachedFile(cache, { commit: commitInCache, path }));
    if (found) return found;
  }
  return remoteFile(connection, { repo, path }, { signal, retry: true });
}

async function rememberAbsent(
  cache: RepoCache,
  { repo, path, commit }: { readonly repo: Repo; readonly path: string; readonly commit: string },
): Promise<void> {
  await markAbsent(cache, { commit, path });
  await rememberCommit(cache, repo.revision ?? "main", commit);
}

/** The Hub is away, or does not show the repository to this token any more. */
export function cacheMayServe(error: unknown): boolean {
  return (
    error instanceof HubConnectionError ||
    error instanceof RepositoryNotFoundError ||
    error instanceof GatedRepoError ||
    error instanceof AuthenticationError ||
    (error instanceof HubApiError && (error.status >= 500 || error.status === 429))
  );
}

async function fromCache(
  cache: RepoCache,
  { repo, path }: { readonly repo: Repo; readonly path: string },
): Promise<string> {
  const revision = repo.revision ?? "main";
  const commit = await cachedCommit(cache, revision);
  const found = commit && (await cachedFile(cache, { commit, path }));
  if (found) return found;
  const at = { repo: repoPath(repo), path };
  const subject = `"${path}" of "${at.repo}" at "${revision}"`;
  if (commit && (await isKnownAbsent(cache, { commit, path }))) {
    throw new EntryNotFoundError(`Cannot find ${subject}: the repository has no such file`, at);
  }
  throw new LocalEntryNotFoundError(
    `Cannot find ${subject} in the cache, and the network may not be used`,
    at,
  );
}

async function isKnownAbsent(
  cache: RepoCache,
  { commit, path }: { readonly commit: string; readonly path: string },
): Promise<boolean> {
  if (await isMarkedAbsent(cache, { commit, path })) return true;
  const tree = await readTree(cache, commit);
  return tree !== undefined && !tree.some((file) => file.path === path);
}
