import type { Connection } from "../connection.ts";
import { GatedRepoError, RepositoryNotFoundError } from "../errors.ts";
import type { RepoId } from "../repo-id.ts";
import { repoInfo } from "./repo-info.ts";

/** Whether the Hub has the repository and shows it to this client; a gated one counts. */
export async function repoExists(
  connection: Connection,
  id: RepoId,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  try {
    await repoInfo(connection, id, { expand: ["likes"], signal });
    return true;
  } catch (error) {
    if (error instanceof GatedRepoError) return true;
    if (error instanceof RepositoryNotFoundError) return false;
    throw error;
  }
}
