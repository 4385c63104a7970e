import type { Connection } from "../connection.ts";
import type { CreateBranchJson } from "../protocol/refs.ts";
import { parseRepoId, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";
import { unlessExists } from "./unless-exists.ts";

export interface CreateBranchOptions {
  /** Revision to start from. Default the revision in the id, else the head of `main`. */
  readonly from?: string | undefined;
  /** Do not fail when there is one. Default false. */
  readonly existOk?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function createBranch(
  connection: Connection,
  { id, branch }: { readonly id: RepoId; readonly branch: string },
  { from, existOk = false, signal }: CreateBranchOptions = {},
): Promise<void> {
  const repo = parseRepoId(id);
  const start = from ?? repo.revision;
  const json: CreateBranchJson = start === undefined ? {} : { startingPoint: start };
  await unlessExists(existOk, () =>
    request(connection, {
      path: `${repoApiPath(repo)}/branch/${encodeURIComponent(branch)}`,
      method: "POST",
      action: `create the branch "${branch}" of "${repoPath(repo)}"`,
      json,
      repo: { ...repo, revision: start },
      signal,
    }),
  );
}

export interface DeleteRefOptions {
  readonly signal?: AbortSignal | undefined;
}

export async function deleteBranch(
  connection: Connection,
  { id, branch }: { readonly id: RepoId; readonly branch: string },
  { signal }: DeleteRefOptions = {},
): Promise<void> {
  const repo = parseRepoId(id);
  await request(connection, {
    path: `${repoApiPath(repo)}/branch/${encodeURIComponent(branch)}`,
    method: "DELETE",
    action: `delete the branch "${branch}" of "${repoPath(repo)}"`,
    repo: { ...repo, revision: branch },
    signal,
  });
}
