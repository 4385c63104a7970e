/** Files that have been registered: rows to find them, and a recipe of terms each, in the blob `xet-files/<hash>`. */
import { EMPTY_HASH, Shard, serializeShard, type Term } from "@bearhug/xet";
import type { Kysely } from "kysely";
import { repoNotFound } from "../http/hub-error.ts";
import type { BlobStore } from "../store/blobs/blob-store.ts";
import { type Database, isForeignKeyViolation, type Tables } from "../store/database.ts";
import type { XetTables } from "../store/migrations/0002-xet.ts";
import { Recent } from "./recent.ts";
import { readAll } from "./xorb-store.ts";

/** How many terms of recipes stay in memory. */
const CACHED_TERMS = 100_000;
/** Rows of one statement, well below every database's limit of parameters. */
const ROWS = 200;

export interface StoredFile {
  /** Xet hash in printed form. */
  readonly hash: string;
  readonly sha256: string;
  readonly size: number;
}

/** What a shard has proven about a file. */
export interface ProvenFile extends StoredFile {
  readonly terms: readonly Term[];
  /** Chunks that deduplication queries may ask for, each with a xorb that holds it. */
  readonly findable: ReadonlyMap<string, string>;
}

export interface FileStore {
  find(hash: string): Promise<StoredFile | undefined>;
  /** The first registered with this content. */
  findBySha256(sha256: string): Promise<StoredFile | undefined>;
  hashesOf(sha256s: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The recipe of a registered file. */
  terms(hash: string): Promise<readonly Term[]>;
  /** Makes the file known, and notes that the repository has its content. Once this resolves it is durable. */
  register(file: ProvenFile, repositoryId: string): Promise<void>;
  /** As `register`, of a file that is known already. */
  link(file: StoredFile, repositoryId: string): Promise<void>;
  /** Whether the repository has the content of the file. */
  isIn(repositoryId: string, file: StoredFile): Promise<boolean>;
}

export type XetDatabase = Kysely<Tables & XetTables>;

/** The database, with the tables of Xet storage. */
export function withXetTables(database: Database): XetDatabase {
  // As Kysely's withTables() does, which does not take interfaces.
  return database as unknown as XetDatabase;
}

export function createFileStore(options: {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly now: () => Date;
}): FileStore {
  const { blobs, now } = options;
  const database = withXetTables(options.database);
  const recipes = new Recent<readonly Term[]>(CACHED_TERMS);
  return {
    find: (hash) => findFile(database, "file_hash", hash),
    findBySha256: (sha256) => findFile(database, "sha256", sha256),
    hashesOf: (sha256s) => hashesOf(database, sha256s),
    async terms(hash) {
      if (hash === EMPTY_HASH) return [];
      const cached = recipes.get(hash);
      if (cached) return cached;
      const [file] = Shard.parse(await readAll(blobs.read(recipeKey(hash)))).files();
      if (!file) throw new Error(`The recipe of "${hash}" is empty`);
      recipes.set(hash, file.terms, file.terms.length);
      return file.terms;
    },
    async register(file, repositoryId) {
      await writeRecipe(blobs, file);
      await insertFile(database, file, { repositoryId, createdAt: now().getTime() });
    },
    link: (file, repositoryId) => linkFile(database, file, repositoryId),
    isIn: (repositoryId, file) => isIn(database, repositoryId, file),
  };
}

function recipeKey(hash: string): string {
  return `xet-files/${hash}`;
}

/** Any proven recipe of a file gives the same bytes, so an earlier one stays. */
async function writeRecipe(blobs: BlobStore, { hash, terms, sha256 }: ProvenFile): Promise<void> {
  if (hash === EMPTY_HASH || (await blobs.size(recipeKey(hash))) !== undefined) return;
  const bytes = serializeShard({ files: [{ hash, terms, sha256 }], xorbs: [] });
  await blobs.write(recipeKey(hash), once(bytes));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function findFile(
  database: XetDatabase,
  column: "file_hash" | "sha256",
  value: string,
): Promise<StoredFile | undefined> {
  const row = await database
    .selectFrom("xet_files")
    .select(["file_hash", "sha256", "size"])
    .where(column, "=", value)
    .orderBy("created_at")
    .orderBy("file_hash")
    .limit(1)
    .executeTakeFirst();
  return row && { hash: row.file_hash, sha256: row.sha256, size: row.size };
}

async function hashesOf(
  database: XetDatabase,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  for (const part of batches(sha256s)) {
    const rows = await database
      .selectFrom("xet_files")
      .select(["sha256", "file_hash"])
      .where("sha256", "in", part)
      .orderBy("created_at")
      .orderBy("file_hash")
      .execute();
    for (const row of rows) {
      if (!hashes.has(row.sha256)) hashes.set(row.sha256, row.file_hash);
    }
  }
  return hashes;
}

/** The items in groups that fit one statement. */
export function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += ROWS) yield items.slice(at, at + ROWS);
}

async function insertFile(
  database: XetDatabase,
  file: ProvenFile,
  { repositoryId, createdAt }: { readonly repositoryId: string; readonly createdAt: number },
): Promise<void> {
  const xorbs = [...new Set(file.terms.map((term) => term.xorb))];
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("xet_files")
      .values({
        file_hash: file.hash,
        sha256: file.sha256,
        size: file.size,
        created_at: createdAt,
      })
      .onConflict((conflict) => conflict.column("file_hash").doNothing())
      .execute();
    const positions = xorbs.map((xorb, position) => ({
      file_hash: file.hash,
      xorb_hash: xorb,
      position,
    }));
    for (const rows of batches(positions)) {
      await transaction
        .insertInto("xet_file_xorbs")
        .values([...rows])
        .onConflict((conflict) => conflict.columns(["file_hash", "xorb_hash"]).doNothing())
        .execute();
    }
    const chunks = [...file.findable].map(([chunk, xorb]) => ({
      chunk_hash: chunk,
      xorb_hash: xorb,
    }));
    for (const rows of batches(chunks)) {
      await transaction
        .insertInto("xet_chunks")
        .values([...rows])
        .onConflict((conflict) => conflict.columns(["chunk_hash", "xorb_hash"]).doNothing())
        .execute();
    }
    await linkFile(transaction, file, repositoryId);
  });
}

async function linkFile(
  database: XetDatabase,
  file: StoredFile,
  repositoryId: string,
): Promise<void> {
  try {
    await database
      .insertInto("repository_objects")
      .values({ repository_id: repositoryId, sha256: file.sha256, size: file.size })
      .onConflict((conflict) => conflict.columns(["repository_id", "sha256"]).doNothing())
      .execute();
  } catch (error) {
    // The token outlived its repository.
    if (isForeignKeyViolation(error)) throw repoNotFound();
    throw error;
  }
}

async function isIn(
  database: XetDatabase,
  repositoryId: string,
  file: StoredFile,
): Promise<boolean> {
  const row = await database
    .selectFrom("repository_objects")
    .select("sha256")
    .where("repository_id", "=", repositoryId)
    .where("sha256", "=", file.sha256)
    .executeTakeFirst();
  return row !== undefined;
}
