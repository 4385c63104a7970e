import { mapConcurrent, type RunOptions } from "@bearhug/core";
import { fileSystem } from "#platform";
import type { Connection } from "../connection.ts";
import { UnsupportedPlatformError } from "../errors.ts";
import { type PathFilter, pathMatcher } from "../patterns.ts";
import type { FileSystem } from "../platform/platform.ts";
import { parseRepoId, type Repo, type RepoId } from "../repo-id.ts";
import {
  type CommitInfo,
  type Content,
  type FileToUpload,
  gitBlobId,
  sendCommit,
  storeFiles,
  toBlob,
} from "./commit.ts";
import type { CommitPart } from "./commit-lines.ts";
import { listFiles } from "./list-files.ts";
import { type Preuploaded, preupload } from "./preupload.ts";
import { repoInfo } from "./repo-info.ts";

/** A folder's path, or files from anywhere, such as those dropped on a page. */
export type FolderSource =
  | string
  | Iterable<{ readonly path: string; readonly content: Content }>
  | AsyncIterable<{ readonly path: string; readonly content: Content }>;

export interface UploadFolder extends PathFilter {
  /** First line of the commit's message. Default "Upload folder". */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Folder of the repository to upload into. Default its root. */
  readonly pathInRepo?: string | undefined;
  /** Deletes files of the repository that match, unless they are uploaded. */
  readonly deletePatterns?: string | readonly string[] | undefined;
  /** Fails with a {@link ConflictError} when the branch's head is another commit. */
  readonly parentCommit?: string | undefined;
}

export interface UploadFolderOptions extends UploadFolder, RunOptions {}

/** What never belongs into a repository: Git's own folder, and notes of downloads. */
const NEVER = /(?:^|\/)(?:\.git|\.cache\/huggingface)(?:\/|$)/;

/** Largest content inside one commit, and most changes in one; more becomes several commits. */
const COMMIT_BYTES = 100e6;
const COMMIT_ITEMS = 1000;

/**
 * Uploads a folder's files, except those that a `.gitignore` names and those that the repository has already.
 * Nothing changed: no commit is made, and the head is returned. A huge folder becomes several commits.
 *
 * @throws {UnsupportedPlatformError} for a path where there is no file system.
 */
export async function uploadFolder(
  connection: Connection,
  { id, source }: { readonly id: RepoId; readonly source: FolderSource },
  options: UploadFolderOptions = {},
): Promise<CommitInfo> {
  const repo = parseRepoId(id);
  const files = await collect(source, options);
  const target = { repo, createPullRequest: false };
  const gitIgnore = await files.find(({ path }) => path === ".gitignore")?.content.text();
  const modes = await preupload(connection, { ...target, files, gitIgnore }, options);
  const wanted = files.filter(({ path }) => !modes.get(path)?.shouldIgnore);
  const changed = await changedFiles(wanted, modes, options);
  const stored = await storeFiles(connection, { ...target, files: changed, modes }, options);
  const parts = changed.flatMap(({ path }) => unchangedLarge(stored.get(path), modes));
  parts.push(...(await deletions(connection, { repo, uploaded: wanted }, options)));
  return commitAll(connection, { repo, parts }, options);
}

async function collect(
  source: FolderSource,
  { pathInRepo = "", ...filter }: UploadFolderOptions,
): Promise<readonly FileToUpload[]> {
  const prefix = pathInRepo.replace(/^\/+|\/+$/g, "");
  const matches = pathMatcher(filter);
  const files: FileToUpload[] = [];
  for await (const file of typeof source === "string" ? walk(source) : source) {
    const { path } = file;
    if (NEVER.test(path) || !matches(path)) continue;
    const content = toBlob(
      typeof file.content === "function" ? await file.content() : file.content,
    );
    files.push({ path: prefix ? `${prefix}/${path}` : path, content });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function* walk(
  folder: string,
): AsyncGenerator<{ readonly path: string; readonly content: () => Promise<Blob> }> {
  if (!fileSystem) throw new UnsupportedPlatformError("uploadFolder() of a path");
  const root = folder.replace(/(?<=.)\/+$/, "");
  const found = await fileSystem.status(root);
  if (!found) throw new RangeError(`Cannot upload "${folder}": there is no such file or folder`);
  if (found.type === "file") {
    const files = fileSystem;
    yield { path: root.slice(root.lastIndexOf("/") + 1), content: () => files.openBlob(root) };
    return;
  }
  yield* walkFolder(fileSystem, root, "");
}

async function* walkFolder(
  files: FileSystem,
  root: string,
  below: string,
): AsyncGenerator<{ readonly path: string; readonly content: () => Promise<Blob> }> {
  for (const { name } of await files.list(`${root}/${below}`)) {
    const path = below + name;
    const found = await files.status(`${root}/${path}`);
    if (NEVER.test(path) || !found) continue;
    if (found.type === "folder") yield* walkFolder(files, root, `${path}/`);
    else yield { path, content: () => files.openBlob(`${root}/${path}`) };
  }
}

/** Without the small files that the repository has; large ones are compared when they are hashed. */
async function changedFiles(
  files: readonly FileToUpload[],
  modes: ReadonlyMap<string, Preuploaded>,
  { signal }: RunOptions,
): Promise<readonly FileToUpload[]> {
  const changed = await mapConcurrent(
    files,
    async ({ path, content }) => {
      const known = modes.get(path);
      if (!known?.oid || (known.mode === "lfs" && content.size > 0)) return true;
      return (await gitBlobId(content, signal)) !== known.oid;
    },
    { limit: 4, signal },
  );
  return files.filter((_, index) => changed[index]);
}

function unchangedLarge(
  part: CommitPart | undefined,
  modes: ReadonlyMap<string, Preuploaded>,
): readonly CommitPart[] {
  if (!part) return [];
  return part.type === "lfs" && modes.get(part.path)?.oid === part.sha256 ? [] : [part];
}

async function deletions(
  connection: Connection,
  { repo, uploaded }: { readonly repo: Repo; readonly uploaded: readonly FileToUpload[] },
  { deletePatterns, pathInRepo = "", signal }: UploadFolderOptions,
): Promise<readonly CommitPart[]> {
  if (deletePatterns === undefined) return [];
  const matches = pathMatcher({ include: deletePatterns });
  const prefix = pathInRepo ? `${pathInRepo.replace(/^\/+|\/+$/g, "")}/` : "";
  const kept = new Set(uploaded.map(({ path }) => path));
  const parts: CommitPart[] = [];
  for await (const { type, path } of listFiles(connection, repo, { recursive: true, signal })) {
    const inside = type === "file" && path.startsWith(prefix) && path !== ".gitattributes";
    if (inside && !kept.has(path) && matches(path.slice(prefix.length))) {
      parts.push({ type: "delete-file", path });
    }
  }
  return parts;
}

async function commitAll(
  connection: Connection,
  { repo, parts }: { readonly repo: Repo; readonly parts: readonly CommitPart[] },
  options: UploadFolderOptions,
): Promise<CommitInfo> {
  const { title = "Upload folder", description, signal } = options;
  if (parts.length === 0) return head(connection, repo, signal);
  const groups = inCommits(parts);
  let { parentCommit } = options;
  let made: CommitInfo | undefined;
  for (const [index, group] of groups.entries()) {
    signal?.throwIfAborted();
    const numbered = groups.length > 1 ? `${title} (${index + 1} of ${groups.length})` : title;
    const wanted = { title: numbered, description, parentCommit };
    made = await sendCommit(connection, { repo, wanted, parts: group }, options);
    parentCommit = parentCommit && made.oid;
  }
  return made ?? head(connection, repo, signal);
}

function inCommits(parts: readonly CommitPart[]): readonly (readonly CommitPart[])[] {
  const groups: CommitPart[][] = [[]];
  let bytes = 0;
  for (const part of parts) {
    const size = part.type === "file" ? part.content.size : 0;
    let group = groups.at(-1);
    if (
      !group ||
      group.length >= COMMIT_ITEMS ||
      (group.length > 0 && bytes + size > COMMIT_BYTES)
    ) {
      group = [];
      groups.push(group);
      bytes = 0;
    }
    group.push(part);
    bytes += size;
  }
  return groups;
}

async function head(
  connection: Connection,
  repo: Repo,
  signal: AbortSignal | undefined,
): Promise<CommitInfo> {
  const revision = repo.revision ?? "main";
  const { sha = "" } = await repoInfo(connection, { ...repo, revision }, { signal });
  const prefix = repo.type === "model" ? "" : `${repo.type}s/`;
  return { oid: sha, url: `${connection.endpoint}/${prefix}${repo.name}/commit/${sha}` };
}
