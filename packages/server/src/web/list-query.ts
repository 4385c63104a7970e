/** What a list page shows, as its address says it; every filter is a link to another address. */
import type { RepoType } from "@bearhug/hub/protocol";
import type { RepoQuery, RepoSort } from "../services/services.ts";

export interface ListQuery {
  readonly type: RepoType;
  readonly search: string;
  readonly author: string | undefined;
  readonly pipelineTag: string | undefined;
  readonly filters: readonly string[];
  readonly sort: RepoSort;
  /** Cursors of the pages that led here; the last one is this page's. Empty on the first page. */
  readonly trail: readonly string[];
}

export const PAGE_SIZE = 24;

export const SORTS: Readonly<Record<string, string>> = {
  trendingScore: "Trending",
  lastModified: "Recently updated",
  createdAt: "Recently created",
  downloads: "Most downloads",
  likes: "Most likes",
};

const DEFAULT_SORT: RepoSort = "lastModified";

/** Parameters of the public site's list pages that mean a tag here. */
const FILTER_PARAMETERS = [
  "filter",
  "other",
  "library",
  "language",
  "task_categories",
  "size_categories",
];

export function parseListQuery(type: RepoType, parameters: URLSearchParams): ListQuery {
  const filters = FILTER_PARAMETERS.flatMap((name) =>
    parameters.getAll(name).map((value) => prefixed(name, value)),
  );
  const license = parameters
    .getAll("license")
    .map((value) => value.replace(/^(?:license:)?/, "license:"));
  const dataset = parameters
    .getAll("dataset")
    .map((value) => value.replace(/^(?:dataset:)?/, "dataset:"));
  const sort = parameters.get("sort") ?? "";
  return {
    type,
    search: (parameters.get("search") ?? "").trim(),
    author: parameters.get("author") || undefined,
    pipelineTag: parameters.get("pipeline_tag") || undefined,
    filters: [...new Set([...filters, ...license, ...dataset])].filter((filter) => filter !== ""),
    // The name was found among the keys that are sort orders.
    sort: Object.hasOwn(SORTS, sort) ? (sort as RepoSort) : DEFAULT_SORT,
    trail: parameters.getAll("cursor").filter((cursor) => cursor !== ""),
  };
}

/** For the search service. */
export function toRepoQuery(query: ListQuery): RepoQuery {
  return {
    type: query.type,
    search: query.search || undefined,
    author: query.author,
    pipelineTag: query.pipelineTag,
    filter: query.filters,
    sort: query.sort,
    limit: PAGE_SIZE,
    cursor: query.trail.at(-1),
  };
}

/** The address of a list; a changed filter or order starts at its first page. */
export function listUrl(query: ListQuery, change: Partial<ListQuery> = {}): string {
  const next = { ...query, trail: [], ...change };
  const parameters = new URLSearchParams();
  if (next.search !== "") parameters.set("search", next.search);
  if (next.author !== undefined) parameters.set("author", next.author);
  if (next.pipelineTag !== undefined) parameters.set("pipeline_tag", next.pipelineTag);
  for (const filter of next.filters) parameters.append("filter", filter);
  if (next.sort !== DEFAULT_SORT) parameters.set("sort", next.sort);
  for (const cursor of next.trail) parameters.append("cursor", cursor);
  const text = parameters.toString();
  return `/${query.type}s${text === "" ? "" : `?${text}`}`;
}

/** The same list with one tag more, or without it when it was chosen already. */
export function toggleFilter(query: ListQuery, tag: string): string {
  const chosen = query.filters.includes(tag);
  const filters = chosen
    ? query.filters.filter((filter) => filter !== tag)
    : [...query.filters, tag];
  return listUrl(query, { filters });
}

export function hasFilters(query: ListQuery): boolean {
  return (
    query.search !== "" ||
    query.author !== undefined ||
    query.pipelineTag !== undefined ||
    query.filters.length > 0
  );
}

function prefixed(name: string, value: string): string {
  const needsPrefix = name === "task_categories" || name === "size_categories";
  return needsPrefix && value !== "" && !value.includes(":") ? `${name}:${value}` : value;
}
