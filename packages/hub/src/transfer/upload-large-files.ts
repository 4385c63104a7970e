import { mapConcurrent, type RunOptions } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import type { Repo } from "../repo-id.ts";
import { type LfsObject, type LfsTransfer, lfsBatch, uploadLfsObject } from "./lfs.ts";
import { uploadXet } from "./xet/upload.ts";
import { xetToken } from "./xet-token.ts";

/** A file that is stored under the sha256 of its content. */
export interface LargeFile {
  readonly path: string;
  readonly content: Blob;
  readonly sha256: string;
}

export interface LargeFiles {
  readonly repo: Repo;
  readonly createPullRequest: boolean;
  readonly files: readonly LargeFile[];
}

const BATCH = 100;
const FILES_AT_ONCE = 4;

/** Stores the content of large files, by the way that the server picks: Xet chunks, or whole LFS objects. */
export async function uploadLargeFiles(
  connection: Connection,
  { repo, createPullRequest, files }: LargeFiles,
  options: RunOptions,
): Promise<void> {
  const unique = [...new Map(files.map((file) => [file.sha256, file])).values()];
  const total = unique.reduce((sum, file) => sum + file.content.size, 0);
  let done = 0;
  const report = (path: string | undefined, count: number) => {
    done += count;
    options.onProgress?.({ phase: "upload", done, total, unit: "bytes", path });
  };
  for (let at = 0; at < unique.length; at += BATCH) {
    const batch = unique.slice(at, at + BATCH);
    await uploadBatch(connection, { repo, createPullRequest, files: batch, report }, options);
  }
}

interface Batch extends LargeFiles {
  readonly report: (path: string | undefined, count: number) => void;
}

async function uploadBatch(
  connection: Connection,
  { repo, createPullRequest, files, report }: Batch,
  { signal }: RunOptions,
): Promise<void> {
  const transfers: LfsTransfer[] = ["basic", "multipart", ...(connection.xet ? XET : [])];
  const objects = files.map(({ sha256, content }) => ({ oid: sha256, size: content.size }));
  const reply = await lfsBatch(connection, { repo, objects, transfers }, { signal });
  const byOid = new Map<string, LfsObject>(reply.objects.map((object) => [object.oid, object]));
  const wanted = files.filter(({ sha256 }) => byOid.get(sha256)?.upload);
  for (const file of files) if (!wanted.includes(file)) report(file.path, file.content.size);
  if (reply.transfer === "xet") {
    const batch = { repo, createPullRequest, files: wanted, report };
    return uploadOverXet(connection, batch, { signal });
  }
  const uploadOne = async (file: LargeFile): Promise<void> => {
    const object = byOid.get(file.sha256);
    const onBytes = (count: number) => report(file.path, count);
    if (object) await uploadLfsObject(connection, { ...file, repo, object }, { signal, onBytes });
  };
  await mapConcurrent(wanted, uploadOne, { limit: FILES_AT_ONCE, signal });
}

const XET: readonly LfsTransfer[] = ["xet"];

async function uploadOverXet(
  connection: Connection,
  { repo, createPullRequest, files, report }: Batch,
  { signal }: RunOptions,
): Promise<void> {
  if (files.length === 0) return;
  const access = { repo, kind: "write", createPullRequest, signal } as const;
  let known = 0;
  await uploadXet(files, {
    getToken: () => xetToken(connection, access),
    fetch: connection.fetch,
    retryDelayMs: connection.retryDelayMs,
    signal,
    onProgress: ({ phase, done, path }) => {
      // Bytes on the wire are reported apart from content that is safe; the latter is what a user waits for.
      if (phase !== "upload") return;
      report(path, done - known);
      known = done;
    },
  });
}
