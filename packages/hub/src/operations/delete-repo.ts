import type { Connection } from "../connection.ts";
import { RepositoryNotFoundError } from "../errors.ts";
import type { DeleteRepoJson } from "../protocol/repo-requests.ts";
import { parseRepoId, type RepoId, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";

export interface DeleteRepoOptions {
  /** Do not fail when there is none. Default false. */
  readonly missingOk?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes a repository with all its history. */
export async function deleteRepo(
  connection: Connection,
  id: RepoId,
  { missingOk = false, signal }: DeleteRepoOptions = {},
): Promise<void> {
  const repo = parseRepoId(id);
  const [owner, name] = repo.name.includes("/") ? repo.name.split("/") : [undefined, repo.name];
  const json: DeleteRepoJson = {
    name: name ?? repo.name,
    type: repo.type,
    ...(owner ? { organization: owner } : {}),
  };
  try {
    await request(connection, {
      path: "/api/repos/delete",
      method: "DELETE",
      action: `delete "${repoPath(repo)}"`,
      json,
      repo,
      signal,
    });
  } catch (error) {
    if (!(missingOk && error instanceof RepositoryNotFoundError)) throw error;
  }
}
