import { mapConcurrent, type ProgressEvent } from "@bearhug/core";
import {
  cachedCommit,
  isCommit,
  markAsCache,
  openRepoCache,
  type RepoCache,
  rememberCommit,
  snapshotFolder,
} from "../cache/repo-cache.ts";
import { readTree, type TreeFile, writeTree } from "../cache/tree-cache.ts";
import type { Connection } from "../connection.ts";
import { LocalEntryNotFoundError } from "../errors.ts";
import { type PathFilter, pathMatcher } from "../patterns.ts";
import { checkRelative } from "../relative-path.ts";
import { parseRepoId, type Repo, type RepoId, repoPath } from "../repo-id.ts";
import type { RemoteFile } from "../transfer/remote-file.ts";
import { cacheMayServe, storeInCache } from "./download-to-cache.ts";
import { listFiles } from "./list-files.ts";
import { repoInfo } from "./repo-info.ts";

export interface SnapshotOptions extends PathFilter {
  /** Look in the cache only. Default false; always so in offline mode. */
  readonly localFilesOnly?: boolean | undefined;
  /** Files downloaded at once. Default 8. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of all files together; `path` is the file that moved on. */
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

/**
 * Downloads a revision, or those of its files that match, into the cache that is shared with Python.
 *
 * @returns the folder that holds the files under their names.
 * @throws {LocalEntryNotFoundError} when the Hub cannot be asked and the cache has not all of them.
 */
export async function snapshot(
  connection: Connection,
  id: RepoId,
  options: SnapshotOptions = {},
): Promise<string> {
  const repo = parseRepoId(id);
  const cache = openRepoCache(connection, repo, "snapshot()");
  const { localFilesOnly = connection.offline, signal } = options;
  if (localFilesOnly) return fromCache(cache, repo, options);
  const found = await commitOrCached(connection, { cache, repo }, options);
  if (found.type === "folder") return found.folder;
  const { commit } = found;
  const tree =
    (await readTree(cache, commit)) ?? (await listTree(connection, repo, { commit, signal }));
  await markAsCache(cache);
  await writeTree(cache, commit, tree);
  await rememberCommit(cache, repo.revision ?? "main", commit);
  const matches = pathMatcher(options);
  const wanted = tree.filter((file) => matches(file.path));
  await storeAll(connection, { cache, repo, commit, wanted }, options);
  await cache.files.makeFolder(snapshotFolder(cache, commit));
  return snapshotFolder(cache, commit);
}

type Found =
  | { readonly type: "commit"; readonly commit: string }
  | { readonly type: "folder"; readonly folder: string };

async function commitOrCached(
  connection: Connection,
  { cache, repo }: { readonly cache: RepoCache; readonly repo: Repo },
  options: SnapshotOptions,
): Promise<Found> {
  if (repo.revision && isCommit(repo.revision)) return { type: "commit", commit: repo.revision };
  try {
    const { sha } = await repoInfo(
      connection,
      { ...repo, revision: repo.revision ?? "main" },
      { signal: options.signal },
    );
    if (sha && isCommit(sha)) return { type: "commit", commit: sha };
  } catch (error) {
    if (!cacheMayServe(error)) throw error;
    try {
      return { type: "folder", folder: await fromCache(cache, repo, options) };
    } catch {
      throw error;
    }
  }
  throw new LocalEntryNotFoundError(`Cannot download "${repoPath(repo)}": it has no commit yet`, {
    repo: repoPath(repo),
  });
}

async function listTree(
  connection: Connection,
  repo: Repo,
  { commit, signal }: { readonly commit: string; readonly signal: AbortSignal | undefined },
): Promise<readonly TreeFile[]> {
  const tree: TreeFile[] = [];
  const entries = listFiles(connection, { ...repo, revision: commit }, { recursive: true, signal });
  for await (const { type, path, size, oid, lfs, xetHash } of entries) {
    if (type !== "file") continue;
    checkRelative(path, "path");
    tree.push({ path, size, oid, sha256: lfs?.sha256, xetHash });
  }
  return tree;
}

interface Wanted {
  readonly cache: RepoCache;
  readonly repo: Repo;
  readonly commit: string;
  readonly wanted: readonly TreeFile[];
}

async function storeAll(
  connection: Connection,
  { cache, repo, commit, wanted }: Wanted,
  { concurrency = 8, signal, onProgress }: SnapshotOptions,
): Promise<void> {
  const total = wanted.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  const report = (path: string, count: number) => {
    done += count;
    onProgress?.({ phase: "download", done, total, unit: "bytes", path });
  };
  const storeGroup = async (group: readonly TreeFile[]): Promise<void> => {
    for (const { path, size, oid, sha256, xetHash } of group) {
      let ofFile = 0;
      const file: RemoteFile = { repo, path, commit, etag: sha256 ?? oid, size, xetHash };
      const onFile = (event: ProgressEvent) => {
        report(path, event.done - ofFile);
        ofFile = event.done;
      };
      await storeInCache(connection, { cache, file }, { signal, onProgress: onFile });
      report(path, size - ofFile);
    }
  };
  await mapConcurrent(groupByContent(wanted), storeGroup, { limit: concurrency, signal });
}

/** Files with the same content, one after the other: the first downloads it, the others link to it. */
function groupByContent(files: readonly TreeFile[]): Iterable<readonly TreeFile[]> {
  const groups = new Map<string, TreeFile[]>();
  for (const file of files) {
    const name = file.sha256 ?? file.oid;
    const group = groups.get(name);
    if (group) group.push(file);
    else groups.set(name, [file]);
  }
  return groups.values();
}

async function fromCache(cache: RepoCache, repo: Repo, filter: PathFilter): Promise<string> {
  const at = { repo: repoPath(repo) };
  const revision = repo.revision ?? "main";
  const commit = await cachedCommit(cache, revision);
  const folder = commit ? snapshotFolder(cache, commit) : undefined;
  if (!commit || !folder || !(await cache.files.status(folder))) {
    throw new LocalEntryNotFoundError(
      `Cannot find "${at.repo}" at "${revision}" in the cache, and the network may not be used`,
      at,
    );
  }
  const matches = pathMatcher(filter);
  const missing: string[] = [];
  for (const { path } of (await readTree(cache, commit)) ?? []) {
    if (matches(path) && !(await cache.files.status(`${folder}/${path}`))) missing.push(path);
  }
  if (missing.length > 0) {
    throw new LocalEntryNotFoundError(
      `Cannot find all of "${at.repo}" at "${revision}" in the cache: ${missing.length} files are missing, among them "${missing[0]}"`,
      { ...at, path: missing[0] },
    );
  }
  return folder;
}
