import { optional, parseArray, parseObject, parseString } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { pages } from "../pagination.ts";
import { parseRepoId, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { parseDate } from "./repo-info.ts";

export interface RepoCommit {
  readonly oid: string;
  readonly title: string;
  /** What follows the title; may be empty. */
  readonly message: string;
  readonly date: Date;
  readonly authors: readonly string[];
}

export interface ListCommitsOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The history of a revision, newest first. */
export async function* listCommits(
  connection: Connection,
  id: RepoId,
  { signal }: ListCommitsOptions = {},
): AsyncGenerator<RepoCommit, void, undefined> {
  const repo = parseRepoId(id);
  const items = pages(connection, {
    path: `${repoApiPath(repo)}/commits/${encodeURIComponent(repo.revision ?? "main")}`,
    action: `list the commits of "${repoPath(repo)}"`,
    query: { limit: 100 },
    repo,
    signal,
  });
  for await (const item of items) {
    const commit = parseObject(item, "commit");
    yield {
      oid: parseString(commit["id"], "commit.id"),
      title: parseString(commit["title"], "commit.title"),
      message: optional(commit["message"], "commit.message", parseString) ?? "",
      date: parseDate(commit["date"], "commit.date"),
      authors: (optional(commit["authors"], "commit.authors", parseArray) ?? []).map(
        (author, index) =>
          parseString(parseObject(author, "author")["user"], `commit.authors[${index}].user`),
      ),
    };
  }
}
