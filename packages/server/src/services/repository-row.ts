import { isObject } from "@bearhug/core";
import type { RepoType } from "@bearhug/hub/protocol";
import type { Selectable } from "kysely";
import type { Database, RepositoriesTable } from "../store/database.ts";
import { nameKey } from "./names.ts";
import type { RepoName, RepoSummary } from "./services.ts";

export type RepositoryRow = Selectable<RepositoriesTable>;

/** The row of the repository with this name, without regard to case. */
export function findRow(
  database: Database,
  { type, id }: RepoName,
): Promise<RepositoryRow | undefined> {
  return database
    .selectFrom("repositories")
    .selectAll()
    .where("type", "=", type)
    .where("id_key", "=", nameKey(id))
    .executeTakeFirst();
}

export function findRowById(
  database: Database,
  recordId: string,
): Promise<RepositoryRow | undefined> {
  return database
    .selectFrom("repositories")
    .selectAll()
    .where("id", "=", recordId)
    .executeTakeFirst();
}

/** The repository that once had this name. */
export function findRedirect(
  database: Database,
  { type, id }: RepoName,
): Promise<RepositoryRow | undefined> {
  return database
    .selectFrom("repository_redirects")
    .innerJoin("repositories", "repositories.id", "repository_redirects.repository_id")
    .selectAll("repositories")
    .where("repository_redirects.type", "=", type)
    .where("repository_redirects.id_key", "=", nameKey(id))
    .executeTakeFirst();
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

function parseTags(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.map(String) : [];
}
