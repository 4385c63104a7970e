/** What differs between Node and browsers. Each side exports `environment`, `createHash`, `fileSystem` and the rest. */

/** Defaults of a client, from the process's environment; all empty in browsers. */
export interface Environment {
  readonly endpoint: string | undefined;
  readonly token: string | undefined;
  /** Where `bearhug login` and Python keep the token. */
  readonly tokenFile: string | undefined;
  readonly cacheDir: string | undefined;
  readonly offline: boolean;
  readonly disableXet: boolean;
}

export type HashAlgorithm = "sha1" | "sha256";

/** A hash over bytes that come in pieces. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal. Ends the hash. */
  digestHex(): string;
}

/** What a {@link FileSystem} knows of a path, following symbolic links. */
export interface FileStatus {
  readonly type: "file" | "folder";
  readonly size: number;
  readonly modified: Date;
}

export interface FolderItem {
  readonly name: string;
  readonly type: "file" | "folder" | "link";
}

/** A file open for appending. */
export interface FileWriter {
  /** The bytes have to stay as they are: they may be written later. */
  write(bytes: Uint8Array): Promise<void>;
  /** Empties the file. */
  truncate(): Promise<void>;
  close(): Promise<void>;
}

/** The few things that the cache and uploads do with files. Paths use `/`. */
export interface FileSystem {
  /** `undefined` when there is nothing at `path`, or a broken link. */
  status(path: string): Promise<FileStatus | undefined>;
  /** Empty when there is no such folder; sorted by name. */
  list(path: string): Promise<readonly FolderItem[]>;
  readText(path: string): Promise<string | undefined>;
  /** Writes under another name, then renames: readers see the old text or the new one. Makes folders. */
  writeText(path: string, text: string, options?: { readonly secret?: boolean }): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Opens for appending; creates file and folders. */
  openForAppending(path: string): Promise<FileWriter>;
  /** Atomic within one folder tree; replaces `to`. */
  rename(from: string, to: string): Promise<void>;
  /** Makes `path` a relative symbolic link to `target`; copies where links are refused. */
  link(target: string, path: string): Promise<void>;
  /** Where a symbolic link leads, as an absolute path. */
  realPath(path: string): Promise<string | undefined>;
  /** Removes a file or a whole folder; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Bytes of a file, read as they are wanted. */
  openBlob(path: string): Promise<Blob>;
}

/** Names this process in partial files: another process may take over only what a dead one left. */
export interface ProcessIdentity {
  /** Letters, digits and dashes. */
  readonly id: string;
  /** Whether the process that `id` names can still be writing. */
  isAlive(id: string): boolean;
}
