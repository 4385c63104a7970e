import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from "kysely";
import { badRequest } from "../http/hub-error.ts";
import type { Database, Tables } from "../store/database.ts";
import { countFacets } from "./facets.ts";
import { nameKey } from "./names.ts";
import { toSummary } from "./repository-row.ts";
import type { RepoQuery, RepoSort, SearchService, Viewer } from "./services.ts";

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

export function createSearchService({ database }: { readonly database: Database }): SearchService {
  return {
    async list(viewer, query) {
      const column = SORT_COLUMNS[query.sort ?? "lastModified"];
      const limit = Math.min(Math.max(query.limit ?? DEFAULT_LIMIT, 1), MAX_LIMIT);
      const direction = column === "id_key" ? "asc" : "desc";
      let page = database
        .selectFrom("repositories")
        .selectAll()
        .where((expression) => matching(expression, viewer, query));
      if (query.cursor !== undefined) {
        const { value, id } = readCursor(query.cursor, column);
        const beyond = direction === "asc" ? ">" : "<";
        page = page.where((expression) =>
          expression.or([
            expression(column, beyond, value),
            expression.and([expression(column, "=", value), expression("id", beyond, id)]),
          ]),
        );
      }
      const rows = await page
        .orderBy(column, direction)
        .orderBy("id", direction)
        .limit(limit + 1)
        .execute();
      const kept = rows.slice(0, limit);
      const last = kept.at(-1);
      return {
        repos: kept.map(toSummary),
        total: await countMatching(database, viewer, query),
        nextCursor: rows.length > limit && last ? writeCursor(last[column], last.id) : undefined,
      };
    },
    facets: (viewer, query) => countFacets(database, (e) => matching(e, viewer, query)),
  };
}

type Expression = ExpressionBuilder<Tables, "repositories">;
export type Condition = ExpressionWrapper<Tables, "repositories", SqlBool>;

/** Everything that `query` asks for, and that the viewer may see. */
function matching(e: Expression, viewer: Viewer, query: RepoQuery): Condition {
  const conditions = [e("repositories.type", "=", query.type)];
  if (!viewer?.isAdmin) conditions.push(visible(e, viewer));
  if (query.search) conditions.push(contains(e, query.search));
  if (query.author) conditions.push(ownedBy(e, query.author));
  if (query.pipelineTag) conditions.push(e("repositories.pipeline_tag", "=", query.pipelineTag));
  if (query.gated !== undefined) {
    conditions.push(e("repositories.gated", query.gated ? "is not" : "is", null));
  }
  for (const tag of new Set(query.filter ?? [])) conditions.push(hasTag(e, tag));
  return e.and(conditions);
}

/** A range of the unique index: "0" follows "/". */
function ownedBy(e: Expression, author: string): Condition {
  const key = nameKey(author);
  return e.and([
    e("repositories.id_key", ">=", `${key}/`),
    e("repositories.id_key", "<", `${key}0`),
  ]);
}

function visible(e: Expression, viewer: Viewer): Condition {
  const open = e("repositories.private", "=", 0);
  return viewer ? e.or([open, e("repositories.owner", "=", viewer.name)]) : open;
}

/** Each word must be part of the id. */
function contains(e: Expression, search: string): Condition {
  const words = search.trim().split(/\s+/).slice(0, 10);
  return e.and(
    words.map((word) => {
      const pattern = `%${nameKey(word).replace(/[\\%_]/g, "\\$&")}%`;
      return sql<SqlBool>`repositories.id_key like ${pattern} escape '\\'`;
    }),
  ) as Condition;
}

function hasTag(e: Expression, tag: string): Condition {
  return e.exists(
    e
      .selectFrom("repository_tags")
      .select("repository_tags.tag")
      .where("repository_tags.tag", "=", tag)
      .whereRef("repository_tags.repository_id", "=", "repositories.id"),
  );
}

async function countMatching(
  database: Database,
  viewer: Viewer,
  query: RepoQuery,
): Promise<number> {
  const { count } = await database
    .selectFrom("repositories")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where((expression) => matching(expression, viewer, query))
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
