import type { RepoType } from "@bearhug/hub/protocol";
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from "kysely";
import type { Database, Tables } from "../store/database.ts";
import { nameKey } from "./names.ts";
import type { RepoQuery, Viewer } from "./services.ts";

export type Expression = ExpressionBuilder<Tables, "repositories">;
export type Condition = ExpressionWrapper<Tables, "repositories", SqlBool>;

/** What is searched for. */
export interface Wanted {
  readonly viewer: Viewer;
  readonly query: RepoQuery;
  /** The only repositories that can match, when one of the tags is rare; see {@link rareRepositories}. */
  readonly among: readonly string[] | undefined;
}

/** Everything that the query asks for, and that the viewer may see. */
export function matching(e: Expression, { viewer, query, among }: Wanted): Condition {
  const conditions: Condition[] = [];
  // With a list of ids the type is given; naming it too would tempt the database to read all of that type.
  if (among) conditions.push(e("repositories.id", "in", among));
  else conditions.push(e("repositories.type", "=", query.type));
  if (!viewer?.isAdmin) conditions.push(visible(e, viewer));
  if (query.search) conditions.push(contains(e, query.search));
  if (query.author) conditions.push(ownedBy(e, query.author));
  if (query.pipelineTag) conditions.push(e("repositories.pipeline_tag", "=", query.pipelineTag));
  if (query.gated !== undefined) {
    conditions.push(e("repositories.gated", query.gated ? "is not" : "is", null));
  }
  for (const tag of tagsOf(query)) conditions.push(hasTag(e, tag));
  return e.and(conditions);
}

/** Whether the query leaves out any repository that the viewer may see. */
export function isFiltered(query: RepoQuery): boolean {
  const { search, author, filter = [], pipelineTag, gated } = query;
  return Boolean(search || author || pipelineTag) || filter.length > 0 || gated !== undefined;
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

function tagsOf(query: RepoQuery): readonly string[] {
  return [...new Set(query.filter ?? [])];
}

/** Tags with at most this many repositories are looked up; more common ones are met while walking in order. */
const RARE = 1000;

/**
 * The repositories that have the rarest tag of the query; `undefined` when all its tags are common, or it has none.
 * Which way is faster differs by a factor of hundreds, and a database without statistics cannot know.
 */
export async function rareRepositories(
  database: Database,
  query: RepoQuery,
): Promise<readonly string[] | undefined> {
  let rarest: readonly string[] | undefined;
  for (const tag of tagsOf(query)) {
    const ids = await repositoriesWith(database, query.type, tag);
    if (ids && ids.length < (rarest?.length ?? Number.POSITIVE_INFINITY)) rarest = ids;
  }
  return rarest;
}

async function repositoriesWith(
  database: Database,
  type: RepoType,
  tag: string,
): Promise<readonly string[] | undefined> {
  const rows = await database
    .selectFrom("repository_tags")
    .select("repository_id")
    .where("type", "=", type)
    .where("tag", "=", tag)
    .limit(RARE + 1)
    .execute();
  return rows.length > RARE ? undefined : rows.map((row) => row.repository_id);
}
