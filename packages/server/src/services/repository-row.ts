import { isObject } from "@bearhug/core";
import type { RepoType } from "@bearhug/hub/protocol";
import type { Selectable } from "kysely";
import type { Database, RepositoriesTable, RepositoryDetailsTable } from "../store/database.ts";
import { nameKey } from "./names.ts";
import type { RepoName, RepoSummary } from "./services.ts";

type Columns = Selectable<RepositoriesTable>;
type Details = Selectable<RepositoryDetailsTable>;

/** A repository with its details; one that was never indexed has none. */
export type RepositoryRow = Columns & {
  readonly [K in Exclude<keyof Details, "repository_id">]: Details[K] | null;
};

/** The repository with this name, without regard to case. */
export function findRow(
  database: Database,
  { type, id }: RepoName,
): Promise<RepositoryRow | undefined> {
  return rows(database)
    .where("repositories.type", "=", type)
    .where("repositories.id_key", "=", nameKey(id))
    .executeTakeFirst();
}

export function findRowById(
  database: Database,
  recordId: string,
): Promise<RepositoryRow | undefined> {
  return rows(database).where("repositories.id", "=", recordId).executeTakeFirst();
}

/** The repositories with these record ids, in that order. */
export async function findRowsById(
  database: Database,
  recordIds: readonly string[],
): Promise<readonly RepositoryRow[]> {
  if (recordIds.length === 0) return [];
  const found = await rows(database).where("repositories.id", "in", recordIds).execute();
  const byId = new Map(found.map((row) => [row.id, row]));
  return recordIds.flatMap((id) => byId.get(id) ?? []);
}

/** The repository that once had this name. */
export function findRedirect(
  database: Database,
  { type, id }: RepoName,
): Promise<RepositoryRow | undefined> {
  return rows(database)
    .innerJoin("repository_redirects", "repository_redirects.repository_id", "repositories.id")
    .where("repository_redirects.type", "=", type)
    .where("repository_redirects.id_key", "=", nameKey(id))
    .executeTakeFirst();
}

function rows(database: Database) {
  return database
    .selectFrom("repositories")
    .leftJoin("repository_details", "repository_details.repository_id", "repositories.id")
    .selectAll("repositories")
    .select([
      "repository_details.description",
      "repository_details.card_data",
      "repository_details.config",
      "repository_details.safetensors",
      "repository_details.tags",
    ]);
}

export function repoId(row: Pick<RepositoryRow, "owner" | "name">): string {
  return `${row.owner}/${row.name}`;
}

export function toSummary(row: RepositoryRow): RepoSummary {
  return {
    recordId: row.id,
    type: row.type satisfies RepoType,
    id: repoId(row),
    owner: row.owner,
    name: row.name,
    private: row.private !== 0,
    gated: row.gated ?? false,
    disabled: row.disabled !== 0,
    sha: row.indexed_sha ?? undefined,
    createdAt: new Date(row.created_at),
    lastModified: new Date(row.last_modified),
    likes: row.likes,
    downloads: row.downloads,
    tags: parseTags(row.tags),
    pipelineTag: row.pipeline_tag ?? undefined,
    libraryName: row.library_name ?? undefined,
    license: row.license ?? undefined,
    description: row.description ?? undefined,
    cardData: parseColumn(row.card_data),
    config: parseColumn(row.config),
    // Written by this server from a checked value.
    safetensors: parseColumn(row.safetensors) as RepoSummary["safetensors"],
    usedStorage: row.used_storage,
  };
}

function parseColumn(text: string | null): Readonly<Record<string, unknown>> | undefined {
  if (text === null) return undefined;
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : undefined;
}

function parseTags(text: string | null): readonly string[] {
  const value: unknown = JSON.parse(text ?? "[]");
  return Array.isArray(value) ? value.map(String) : [];
}
