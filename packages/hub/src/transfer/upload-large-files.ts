import { mapConcurrent, type RunOptions } from "@bearhug/core";
import { createHash } from "#platform";
import type { Connection } from "../connection.ts";
import { HubApiError } from "../errors.ts";
import type { Repo } from "../repo-id.ts";
import { type LfsObject, type LfsTransfer, lfsBatch, uploadLfsObject } from "./lfs.ts";
import { hashBlob } from "./stream.ts";
import { uploadXet } from "./xet/upload.ts";
import { type XetAccess, xetToken } from "./xet-token.ts";

/** A file that is stored under the SHA-256 of its content. */
export interface LargeFile {
  readonly path: string;
  readonly content: Blob;
  /** Where it is known already. */
  readonly sha256?: string | undefined;
  /** SHA-256 of what the repository has at the path: the same content need not be sent. */
  readonly current?: string | undefined;
}

export interface LargeFiles {
  readonly repo: Repo;
  readonly createPullRequest: boolean;
  readonly files: readonly LargeFile[];
}

interface HashedFile extends LargeFile {
  readonly sha256: string;
}

const BATCH = 100;
const FILES_AT_ONCE = 4;

/**
 * Stores the content of large files: as Xet chunks where the Hub has them, else as whole LFS objects. Gives the
 * SHA-256 of each file by path.
 *
 * Progress: phase "hash" counts content that is read beforehand for its hash, phase "upload" content that is stored.
 */
export async function uploadLargeFiles(
  connection: Connection,
  { repo, createPullRequest, files }: LargeFiles,
  options: RunOptions,
): Promise<ReadonlyMap<string, string>> {
  if (files.length === 0) return new Map();
  const access = { repo, kind: "write", createPullRequest, signal: options.signal } as const;
  const overXet = await hasXet(connection, access);
  // LFS asks by hash what it has. Chunks are asked for as they are cut, and the hash is taken in the same pass.
  const before = files.filter(({ sha256, current }) => !sha256 && (!overXet || isSha256(current)));
  const hashes = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  for (const { path, sha256 } of await hashFiles(before, options)) hashes.set(path, sha256);
  const wanted = files
    .map((file) => ({ ...file, sha256: hashes.get(file.path) }))
    .filter(({ sha256, current }) => sha256 === undefined || sha256 !== current);
  if (overXet) {
    const uploaded = await uploadOverXet(connection, { access, files: wanted }, options);
    for (const { path, sha256 } of uploaded) hashes.set(path, sha256);
  } else {
    const hashed = wanted.flatMap(({ sha256, ...file }) => (sha256 ? [{ ...file, sha256 }] : []));
    await uploadOverLfs(connection, { repo, files: hashed }, options);
  }
  return new Map([...hashes].flatMap(([path, sha256]) => (sha256 ? [[path, sha256]] : [])));
}

function isSha256(oid: string | undefined): boolean {
  return oid !== undefined && /^[0-9a-f]{64}$/.test(oid);
}

/** Answers to a request for a token by Hubs that have no Xet storage. */
const NO_XET: ReadonlySet<number> = new Set([404, 405, 501]);

async function hasXet(connection: Connection, access: XetAccess): Promise<boolean> {
  if (!connection.xet) return false;
  try {
    await xetToken(connection, access);
    return true;
  } catch (error) {
    if (error instanceof HubApiError && NO_XET.has(error.status)) return false;
    throw error;
  }
}

async function hashFiles(
  files: readonly LargeFile[],
  { signal, onProgress }: RunOptions,
): Promise<readonly HashedFile[]> {
  const total = sizeOf(files);
  let done = 0;
  const hashOne = async (file: LargeFile): Promise<HashedFile> => {
    const hash = createHash("sha256");
    const onBytes = (count: number) => {
      done += count;
      onProgress?.({ phase: "hash", done, total, unit: "bytes", path: file.path });
    };
    await hashBlob(file.content, hash, { signal, onBytes });
    return { ...file, sha256: hash.digestHex() };
  };
  return mapConcurrent(files, hashOne, { limit: 2, signal });
}

function sizeOf(files: readonly LargeFile[]): number {
  return files.reduce((sum, file) => sum + file.content.size, 0);
}

function uploadOverXet(
  connection: Connection,
  { access, files }: { readonly access: XetAccess; readonly files: readonly LargeFile[] },
  { signal, onProgress }: RunOptions,
): ReturnType<typeof uploadXet> {
  return uploadXet(files, {
    getToken: () => xetToken(connection, access),
    fetch: connection.fetch,
    retryDelayMs: connection.retryDelayMs,
    signal,
    // Bytes on the wire are reported apart from content that is safe; the latter is what a user waits for.
    onProgress: (event) => {
      if (event.phase === "upload") onProgress?.(event);
    },
  });
}

interface LfsFiles {
  readonly repo: Repo;
  readonly files: readonly HashedFile[];
}

async function uploadOverLfs(
  connection: Connection,
  { repo, files }: LfsFiles,
  { signal, onProgress }: RunOptions,
): Promise<void> {
  const unique = [...new Map(files.map((file) => [file.sha256, file])).values()];
  const total = sizeOf(unique);
  let done = 0;
  const report = (path: string | undefined, count: number) => {
    done += count;
    onProgress?.({ phase: "upload", done, total, unit: "bytes", path });
  };
  for (let at = 0; at < unique.length; at += BATCH) {
    const batch = unique.slice(at, at + BATCH);
    await uploadBatch(connection, { repo, files: batch, report }, { signal });
  }
}

const TRANSFERS: readonly LfsTransfer[] = ["basic", "multipart"];

interface Batch extends LfsFiles {
  readonly report: (path: string | undefined, count: number) => void;
}

async function uploadBatch(
  connection: Connection,
  { repo, files, report }: Batch,
  { signal }: RunOptions,
): Promise<void> {
  const objects = files.map(({ sha256, content }) => ({ oid: sha256, size: content.size }));
  const reply = await lfsBatch(connection, { repo, objects, transfers: TRANSFERS }, { signal });
  const byOid = new Map<string, LfsObject>(reply.objects.map((object) => [object.oid, object]));
  const wanted = files.filter(({ sha256 }) => byOid.get(sha256)?.upload);
  for (const file of files) if (!wanted.includes(file)) report(file.path, file.content.size);
  const uploadOne = async (file: HashedFile): Promise<void> => {
    const object = byOid.get(file.sha256);
    const onBytes = (count: number) => report(file.path, count);
    if (object) await uploadLfsObject(connection, { ...file, repo, object }, { signal, onBytes });
  };
  await mapConcurrent(wanted, uploadOne, { limit: FILES_AT_ONCE, signal });
}
