import type { BlobStore } from "../store/blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import { createFileStore, type FileStore } from "./file-store.ts";
import { createXorbAccess, type XorbAccess } from "./xorb-access.ts";
import { createXorbStore, type XorbStore } from "./xorb-store.ts";

/** Xet storage: chunks in xorbs, files as recipes of chunks, and who may use them. It knows no HTTP. */
export interface XetStorage {
  readonly xorbs: XorbStore;
  readonly files: FileStore;
  readonly access: XorbAccess;
  readonly database: Database;
}

export interface XetStorageOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  /** The clock. Default: the system's. */
  readonly now?: (() => Date) | undefined;
}

export function createXetStorage({
  database,
  blobs,
  now = () => new Date(),
}: XetStorageOptions): XetStorage {
  return {
    xorbs: createXorbStore(blobs),
    files: createFileStore({ database, blobs, now }),
    access: createXorbAccess(database),
    database,
  };
}
