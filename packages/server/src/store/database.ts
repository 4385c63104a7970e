import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Generated,
  Kysely,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import LibSql from "libsql";
import { migrations } from "./migrations/migrations.ts";

/**
 * Metadata in SQL. Portable on purpose: text, integers (booleans are 0 or 1, times are milliseconds since 1970)
 * and JSON as text, so that PostgreSQL can take the place of SQLite behind the same type.
 *
 * A store with tables of its own adds their type with `database.withTables<Its>()`.
 */
export type Database = Kysely<Tables>;

export interface Tables {
  readonly accounts: AccountsTable;
  readonly sessions: SessionsTable;
  readonly access_tokens: AccessTokensTable;
  readonly repositories: RepositoriesTable;
  readonly repository_details: RepositoryDetailsTable;
  readonly repository_tags: RepositoryTagsTable;
  readonly repository_redirects: RepositoryRedirectsTable;
  readonly repository_objects: RepositoryObjectsTable;
  readonly repository_likes: RepositoryLikesTable;
  readonly pending_storage: PendingStorageTable;
}

export interface AccountsTable {
  id: string;
  name: string;
  /** Lower case; unique. */
  name_key: string;
  full_name: string;
  email: string | null;
  password_hash: string;
  is_admin: number;
  created_at: number;
}

export interface SessionsTable {
  /** sha256 of the cookie's value, hexadecimal. */
  token_hash: string;
  account_id: string;
  created_at: number;
  expires_at: number;
}

export interface AccessTokensTable {
  id: string;
  account_id: string;
  /** sha256 of the token, hexadecimal. */
  token_hash: string;
  display_name: string;
  role: "read" | "write";
  created_at: number;
  last_used_at: number | null;
}

/** What lists are filtered and ordered by. Rows are narrow, because searches read all of them. */
export interface RepositoriesTable {
  id: string;
  type: "model" | "dataset" | "space";
  /** `owner/name` in lower case; unique for each type. */
  id_key: string;
  owner: string;
  name: string;
  private: number;
  gated: "auto" | "manual" | null;
  disabled: number;
  created_at: number;
  last_modified: number;
  likes: Generated<number>;
  downloads: Generated<number>;
  /** Commit that the columns below, the details and the tags describe. */
  indexed_sha: string | null;
  pipeline_tag: string | null;
  library_name: string | null;
  license: string | null;
  used_storage: Generated<number>;
}

/** What is shown of a repository, and not searched. */
export interface RepositoryDetailsTable {
  repository_id: string;
  description: string | null;
  card_data: string | null;
  config: string | null;
  safetensors: string | null;
  /** JSON array, in the order that replies show. */
  tags: string;
}

/** `type` and `private` are the repository's: counts over all tags read an index alone. */
export interface RepositoryTagsTable {
  repository_id: string;
  type: "model" | "dataset" | "space";
  private: number;
  tag: string;
}

/** Former names of a repository. */
export interface RepositoryRedirectsTable {
  type: "model" | "dataset" | "space";
  id_key: string;
  repository_id: string;
}

/** Which stored content a repository may refer to: what was uploaded to it, by LFS or Xet. */
export interface RepositoryObjectsTable {
  repository_id: string;
  sha256: string;
  size: number;
}

export interface RepositoryLikesTable {
  repository_id: string;
  account_id: string;
  created_at: number;
}

/** Git storage that exists without a repository: being created, or being deleted. */
export interface PendingStorageTable {
  storage_id: string;
  created_at: number;
}

export interface OpenDatabaseOptions {
  /** How long a write waits for another process's, in milliseconds. Default 15000. */
  readonly busyTimeoutMs?: number;
}

/** Opens the SQLite database in `file`, creating it and bringing its tables up to date. */
export async function openDatabase(
  file: string,
  { busyTimeoutMs = 15_000 }: OpenDatabaseOptions = {},
): Promise<Database> {
  await mkdir(dirname(file), { recursive: true });
  const connection = new LibSql(file, { timeout: busyTimeoutMs });
  const database = new Kysely<Tables>({
    dialect: new EmbeddedDialect({ database: connection as SqliteDialectConfig["database"] }),
  });
  try {
    connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL");
    connection.exec("PRAGMA foreign_keys = ON");
    connection.exec("PRAGMA cache_size = -32768");
    await migrate(database);
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** One step of the schema's history. A released migration never changes. */
export interface Migration {
  /** `0001-core`: the order of names is the order of application. */
  readonly name: string;
  up(transaction: Kysely<unknown>): Promise<void>;
}

/** Applies what is missing, in one transaction that writes from its start: a second process waits. */
async function migrate(database: Database): Promise<void> {
  await database
    .withTables<{ migrations: { name: string } }>()
    .transaction()
    .execute(async (transaction) => {
      await transaction.schema
        .createTable("migrations")
        .ifNotExists()
        .addColumn("name", "text", (column) => column.primaryKey())
        .execute();
      const rows = await transaction.selectFrom("migrations").select("name").execute();
      const applied = new Set(rows.map((row) => row.name));
      for (const migration of migrations) {
        if (applied.has(migration.name)) continue;
        await migration.up(transaction as unknown as Kysely<unknown>);
        await transaction.insertInto("migrations").values({ name: migration.name }).execute();
      }
    });
}

/** Kysely's SQLite dialect, with transactions that take the write lock when they begin. */
class EmbeddedDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#config);
  }
}

/** A transaction that reads first and writes later would fail, not wait, when another process wrote between. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** Whether `error` says that the row which another one belongs to is not there, or not any more. */
export function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_FOREIGNKEY";
}

/** Whether `error` says that a row with the same unique value is there already. */
export function isUniqueViolation(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "SQLITE_CONSTRAINT_UNIQUE" || error.code === "SQLITE_CONSTRAINT_PRIMARYKEY";
}
