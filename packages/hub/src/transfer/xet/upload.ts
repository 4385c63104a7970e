/** Uploads files as Xet chunks: only what the storage does not have yet travels. */
import type { RunOptions } from "@bearhug/core";
import type { XetConnection } from "./cas-client.ts";
import { UploadSession } from "./upload-session.ts";

/** A file to upload. */
export interface XetUploadFile {
  readonly path: string;
  readonly content: Blob;
  /** SHA-256 of the content, where it is known already; it is not checked here. */
  readonly sha256?: string | undefined;
}

export interface UploadedXetFile {
  readonly path: string;
  /** Bytes of content. */
  readonly size: number;
  readonly sha256: string;
  readonly xetHash: string;
}

export interface XetUploadOptions extends XetConnection, RunOptions {
  /** How many xorbs travel at once; each holds up to 64 MiB of memory. Default 3. */
  readonly concurrency?: number | undefined;
}

/**
 * Makes the content of the files known to the storage; a commit can then name it by SHA-256.
 *
 * Progress: phase "upload" counts content bytes that are safe, of all; phase "transfer" counts bytes sent, of
 * those known to be new.
 *
 * @returns one result for each file, in order.
 * @throws {HubApiError | HubConnectionError} when a request fails.
 * @throws {XetTransferError} when the storage does not accept what was sent.
 */
export async function uploadXet(
  files: readonly XetUploadFile[],
  options: XetUploadOptions,
): Promise<readonly UploadedXetFile[]> {
  const total = files.reduce((sum, file) => sum + file.content.size, 0);
  const session = new UploadSession({ ...options, total });
  return session.run(files);
}
