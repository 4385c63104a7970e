import { isAbortError, retry } from "@bearhug/core";
import { downloadHeaders, piecesOf } from "#platform";
import type { Connection } from "../connection.ts";
import { HubConnectionError } from "../errors.ts";
import type { FileSystem, FileWriter } from "../platform/platform.ts";
import { repoPath } from "../repo-id.ts";
import { reasonOf, request, shouldRetry } from "../request.ts";
import { type ContentCheck, createContentCheck } from "./content-check.ts";
import { claimPartialFile } from "./partial-file.ts";
import { receiveOverXet } from "./receive-over-xet.ts";
import type { ContentSink, DownloadOptions, Reception } from "./reception.ts";
import type { RemoteFile } from "./remote-file.ts";
import { resolvePath } from "./resolve-url.ts";
import { chunksOf } from "./stream.ts";

/**
 * Downloads `file` to `place`, which then appears whole or not at all. Goes on where an earlier
 * attempt ended, also one of another process.
 *
 * @throws {IntegrityError} when size or hash is not that of `file`.
 */
export async function downloadToPlace(
  connection: Connection,
  {
    file,
    files,
    place,
  }: {
    readonly file: RemoteFile;
    readonly files: FileSystem;
    readonly place: string;
  },
  options: DownloadOptions = {},
): Promise<void> {
  await files.makeFolder(place.slice(0, place.lastIndexOf("/")));
  const partial = await claimPartialFile(files, place);
  let writer: FileWriter | undefined;
  try {
    let check = createContentCheck(file);
    if (partial.size > 0) await feed(check, await files.openBlob(partial.path), options);
    writer = await files.openForAppending(partial.path);
    const open = writer;
    const sink: ContentSink = {
      write: async (bytes) => {
        check.update(bytes);
        await open.write(bytes);
        options.onBytes?.(bytes.length);
      },
      restart: async () => {
        options.onBytes?.(-check.received);
        check = createContentCheck(file);
        await open.truncate();
      },
    };
    const received = () => check.received;
    if (file.size === undefined || received() < file.size) {
      const verify = check.hasHash ? () => check.finish() : undefined;
      const reception = { file, sink, received, check: verify };
      const isReceived = await receiveOverXet(connection, reception, options);
      if (!isReceived) await receive(connection, { file, sink, received }, options);
    }
    await writer.close();
    writer = undefined;
    await finishOrDiscard(check, () => files.remove(partial.path));
    await files.rename(partial.path, place);
  } catch (error) {
    await writer?.close().catch(() => {});
    await partial.release();
    throw error;
  }
}

async function feed(check: ContentCheck, blob: Blob, options: DownloadOptions): Promise<void> {
  for await (const bytes of piecesOf(blob)) {
    options.signal?.throwIfAborted();
    check.update(bytes);
    options.onBytes?.(bytes.length);
  }
}

/** Wrong content must not be resumed. */
async function finishOrDiscard(check: ContentCheck, discard: () => Promise<void>): Promise<void> {
  try {
    check.finish();
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Brings a file's bytes from `received()` on into `sink`; after a broken connection asks for the rest. */
export async function receive(
  connection: Connection,
  reception: Reception,
  options: DownloadOptions,
): Promise<void> {
  const { received } = reception;
  let { first } = reception;
  const once = () => {
    const response = first;
    first = undefined;
    return receiveOnce(connection, { ...reception, first: response }, options);
  };
  for (;;) {
    const before = received();
    try {
      await retry(once, {
        baseDelayMs: connection.retryDelayMs,
        maxDelayMs: connection.retryDelayMs * 8,
        signal: options.signal,
        // New bytes prove that the Hub is there: the count of failures starts again.
        shouldRetry: (error) => received() === before && shouldRetry(error),
      });
      return;
    } catch (error) {
      if (received() === before || !shouldRetry(error)) throw error;
    }
  }
}

async function receiveOnce(
  connection: Connection,
  { file, sink, received, first }: Reception,
  { signal }: DownloadOptions,
): Promise<void> {
  const { repo, path, commit } = file;
  const start = received();
  const action = `download "${path}" from "${repoPath(repo)}"`;
  const response =
    first ??
    (await request(connection, {
      path: resolvePath({ ...repo, revision: commit }, path),
      action,
      headers: { ...downloadHeaders, ...(start > 0 ? { range: `bytes=${start}-` } : {}) },
      repo,
      entry: path,
      signal,
    }));
  if (start > 0 && response.status !== 206) await sink.restart();
  try {
    if (response.body) {
      for await (const bytes of chunksOf(response.body)) {
        signal?.throwIfAborted();
        await sink.write(bytes);
      }
    }
  } catch (cause) {
    if (signal?.aborted || isAbortError(cause) || !isNetworkError(cause)) throw cause;
    throw brokenConnection(action, response.url, cause);
  }
  if (file.size !== undefined && received() < file.size) {
    throw brokenConnection(action, response.url, new Error("the connection ended early"));
  }
}

/** A body that breaks is reported as a TypeError ("terminated"), or as a system error by some handlers. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && !("syscall" in error));
}

function brokenConnection(action: string, url: string, cause: unknown): HubConnectionError {
  return new HubConnectionError(
    `Cannot ${action}: the connection broke (${reasonOf(cause)})`,
    url.split("?")[0] ?? url,
    { cause },
  );
}
