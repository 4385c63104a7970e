import type { Connection } from "../connection.ts";
import type { CreateTagJson } from "../protocol/refs.ts";
import { parseRepoId, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { request } from "../request.ts";
import type { DeleteRefOptions } from "./branches.ts";
import { unlessExists } from "./unless-exists.ts";

export interface CreateTagOptions {
  /** Makes an annotated tag. */
  readonly message?: string | undefined;
  /** Do not fail when there is one. Default false. */
  readonly existOk?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Tags the revision in the id, or the head of `main`. */
export async function createTag(
  connection: Connection,
  { id, tag }: { readonly id: RepoId; readonly tag: string },
  { message, existOk = false, signal }: CreateTagOptions = {},
): Promise<void> {
  const repo = parseRepoId(id);
  const json: CreateTagJson = { tag, ...(message ? { message } : {}) };
  await unlessExists(existOk, () =>
    request(connection, {
      path: `${repoApiPath(repo)}/tag/${encodeURIComponent(repo.revision ?? "main")}`,
      method: "POST",
      action: `create the tag "${tag}" of "${repoPath(repo)}"`,
      json,
      repo,
      signal,
    }),
  );
}

export async function deleteTag(
  connection: Connection,
  { id, tag }: { readonly id: RepoId; readonly tag: string },
  { signal }: DeleteRefOptions = {},
): Promise<void> {
  const repo = parseRepoId(id);
  await request(connection, {
    path: `${repoApiPath(repo)}/tag/${encodeURIComponent(tag)}`,
    method: "DELETE",
    action: `delete the tag "${tag}" of "${repoPath(repo)}"`,
    repo: { ...repo, revision: tag },
    signal,
  });
}
