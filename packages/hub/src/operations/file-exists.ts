import type { Connection } from "../connection.ts";
import { EntryNotFoundError } from "../errors.ts";
import { parseRepoId, type RepoId } from "../repo-id.ts";
import { remoteFile } from "../transfer/remote-file.ts";

/** Whether the revision has a file at `path`. */
export async function fileExists(
  connection: Connection,
  { id, path }: { readonly id: RepoId; readonly path: string },
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  try {
    await remoteFile(connection, { repo: parseRepoId(id), path }, { signal });
    return true;
  } catch (error) {
    if (error instanceof EntryNotFoundError) return false;
    throw error;
  }
}
