import type { Kysely } from "kysely";
import type { Migration } from "../database.ts";

/** Tables of Xet storage; bytes and recipes lie in the blob store, these find them and say who may use them. */
export interface XetTables {
  readonly xet_files: XetFilesTable;
  readonly xet_file_xorbs: XetFileXorbsTable;
  readonly xet_xorb_access: XetXorbAccessTable;
  readonly xet_chunks: XetChunksTable;
}

/** A registered file: its recipe, verified against both hashes, is the blob `xet-files/<file_hash>`. */
export interface XetFilesTable {
  /** Xet hash, in its printed form. */
  file_hash: string;
  sha256: string;
  size: number;
  created_at: number;
}

/** The xorbs that a file's recipe uses, in order of first use. */
export interface XetFileXorbsTable {
  file_hash: string;
  xorb_hash: string;
  position: number;
}

/** Who has shown the whole of a xorb and may therefore build files from it. */
export interface XetXorbAccessTable {
  xorb_hash: string;
  /** `account:<id>` or `repository:<id>`. */
  principal: string;
}

/** Chunks that answer a deduplication query, and a xorb that holds each. */
export interface XetChunksTable {
  chunk_hash: string;
  xorb_hash: string;
}

export const xet: Migration = {
  name: "0002-xet",
  async up(transaction) {
    await files(transaction);
    await xorbs(transaction);
  },
};

async function files(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("xet_files")
    .addColumn("file_hash", "text", (column) => column.primaryKey())
    .addColumn("sha256", "text", (column) => column.notNull())
    .addColumn("size", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("xet_files_by_sha256")
    .on("xet_files")
    .columns(["sha256", "created_at"])
    .execute();
  await db.schema
    .createTable("xet_file_xorbs")
    .addColumn("file_hash", "text", (column) =>
      column.notNull().references("xet_files.file_hash").onDelete("cascade"),
    )
    .addColumn("xorb_hash", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("xet_file_xorbs_key", ["file_hash", "xorb_hash"])
    .execute();
  await db.schema
    .createIndex("xet_file_xorbs_by_xorb_hash")
    .on("xet_file_xorbs")
    .columns(["xorb_hash"])
    .execute();
}

async function xorbs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("xet_xorb_access")
    .addColumn("xorb_hash", "text", (column) => column.notNull())
    .addColumn("principal", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("xet_xorb_access_key", ["xorb_hash", "principal"])
    .execute();
  await db.schema
    .createTable("xet_chunks")
    .addColumn("chunk_hash", "text", (column) => column.notNull())
    .addColumn("xorb_hash", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("xet_chunks_key", ["chunk_hash", "xorb_hash"])
    .execute();
  await db.schema
    .createIndex("xet_chunks_by_xorb_hash")
    .on("xet_chunks")
    .columns(["xorb_hash"])
    .execute();
}
