import { badRequest } from "../http/hub-error.ts";
import type { Database, Tables } from "../store/database.ts";
import { countFacets } from "./facets.ts";
import { findRowsById, toSummary } from "./repository-row.ts";
import {
  type Condition,
  type Expression,
  isFiltered,
  matching,
  rareRepositories,
  type Wanted,
} from "./search-conditions.ts";
import type { Facets, RepoQuery, RepoSort, SearchService, Viewer } from "./services.ts";
import { createShortCache } from "./short-cache.ts";

/** Items of a page where the caller does not say. */
const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 1000;

/** The column behind each order. There is no trend yet that likes do not tell. */
const SORT_COLUMNS = {
  lastModified: "last_modified",
  createdAt: "created_at",
  downloads: "downloads",
  likes: "likes",
  trendingScore: "likes",
  id: "id_key",
} as const satisfies Readonly<Record<RepoSort, keyof Tables["repositories"]>>;

export function createSearchService({ database, now }: SearchOptions): SearchService {
  const totals = createShortCache<number>(now);
  const facets = createShortCache<Facets>(now);
  return {
    async list(viewer, query) {
      checkQuery(query);
      const wanted: Wanted = { viewer, query, among: await rareRepositories(database, query) };
      const column = SORT_COLUMNS[query.sort ?? "lastModified"];
      const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), MAX_LIMIT);
      const found = await findPage(database, wanted, { column, limit });
      const kept = found.slice(0, limit);
      const last = kept.at(-1);
      const rows = await findRowsById(
        database,
        kept.map((row) => row.id),
      );
      return {
        repos: rows.map(toSummary),
        total: await totals.get(keyOf(viewer, query), {
          make: () => countMatching(database, wanted),
          isCostly: (total) => total > COSTLY_TOTAL || hasOnlyCommonTags(wanted),
        }),
        nextCursor: found.length > limit && last ? writeCursor(last.value, last.id) : undefined,
      };
    },
    async facets(viewer, query) {
      checkQuery(query);
      const among = await rareRepositories(database, query);
      const matchesQuery = (e: Expression): Condition => matching(e, { viewer, query, among });
      const scope = {
        type: query.type,
        viewer,
        matching: isFiltered(query) ? matchesQuery : undefined,
      };
      return facets.get(keyOf(viewer, query), {
        make: () => countFacets(database, scope),
        isCostly: (found) => countOf(found) > COSTLY_FACETS,
      });
    },
  };
}

export interface SearchOptions {
  readonly database: Database;
  readonly now: () => Date;
}

/** Each tag is a condition, and each makes the next request from a page longer. */
const MAX_FILTERS = 30;
/** Longer than two names. */
const MAX_SEARCH = 500;

/** @throws {HubError} 400 for what nobody types, and a database would take long over or refuse. */
function checkQuery({ search = "", filter = [] }: RepoQuery): void {
  if (search.length > MAX_SEARCH) throw badRequest(`"search" has at most ${MAX_SEARCH} characters`);
  if (filter.length > MAX_FILTERS)
    throw badRequest(`At most ${MAX_FILTERS} filters can be combined`);
}

/** Counts above these take long enough to be kept for a few seconds. */
const COSTLY_TOTAL = 2000;
const COSTLY_FACETS = 20_000;

/** Then every repository was looked at, however few matched. */
function hasOnlyCommonTags({ query, among }: Wanted): boolean {
  return among === undefined && (query.filter ?? []).length > 0;
}

/** What decides a count: not the order, nor the page. */
function keyOf(viewer: Viewer, query: RepoQuery): string {
  const { type, search, author, filter = [], pipelineTag, gated } = query;
  return JSON.stringify([viewer?.id, type, search, author, filter, pipelineTag, gated]);
}

function countOf(facets: Facets): number {
  return Object.values(facets)
    .flat()
    .reduce((sum, facet) => sum + facet.count, 0);
}

interface Page {
  readonly column: (typeof SORT_COLUMNS)[RepoSort];
  readonly limit: number;
}

/** Up to `limit` + 1 ids with the value that they are ordered by. */
async function findPage(
  database: Database,
  wanted: Wanted,
  { column, limit }: Page,
): Promise<readonly { readonly id: string; readonly value: string | number }[]> {
  const { cursor } = wanted.query;
  const direction = column === "id_key" ? "asc" : "desc";
  let page = database
    .selectFrom("repositories")
    .select(["id", `${column} as value`])
    .where((expression) => matching(expression, wanted));
  if (cursor !== undefined) {
    const { value, id } = readCursor(cursor, column);
    const beyond = direction === "asc" ? ">" : "<";
    page = page
      // Implied by the next condition; this form is one that an index can begin at.
      .where(column, `${beyond}=`, value)
      .where((expression) =>
        expression.or([
          expression(column, beyond, value),
          expression.and([expression(column, "=", value), expression("id", beyond, id)]),
        ]),
      );
  }
  return page
    .orderBy(column, direction)
    .orderBy("id", direction)
    .limit(limit + 1)
    .execute();
}

async function countMatching(database: Database, wanted: Wanted): Promise<number> {
  const { count } = await database
    .selectFrom("repositories")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where((expression) => matching(expression, wanted))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function writeCursor(value: string | number, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString("base64url");
}

function readCursor(cursor: string, column: string): { value: string | number; id: string } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parsed)) {
      const [value, id] = parsed as readonly unknown[];
      const isRight = typeof value === (column === "id_key" ? "string" : "number");
      if (isRight && typeof id === "string") return { value: value as string | number, id };
    }
  } catch {
    // Falls through: not a cursor of this server.
  }
  throw badRequest('"cursor" is not one that this server gave for this order');
}
