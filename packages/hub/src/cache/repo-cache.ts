/**
 * One repository's folder in the cache, laid out as Python's huggingface_hub lays it out:
 * refs/<revision> holds a commit, blobs/<etag> content, snapshots/<commit>/<path> links to blobs,
 * .no_exist/<commit>/<path> marks what is known to be absent. Knows nothing of the network.
 */
import { fileSystem } from "#platform";
import type { Connection } from "../connection.ts";
import { UnsupportedPlatformError } from "../errors.ts";
import type { FileSystem } from "../platform/platform.ts";
import { checkRelative } from "../relative-path.ts";
import type { Repo } from "../repo-id.ts";

export interface RepoCache {
  readonly files: FileSystem;
  readonly cacheDir: string;
  readonly folder: string;
}

/** @throws {UnsupportedPlatformError} where there is no file system. */
export function openRepoCache(connection: Connection, repo: Repo, what: string): RepoCache {
  const { cacheDir } = connection;
  if (!fileSystem || !cacheDir) throw new UnsupportedPlatformError(what);
  return { files: fileSystem, cacheDir, folder: `${cacheDir}/${repoFolderName(repo)}` };
}

/** `"datasets--ada--reviews"`. */
export function repoFolderName({ type, name }: Repo): string {
  return [`${type}s`, ...name.split("/")].join("--");
}

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** The commit that a revision stood for when it was last looked up. */
export async function cachedCommit(
  { files, folder }: RepoCache,
  revision: string,
): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  checkRelative(revision, "revision");
  const text = (await files.readText(`${folder}/refs/${revision}`))?.trim();
  return text && isCommit(text) ? text : undefined;
}

/** Remembers what a branch or tag stands for. */
export async function rememberCommit(
  cache: RepoCache,
  revision: string,
  commit: string,
): Promise<void> {
  if (revision === commit || (await cachedCommit(cache, revision)) === commit) return;
  await cache.files.writeText(`${cache.folder}/refs/${revision}`, commit);
}

export function snapshotFolder({ folder }: RepoCache, commit: string): string {
  return `${folder}/snapshots/${commit}`;
}

/** Where a file of a snapshot stands, when its content is there. */
export async function cachedFile(
  cache: RepoCache,
  { commit, path }: { readonly commit: string; readonly path: string },
): Promise<string | undefined> {
  const place = snapshotPath(cache, { commit, path });
  return (await cache.files.status(place))?.type === "file" ? place : undefined;
}

export function snapshotPath(
  cache: RepoCache,
  { commit, path }: { readonly commit: string; readonly path: string },
): string {
  checkRelative(path, "path");
  return `${snapshotFolder(cache, commit)}/${path}`;
}

export function blobPath({ folder }: RepoCache, etag: string): string {
  if (!/^\w[\w.-]*$/.test(etag)) throw new TypeError(`etag must be a file name, got "${etag}"`);
  return `${folder}/blobs/${etag}`;
}

/** Puts a blob into a snapshot. */
export async function linkIntoSnapshot(
  cache: RepoCache,
  { commit, path, etag }: { readonly commit: string; readonly path: string; readonly etag: string },
): Promise<string> {
  if (!isCommit(commit))
    throw new TypeError(`commit must be 40 hexadecimal digits, got "${commit}"`);
  const place = snapshotPath(cache, { commit, path });
  await cache.files.link(blobPath(cache, etag), place);
  return place;
}

export async function markAbsent(
  { files, folder }: RepoCache,
  { commit, path }: { readonly commit: string; readonly path: string },
): Promise<void> {
  checkRelative(path, "path");
  const place = `${folder}/.no_exist/${commit}/${path}`;
  if (!(await files.status(place))) await files.writeText(place, "");
}

export async function isMarkedAbsent(
  { files, folder }: RepoCache,
  { commit, path }: { readonly commit: string; readonly path: string },
): Promise<boolean> {
  checkRelative(path, "path");
  return (await files.status(`${folder}/.no_exist/${commit}/${path}`)) !== undefined;
}

const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# This file marks a cache directory: backup tools may leave it out.
# See https://bford.info/cachedir/
`;

/** Tells backup tools that the folder can be downloaded again. */
export async function markAsCache({ files, cacheDir }: RepoCache): Promise<void> {
  const path = `${cacheDir}/CACHEDIR.TAG`;
  if (!(await files.status(path))) await files.writeText(path, TAG);
}
