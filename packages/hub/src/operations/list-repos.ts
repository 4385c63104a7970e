import type { Connection } from "../connection.ts";
import { pages } from "../pagination.ts";
import type { RepoType } from "../repo-id.ts";
import { parseRepoInfo, type RepoInfo } from "./repo-info.ts";

export type RepoSortKey = "lastModified" | "createdAt" | "downloads" | "likes" | "trendingScore";

export interface ListReposOptions {
  /** Part of the id. */
  readonly search?: string | undefined;
  /** Account or organisation that owns the repositories. */
  readonly author?: string | undefined;
  /** Tags that must all be there: libraries, languages, `"license:mit"`, `"dataset:ada/reviews"`. */
  readonly filter?: string | readonly string[] | undefined;
  /** Models that do this task, such as `"text-classification"`. */
  readonly task?: string | undefined;
  readonly gated?: boolean | undefined;
  /** Descending. Default the Hub's own order. */
  readonly sort?: RepoSortKey | undefined;
  /** Stop after this many. Default: all. */
  readonly limit?: number | undefined;
  /** All fields that lists can have. Default false. */
  readonly full?: boolean | undefined;
  /** Only these fields, under the Hub's names; not together with `full`. */
  readonly expand?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PAGE_SIZE = 500;

/** Repositories of one type; asks for further pages as they are wanted. */
export async function* listRepos(
  connection: Connection,
  type: RepoType,
  options: ListReposOptions = {},
): AsyncGenerator<RepoInfo, void, undefined> {
  const { search, author, filter, task, gated, sort, limit, full, expand, signal } = options;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new RangeError(`limit must be a positive integer, got ${limit}`);
  }
  const found = pages(connection, {
    path: `/api/${type}s`,
    action: `list ${type}s`,
    query: {
      search,
      author,
      filter: typeof filter === "string" ? [filter] : filter,
      pipeline_tag: task,
      gated,
      sort,
      limit: limit === undefined ? undefined : Math.min(limit, PAGE_SIZE),
      full: full || undefined,
      expand,
    },
    signal,
  });
  let count = 0;
  for await (const item of found) {
    yield parseRepoInfo(item, type);
    if (++count === limit) return;
  }
}
