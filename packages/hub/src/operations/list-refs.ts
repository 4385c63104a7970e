import { optional, parseArray, parseObject, parseString } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { parseRepoId, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";

/** A branch, tag or other reference. */
export interface RepoRef {
  /** `"main"`, `"v1"`. */
  readonly name: string;
  /** `"refs/heads/main"`. */
  readonly ref: string;
  /** The commit that it points to. */
  readonly target: string;
}

export interface RepoRefs {
  readonly branches: readonly RepoRef[];
  readonly tags: readonly RepoRef[];
  /** Branches that services write, such as Parquet versions of a dataset. */
  readonly converts: readonly RepoRef[];
  /** With `pullRequests: true`. */
  readonly pullRequests: readonly RepoRef[];
}

export interface ListRefsOptions {
  /** Default false. */
  readonly pullRequests?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function listRefs(
  connection: Connection,
  id: RepoId,
  { pullRequests = false, signal }: ListRefsOptions = {},
): Promise<RepoRefs> {
  const repo = parseRepoId(id);
  const reply = await requestJson(connection, {
    path: `${repoApiPath(repo)}/refs`,
    action: `list the branches and tags of "${repoPath(repo)}"`,
    query: { include_prs: pullRequests ? 1 : undefined },
    repo,
    signal,
  });
  const refs = parseObject(reply, "refs");
  const read = (name: string) => optional(refs[name], name, parseRefs) ?? [];
  return {
    branches: read("branches"),
    tags: read("tags"),
    converts: read("converts"),
    pullRequests: read("pullRequests"),
  };
}

function parseRefs(value: unknown, path: string): readonly RepoRef[] {
  return parseArray(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    const ref = parseObject(item, at);
    return {
      name: parseString(ref["name"], `${at}.name`),
      ref: parseString(ref["ref"], `${at}.ref`),
      target: parseString(ref["targetCommit"], `${at}.targetCommit`),
    };
  });
}
