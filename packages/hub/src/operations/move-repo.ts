import type { Connection } from "../connection.ts";
import type { MoveRepoJson } from "../protocol/repo-requests.ts";
import { parseRepoId, type RepoId, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";

export interface MoveRepoOptions {
  /** New `"owner/name"`. */
  readonly to: string;
  readonly signal?: AbortSignal | undefined;
}

/** Gives a repository another name or owner; the old address redirects. */
export async function moveRepo(
  connection: Connection,
  id: RepoId,
  { to, signal }: MoveRepoOptions,
): Promise<void> {
  const repo = parseRepoId(id);
  const target = parseRepoId({ type: repo.type, name: to });
  const json: MoveRepoJson = { fromRepo: repo.name, toRepo: target.name, type: repo.type };
  await request(connection, {
    path: "/api/repos/move",
    method: "POST",
    action: `move "${repoPath(repo)}" to "${to}"`,
    json,
    repo,
    signal,
  });
}
