import type { Connection } from "../connection.ts";
import type { FileSystem } from "../platform/platform.ts";
import { type DownloadOptions, downloadToPlace } from "./download.ts";
import type { RemoteFile } from "./remote-file.ts";

/** Brings a file's content to `place` by the best way that the Hub offers and the client allows. */
export async function fetchContent(
  connection: Connection,
  target: { readonly file: RemoteFile; readonly files: FileSystem; readonly place: string },
  options: DownloadOptions,
): Promise<void> {
  await downloadToPlace(connection, target, options);
}
