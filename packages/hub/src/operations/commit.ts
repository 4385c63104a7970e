import {
  optional,
  type ProgressEvent,
  parseObject,
  parseString,
  type RunOptions,
} from "@bearhug/core";
import { streamsRequests } from "#platform";
import type { Connection } from "../connection.ts";
import { EntryNotFoundError } from "../errors.ts";
import { checkRelative } from "../relative-path.ts";
import { parseRepoId, type Repo, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";
import { createGitBlobHash } from "../transfer/content-check.ts";
import { hashBlob } from "../transfer/stream.ts";
import { uploadLargeFiles } from "../transfer/upload-large-files.ts";
import { type CommitPart, commitLines } from "./commit-lines.ts";
import { downloadFile } from "./download-file.ts";
import { pathsInfo } from "./list-files.ts";
import { type Preuploaded, preupload } from "./preupload.ts";

/** Bytes of a file to upload. Text is stored as UTF-8. */
export type Content = Blob | Uint8Array | string;

export type CommitOperation =
  | { readonly type: "put"; readonly path: string; readonly content: Content }
  | { readonly type: "delete"; readonly path: string; readonly folder?: boolean | undefined }
  | {
      readonly type: "copy";
      readonly from: string;
      readonly path: string;
      /** Revision that `from` is read at. Default the one that is committed to. */
      readonly revision?: string | undefined;
    };

export interface Commit {
  /** First line of the commit's message. */
  readonly title: string;
  readonly description?: string | undefined;
  readonly operations: readonly CommitOperation[];
  /** Fails with a {@link ConflictError} when the branch's head is another commit. */
  readonly parentCommit?: string | undefined;
  /** Opens a pull request instead of committing to the branch. Default false. */
  readonly createPullRequest?: boolean | undefined;
}

export interface CommitInfo {
  /** The new head; the old one when nothing changed. */
  readonly oid: string;
  /** Page of the commit. */
  readonly url: string;
  readonly pullRequestUrl?: string | undefined;
}

/**
 * Progress of a commit or an upload. Phases: `"hash"` where a large file's hash has to be known before it travels,
 * `"upload"`, `"commit"`.
 */
export type UploadEvent = ProgressEvent;

/** A file that is to be uploaded. */
export interface FileToUpload {
  readonly path: string;
  readonly content: Blob;
}

/**
 * Makes one commit: files are uploaded first, large ones as Xet chunks or LFS objects, then all changes
 * appear at once.
 *
 * @throws {ConflictError} when somebody else committed meanwhile.
 */
export async function commit(
  connection: Connection,
  { id, commit: wanted }: { readonly id: RepoId; readonly commit: Commit },
  options: RunOptions = {},
): Promise<CommitInfo> {
  const repo = parseRepoId(id);
  const puts = wanted.operations.filter((operation) => operation.type === "put");
  for (const { path } of wanted.operations) checkRelative(path.replace(/\/$/, ""), "path");
  const files = puts.map(({ path, content }) => ({ path, content: toBlob(content) }));
  const target = { repo, createPullRequest: wanted.createPullRequest ?? false };
  const modes = await preupload(connection, { ...target, files }, options);
  const stored = await storeFiles(connection, { ...target, files, modes }, options);
  const parts = await changes(connection, { repo, wanted, stored }, options);
  return sendCommit(connection, { repo, wanted, parts }, options);
}

export function toBlob(content: Content): Blob {
  if (content instanceof Blob) return content;
  if (typeof content === "string") return new Blob([content]);
  // A view of shared memory has no place in a Blob: it is copied out.
  return new Blob([
    content.buffer instanceof ArrayBuffer ? (content as Uint8Array<ArrayBuffer>) : content.slice(),
  ]);
}

export interface UploadTarget {
  readonly repo: Repo;
  readonly createPullRequest: boolean;
}

interface FilesToStore extends UploadTarget {
  readonly files: readonly FileToUpload[];
  readonly modes: ReadonlyMap<string, Preuploaded>;
}

/** A line of the commit for each file; what is large has been stored by then. */
export async function storeFiles(
  connection: Connection,
  { repo, createPullRequest, files, modes }: FilesToStore,
  options: RunOptions,
): Promise<ReadonlyMap<string, CommitPart>> {
  const isLarge = ({ path, content }: FileToUpload) =>
    content.size > 0 && modes.get(path)?.mode === "lfs";
  const large = files
    .filter(isLarge)
    .map((file) => ({ ...file, current: modes.get(file.path)?.oid }));
  const target = { repo, createPullRequest, files: large };
  const hashes = await uploadLargeFiles(connection, target, options);
  const parts = new Map<string, CommitPart>();
  for (const { path, content } of files) {
    const sha256 = hashes.get(path);
    const isStored = sha256 !== undefined;
    parts.set(
      path,
      isStored
        ? { type: "lfs", path, sha256, size: content.size }
        : { type: "file", path, content },
    );
  }
  return parts;
}

/** Git's id of a small file, to compare with what the repository has. */
export async function gitBlobId(content: Blob, signal?: AbortSignal): Promise<string> {
  const hash = createGitBlobHash(content.size);
  await hashBlob(content, hash, { signal });
  return hash.digestHex();
}

interface ToChange {
  readonly repo: Repo;
  readonly wanted: Commit;
  readonly stored: ReadonlyMap<string, CommitPart>;
}

async function changes(
  connection: Connection,
  { repo, wanted, stored }: ToChange,
  { signal }: RunOptions,
): Promise<readonly CommitPart[]> {
  const parts: CommitPart[] = [];
  for (const operation of wanted.operations) {
    signal?.throwIfAborted();
    if (operation.type === "copy") {
      const source = { ...repo, revision: operation.revision ?? repo.revision };
      parts.push(await copied(connection, { source, operation }, { signal }));
    } else if (operation.type === "delete") {
      const folder = operation.folder ?? operation.path.endsWith("/");
      const path = operation.path.replace(/\/$/, "");
      parts.push({ type: folder ? "delete-folder" : "delete-file", path });
    } else {
      const part = stored.get(operation.path);
      if (part) parts.push(part);
    }
  }
  return parts;
}

/** The protocol has no copy: a large file is named again by its hash, a small one sent again. */
async function copied(
  connection: Connection,
  {
    source,
    operation,
  }: {
    readonly source: Repo;
    readonly operation: { readonly from: string; readonly path: string };
  },
  { signal }: RunOptions,
): Promise<CommitPart> {
  const { from, path } = operation;
  const [entry] = await pathsInfo(connection, { id: source, paths: [from] }, { signal });
  if (entry?.type !== "file") {
    const at = { repo: repoPath(source), path: from };
    throw new EntryNotFoundError(
      `Cannot copy "${from}" in "${at.repo}": the repository has no such file`,
      at,
    );
  }
  if (entry.lfs) return { type: "lfs", path, sha256: entry.lfs.sha256, size: entry.lfs.size };
  const content = await downloadFile(connection, { id: source, path: from }, { signal });
  return { type: "file", path, content };
}

/** Sends the commit itself. It is not tried again: a lost answer may mean a commit that was made. */
export async function sendCommit(
  connection: Connection,
  {
    repo,
    wanted,
    parts,
  }: {
    readonly repo: Repo;
    readonly wanted: Omit<Commit, "operations">;
    readonly parts: readonly CommitPart[];
  },
  { signal, onProgress }: RunOptions,
): Promise<CommitInfo> {
  const total = parts.length;
  onProgress?.({ phase: "commit", done: 0, total, unit: "items" });
  const lines = commitLines(wanted, parts);
  const reply = await requestJson(connection, {
    path: `${repoApiPath(repo)}/commit/${encodeURIComponent(repo.revision ?? "main")}`,
    method: "POST",
    action: `commit to "${repoPath(repo)}"`,
    query: { create_pr: wanted.createPullRequest ? 1 : undefined },
    headers: { "content-type": "application/x-ndjson" },
    body: isSmall(parts) || !streamsRequests ? await blobOf(lines) : streamOf(lines, signal),
    repo,
    signal,
  });
  onProgress?.({ phase: "commit", done: total, total, unit: "items" });
  const body = parseObject(reply, "reply");
  return {
    oid: parseString(body["commitOid"], "commitOid"),
    url: parseString(body["commitUrl"], "commitUrl"),
    pullRequestUrl: optional(body["pullRequestUrl"], "pullRequestUrl", parseString),
  };
}

/** A small body is sent whole: it can follow the redirect of a repository that has moved, a stream cannot. */
function isSmall(parts: readonly CommitPart[]): boolean {
  const bytes = parts.reduce(
    (sum, part) => sum + (part.type === "file" ? part.content.size : 0),
    0,
  );
  return bytes <= SMALL_COMMIT_BYTES;
}

const SMALL_COMMIT_BYTES = 4e6;

function streamOf(lines: AsyncGenerator<string>, signal?: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      signal?.throwIfAborted();
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return(undefined);
    },
  });
}

async function blobOf(lines: AsyncGenerator<string>): Promise<Blob> {
  const parts: Blob[] = [];
  // Each line becomes a Blob at once: browsers may keep those on disk.
  for await (const line of lines) parts.push(new Blob([line]));
  return new Blob(parts);
}
