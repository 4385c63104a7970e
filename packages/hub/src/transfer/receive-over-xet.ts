import type { Connection } from "../connection.ts";
import { HubApiError, HubConnectionError } from "../errors.ts";
import type { DownloadOptions, Reception } from "./reception.ts";
import { downloadXet } from "./xet/download.ts";
import { xetToken } from "./xet-token.ts";

/** Below this a plain request is faster: chunks need a token and a recipe first. */
const XET_FROM_BYTES = 1 << 20;

/**
 * Brings the rest of a file from Xet chunks when both sides speak Xet; whether it did. After a request
 * that failed the plain way goes on from there; after wrong bytes it starts over.
 */
export async function receiveOverXet(
  connection: Connection,
  { file, sink, received, check }: Reception,
  { signal }: DownloadOptions,
): Promise<boolean> {
  const { xetHash, size, repo, commit } = file;
  if (!connection.xet || !xetHash || size === undefined || size < XET_FROM_BYTES) return false;
  const access = { repo: { ...repo, revision: commit }, kind: "read", signal } as const;
  const content = downloadXet(xetHash, {
    getToken: () => xetToken(connection, access),
    fetch: connection.fetch,
    retryDelayMs: connection.retryDelayMs,
    range: { start: received(), end: size },
    size,
    signal,
    isChecked: check !== undefined,
  });
  try {
    for await (const bytes of content) await sink.write(bytes);
    check?.();
    return true;
  } catch (error) {
    // A disk that is full stays full; whatever the storage did, the Hub itself may still serve the file.
    const isLocal = error instanceof Error && "syscall" in error;
    if (signal?.aborted || isLocal) throw error;
    const isCutShort = error instanceof HubConnectionError || error instanceof HubApiError;
    if (!isCutShort) await sink.restart();
    return false;
  }
}
