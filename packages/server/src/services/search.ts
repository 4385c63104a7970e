import type { RepoType } from "@bearhug/hub/protocol";
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from "kysely";
import { badRequest } from "../http/hub-error.ts";
import type { Database, Tables } from "../store/database.ts";
import { countFacets } from "./facets.ts";
import { nameKey } from "./names.ts";
import { findRowsById, toSummary } from "./repository-row.ts";
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
        .select(["id", column])
        .where((expression) => matching(expression, viewer, query));
      if (query.cursor !== undefined) {
        const { value, id } = readCursor(query.cursor, column);
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
      const found = await page
        .orderBy(column, direction)
        .orderBy("id", direction)
        .limit(limit + 1)
        .execute();
      const kept = found.slice(0, limit);
      const last = kept.at(-1);
      const rows = await findRowsById(
        database,
        kept.map((row) => row.id),
      );
      return {
        repos: rows.map(toSummary),
        total: await countMatching(database, viewer, query),
        nextCursor: found.length > limit && last ? writeCursor(last[column], last.id) : undefined,
      };
    },
    facets: (viewer, query) =>
      countFacets(database, {
        type: query.type,
        viewer,
        matching: isFiltered(query) ? (e) => matching(e, viewer, query) : undefined,
      }),
  };
}

type Expression = ExpressionBuilder<Tables, "repositories">;
export type Condition = ExpressionWrapper<Tables, "repositories", SqlBool>;

function isFiltered(query: RepoQuery): boolean {
  const { search, author, filter = [], pipelineTag, gated } = query;
  return Boolean(search || author || pipelineTag) || filter.length > 0 || gated !== undefined;
}

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
  for (const tag of new Set(query.filter ?? [])) conditions.push(hasTag(e, query.type, tag));
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

function hasTag(e: Expression, type: RepoType, tag: string): Condition {
  return e(
    "repositories.id",
    "in",
    e
      .selectFrom("repository_tags")
      .select("repository_tags.repository_id")
      .where("repository_tags.type", "=", type)
      .where("repository_tags.tag", "=", tag),
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
