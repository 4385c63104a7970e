import type { FileSystem } from "../platform/platform.ts";
import type { RepoType } from "../repo-id.ts";
import { isAbandonedPart } from "../transfer/partial-file.ts";

/** A snapshot in the cache. */
export interface CachedRevision {
  readonly commit: string;
  /** Branches and tags that pointed here when they were last looked up. */
  readonly refs: readonly string[];
  /** Bytes of its files, shared ones included. */
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly folder: string;
}

/** A repository in the cache. */
export interface CachedRepo {
  readonly type: RepoType;
  readonly name: string;
  readonly folder: string;
  /** Bytes on disk: each content once. */
  readonly sizeBytes: number;
  readonly lastModified: Date;
  readonly revisions: readonly CachedRevision[];
}

/** Everything that the cache holds, sorted by name. */
export async function scanCache(
  files: FileSystem,
  cacheDir: string,
): Promise<readonly CachedRepo[]> {
  const repos: CachedRepo[] = [];
  for (const { name, type } of await files.list(cacheDir)) {
    const parsed = type === "folder" ? parseFolderName(name) : undefined;
    if (parsed) repos.push(await scanRepo(files, { ...parsed, folder: `${cacheDir}/${name}` }));
  }
  return repos;
}

function parseFolderName(
  folder: string,
): { readonly type: RepoType; readonly name: string } | undefined {
  const [kind, ...parts] = folder.split("--");
  const type = (["model", "dataset", "space"] as const).find((known) => `${known}s` === kind);
  return type && parts.length > 0 ? { type, name: parts.join("/") } : undefined;
}

async function scanRepo(
  files: FileSystem,
  repo: { readonly type: RepoType; readonly name: string; readonly folder: string },
): Promise<CachedRepo> {
  const refs = await readRefs(files, `${repo.folder}/refs`);
  const revisions: CachedRevision[] = [];
  for (const { name: commit, type } of await files.list(`${repo.folder}/snapshots`)) {
    if (type !== "folder") continue;
    const folder = `${repo.folder}/snapshots/${commit}`;
    const { sizeBytes, fileCount } = await sizeOfFolder(files, folder);
    const names = refs.filter((ref) => ref.commit === commit).map((ref) => ref.name);
    revisions.push({ commit, refs: names, sizeBytes, fileCount, folder });
  }
  const blobs = await sizeOfFolder(files, `${repo.folder}/blobs`);
  const lastModified = blobs.modified ?? (await files.status(repo.folder))?.modified ?? new Date(0);
  return { ...repo, sizeBytes: blobs.sizeBytes, lastModified, revisions };
}

async function readRefs(
  files: FileSystem,
  folder: string,
  below = "",
): Promise<readonly { readonly name: string; readonly commit: string }[]> {
  const refs: { name: string; commit: string }[] = [];
  for (const item of await files.list(`${folder}/${below}`)) {
    const name = below + item.name;
    if (item.type === "folder") refs.push(...(await readRefs(files, folder, `${name}/`)));
    else refs.push({ name, commit: ((await files.readText(`${folder}/${name}`)) ?? "").trim() });
  }
  return refs;
}

interface FolderSize {
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly modified: Date | undefined;
}

async function sizeOfFolder(files: FileSystem, folder: string): Promise<FolderSize> {
  let [sizeBytes, fileCount] = [0, 0];
  let modified: Date | undefined;
  for (const { name } of await files.list(folder)) {
    const status = await files.status(`${folder}/${name}`);
    if (status?.type === "folder") {
      const below = await sizeOfFolder(files, `${folder}/${name}`);
      sizeBytes += below.sizeBytes;
      fileCount += below.fileCount;
    } else if (status) {
      sizeBytes += status.size;
      fileCount++;
      if (!modified || status.modified > modified) modified = status.modified;
    }
  }
  return { sizeBytes, fileCount, modified };
}

/** What pruning took away. */
export interface PrunedCache {
  readonly revisions: readonly { readonly name: string; readonly commit: string }[];
  /** Files of downloads that never ended. */
  readonly parts: number;
  readonly freedBytes: number;
}

/**
 * Removes snapshots that no branch or tag points to any more, content that only they used, and parts of
 * downloads that nobody continues.
 */
export async function pruneCache(files: FileSystem, cacheDir: string): Promise<PrunedCache> {
  const revisions: { name: string; commit: string }[] = [];
  let [parts, freedBytes] = [0, 0];
  for (const repo of await scanCache(files, cacheDir)) {
    const detached = repo.revisions.filter(({ refs }) => refs.length === 0);
    const before = repo.sizeBytes;
    parts += await removeParts(files, repo.folder);
    for (const { commit } of detached) {
      revisions.push({ name: repo.name, commit });
      await removeRevision(files, repo.folder, commit);
    }
    if (detached.length > 0) await removeUnused(files, repo.folder);
    freedBytes += before - (await sizeOfFolder(files, `${repo.folder}/blobs`)).sizeBytes;
    if (detached.length === repo.revisions.length && detached.length > 0) {
      await files.remove(repo.folder);
    }
  }
  return { revisions, parts, freedBytes };
}

async function removeParts(files: FileSystem, folder: string): Promise<number> {
  const abandoned = (await files.list(`${folder}/blobs`)).filter(({ name }) =>
    isAbandonedPart(name),
  );
  for (const { name } of abandoned) await files.remove(`${folder}/blobs/${name}`);
  return abandoned.length;
}

async function removeRevision(files: FileSystem, folder: string, commit: string): Promise<void> {
  await files.remove(`${folder}/snapshots/${commit}`);
  await files.remove(`${folder}/.no_exist/${commit}`);
  await files.remove(`${folder}/trees/${commit}.json`);
}

/** Blobs that no snapshot links to. Parts of downloads under way stay. */
async function removeUnused(files: FileSystem, folder: string): Promise<void> {
  const used = new Set<string>();
  for (const { name } of await files.list(`${folder}/snapshots`)) {
    await collectTargets(files, `${folder}/snapshots/${name}`, used);
  }
  for (const { name } of await files.list(`${folder}/blobs`)) {
    const path = `${folder}/blobs/${name}`;
    const target = await files.realPath(path);
    if (!name.endsWith(".incomplete") && target && !used.has(target)) await files.remove(path);
  }
}

async function collectTargets(files: FileSystem, folder: string, used: Set<string>): Promise<void> {
  for (const { name, type } of await files.list(folder)) {
    const path = `${folder}/${name}`;
    const target = await files.realPath(path);
    if (type === "folder") await collectTargets(files, path, used);
    else if (target) used.add(target);
  }
}
