import type { ProgressEvent } from "@bearhug/core";
import { downloadHeaders } from "#platform";
import type { Connection } from "../connection.ts";
import { parseRepoId, type Repo, type RepoId, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";
import { createContentCheck } from "../transfer/content-check.ts";
import { receive } from "../transfer/download.ts";
import type { ContentSink } from "../transfer/reception.ts";
import { cleanEtag, type RemoteFile } from "../transfer/remote-file.ts";
import { resolvePath } from "../transfer/resolve-url.ts";

export interface DownloadFileOptions {
  /** Only these bytes; `end` is the first one not wanted. Default: all. */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

/**
 * A file's content in memory. Nothing is cached; use `downloadToCache()` for files that are large or wanted again.
 *
 * @throws {EntryNotFoundError} when the repository has no such file.
 * @throws {IntegrityError} when what arrived is not what the Hub announced.
 */
export async function downloadFile(
  connection: Connection,
  { id, path }: { readonly id: RepoId; readonly path: string },
  options: DownloadFileOptions = {},
): Promise<Blob> {
  const repo = parseRepoId(id);
  if (options.range) return downloadRange(connection, { repo, path }, options);
  const { file, response } = await openFile(connection, { repo, path }, options);
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let check = createContentCheck(file);
  const report = () => {
    const { received: done } = check;
    options.onProgress?.({ phase: "download", done, total: file.size, unit: "bytes", path });
  };
  const sink: ContentSink = {
    write: async (bytes) => {
      check.update(bytes);
      // A network piece is backed by an ArrayBuffer, never by shared memory.
      parts.push(bytes as Uint8Array<ArrayBuffer>);
      report();
    },
    restart: async () => {
      parts = [];
      check = createContentCheck(file);
    },
  };
  await receive(
    connection,
    { file, sink, received: () => check.received, first: response },
    options,
  );
  check.finish();
  return new Blob(parts, { type: response.headers.get("content-type") ?? "" });
}

/** One request for headers and content: small files are the common case. */
async function openFile(
  connection: Connection,
  { repo, path }: { readonly repo: Repo; readonly path: string },
  { signal }: DownloadFileOptions,
): Promise<{ readonly file: RemoteFile; readonly response: Response }> {
  const response = await request(connection, {
    path: resolvePath(repo, path),
    action: `download "${path}" from "${repoPath(repo)}"${repo.revision ? ` at "${repo.revision}"` : ""}`,
    headers: downloadHeaders,
    repo,
    entry: path,
    retry: true,
    signal,
  });
  const { headers } = response;
  const encoded = headers.has("content-encoding");
  const size = headers.get("x-linked-size") ?? (encoded ? null : headers.get("content-length"));
  const file: RemoteFile = {
    repo,
    path,
    commit: headers.get("x-repo-commit") ?? repo.revision ?? "main",
    // After a redirect the plain ETag is the store's own; only the linked one is sure to name the content.
    etag:
      cleanEtag(
        headers.get("x-linked-etag") ?? (response.redirected ? null : headers.get("etag")),
      ) ?? "",
    size: size === null ? undefined : Number(size),
    xetHash: undefined,
  };
  return { file, response };
}

async function downloadRange(
  connection: Connection,
  { repo, path }: { readonly repo: Repo; readonly path: string },
  { range = { start: 0, end: 0 }, signal }: DownloadFileOptions,
): Promise<Blob> {
  const { start, end } = range;
  if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start)) {
    throw new RangeError(`range must have 0 <= start <= end, got ${start} and ${end}`);
  }
  if (start === end) return new Blob([]);
  const response = await request(connection, {
    path: resolvePath(repo, path),
    action: `download bytes ${start} to ${end} of "${path}" from "${repoPath(repo)}"`,
    headers: { ...downloadHeaders, range: `bytes=${start}-${end - 1}` },
    repo,
    entry: path,
    retry: true,
    signal,
  });
  const blob = await response.blob();
  return response.status === 206 ? blob : blob.slice(start, end);
}
