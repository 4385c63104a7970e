import { Sha256 } from "@bearhug/xet";
import type { Environment, FileSystem, Hash, HashAlgorithm, ProcessIdentity } from "./platform.ts";
import { createScriptSha1 } from "./script-sha1.ts";
import { streamPieces } from "./stream-pieces.ts";

/** Bodies of requests are Blobs: only some browsers stream them, and none over HTTP/1.1. */
export const streamsRequests = false;

/** `redirect: "manual"` hides everything. */
export const seesRedirects = false;

/** Browsers set their own, and further ones would need the server's leave (CORS). */
export const identifyingHeaders: Readonly<Record<string, string>> = {};

export const downloadHeaders: Readonly<Record<string, string>> = {};

export function environment(): Environment {
  return {
    endpoint: undefined,
    token: undefined,
    tokenFile: undefined,
    cacheDir: undefined,
    offline: false,
    disableXet: false,
  };
}

export function createHash(algorithm: HashAlgorithm): Hash {
  if (algorithm === "sha1") return createScriptSha1();
  const hash = new Sha256();
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digestHex: () => hash.digest(),
  };
}

export function piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  return streamPieces(blob);
}

export function allocate(length: number): Uint8Array {
  return new Uint8Array(length);
}

export const fileSystem: FileSystem | undefined = undefined;

export const processIdentity: ProcessIdentity = { id: "browser", isAlive: () => true };
