import type { RemoteFile } from "./remote-file.ts";

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the size of each piece; negative when a server starts over. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Where content goes: it can be emptied when a server cannot resume. */
export interface ContentSink {
  write(bytes: Uint8Array): Promise<void>;
  restart(): Promise<void>;
}

/** A file under way. */
export interface Reception {
  readonly file: RemoteFile;
  readonly sink: ContentSink;
  readonly received: () => number;
  /** Compares all that has been received with the file's hash; not there when it has none. */
  readonly check?: (() => void) | undefined;
  /** A response to begin with, when it has been asked for already. */
  readonly first?: Response | undefined;
}
