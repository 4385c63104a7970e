import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "../database.ts";

export const core: Migration = {
  name: "0001-core",
  async up(transaction) {
    await accounts(transaction);
    await repositories(transaction);
    await repositoryParts(transaction);
  },
};

async function accounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("accounts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_key", "text", (column) => column.notNull().unique())
    .addColumn("full_name", "text", (column) => column.notNull())
    .addColumn("email", "text")
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("is_admin", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("sessions")
    .addColumn("token_hash", "text", (column) => column.primaryKey())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("access_tokens")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("token_hash", "text", (column) => column.notNull().unique())
    .addColumn("display_name", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint")
    .execute();
  await index(db, "access_tokens", ["account_id"]);
}

async function repositories(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("repositories")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("id_key", "text", (column) => column.notNull())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("private", "integer", (column) => column.notNull())
    .addColumn("gated", "text")
    .addColumn("disabled", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_modified", "bigint", (column) => column.notNull())
    .addColumn("likes", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("downloads", "integer", (column) => column.notNull().defaultTo(0))
    .addColumn("indexed_sha", "text")
    .addColumn("pipeline_tag", "text")
    .addColumn("library_name", "text")
    .addColumn("license", "text")
    .addColumn("used_storage", "bigint", (column) => column.notNull().defaultTo(0))
    .addUniqueConstraint("repositories_name", ["type", "id_key"])
    .execute();
  // Each covers what a list filters by: a search reads one index from end to end, and no rows.
  for (const order of ["last_modified", "created_at", "downloads", "likes"]) {
    await index(db, "repositories", ["type", order, "id", "private", "owner", "id_key"]);
  }
  await index(db, "repositories", ["type", "private", "owner"]);
  await index(db, "repositories", ["type", "pipeline_tag", "private", "owner", "id_key"]);
}

async function repositoryParts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("repository_details")
    .addColumn("repository_id", "text", (column) => ofRepository(column).primaryKey())
    .addColumn("description", "text")
    .addColumn("card_data", "text")
    .addColumn("config", "text")
    .addColumn("safetensors", "text")
    .addColumn("tags", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("repository_tags")
    .addColumn("repository_id", "text", ofRepository)
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("private", "integer", (column) => column.notNull())
    .addColumn("tag", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("repository_tags_key", ["repository_id", "tag"])
    .execute();
  await index(db, "repository_tags", ["type", "tag", "repository_id"]);
  await index(db, "repository_tags", ["type", "private", "tag"]);
  await db.schema
    .createTable("repository_redirects")
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("id_key", "text", (column) => column.notNull())
    .addColumn("repository_id", "text", ofRepository)
    .addPrimaryKeyConstraint("repository_redirects_key", ["type", "id_key"])
    .execute();
  await index(db, "repository_redirects", ["repository_id"]);
  await db.schema
    .createTable("repository_objects")
    .addColumn("repository_id", "text", ofRepository)
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("size", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("repository_objects_key", ["repository_id", "sha256"])
    .execute();
  await index(db, "repository_objects", ["sha256"]);
  await db.schema
    .createTable("repository_likes")
    .addColumn("repository_id", "text", ofRepository)
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("repository_likes_key", ["repository_id", "account_id"])
    .execute();
  await index(db, "repository_likes", ["account_id"]);
  await db.schema
    .createTable("pending_storage")
    .addColumn("storage_id", "text", (column) => column.primaryKey())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
}

function ofRepository(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.notNull().references("repositories.id").onDelete("cascade");
}

async function index(
  db: Kysely<unknown>,
  table: string,
  columns: readonly string[],
): Promise<void> {
  await db.schema
    .createIndex(`${table}_by_${columns.join("_")}`)
    .on(table)
    .columns([...columns])
    .execute();
}
