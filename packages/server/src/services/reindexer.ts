import type { Kysely } from "kysely";
import type { Database, Tables } from "../store/database.ts";
import type { Repository, RepositoryStore } from "../store/repositories/repository-store.ts";
import { type Description, describeRepository } from "./indexing/describe-repository.ts";
import { findRowById, type RepositoryRow, toSummary } from "./repository-row.ts";
import type { ContentService, RepoSummary } from "./services.ts";

export interface Reindexer {
  /** Brings the row up to the head of its repository. `undefined` when there is no such repository any more. */
  reindex(recordId: string): Promise<RepoSummary | undefined>;
  /** The row's summary, brought up to date first when Git's head is elsewhere. */
  current(row: RepositoryRow, git: Repository): Promise<RepoSummary>;
  /** Every repository whose index is behind: after a process was killed between a push and its index. */
  reindexStale(signal: AbortSignal): Promise<void>;
}

export interface ReindexerOptions {
  readonly database: Database;
  readonly store: RepositoryStore;
  readonly content: ContentService;
  readonly now: () => Date;
}

/** A head that keeps moving is followed this often before the next push takes over. */
const MAX_ROUNDS = 5;

export function createReindexer(options: ReindexerOptions): Reindexer {
  const { database, store } = options;
  const running = new Map<string, Promise<RepoSummary | undefined>>();

  /** One at a time for each repository: an older description must not replace a newer one. */
  function reindex(recordId: string): Promise<RepoSummary | undefined> {
    const before = running.get(recordId) ?? Promise.resolve(undefined);
    const task = before
      .catch(() => undefined)
      .then(() => bringUpToDate(options, recordId))
      .finally(() => {
        if (running.get(recordId) === task) running.delete(recordId);
      });
    running.set(recordId, task);
    return task;
  }

  return {
    reindex,
    async current(row, git) {
      const head = await git.resolve("HEAD");
      if ((head ?? null) === row.indexed_sha) return toSummary(row);
      return (await reindex(row.id)) ?? toSummary(row);
    },
    async reindexStale(signal) {
      for await (const row of allRows(database)) {
        if (signal.aborted) return;
        try {
          const head = await store.open(row.id).resolve("HEAD");
          if ((head ?? null) !== row.indexed_sha) await reindex(row.id);
        } catch (error) {
          // One that is broken, or deleted at this moment, must not keep the others from their turn.
          process.stderr.write(`Cannot index repository ${row.id}: ${String(error)}\n`);
        }
      }
    },
  };
}

/** Ids of all repositories with their indexed commits, a page at a time. */
async function* allRows(
  database: Database,
): AsyncGenerator<Pick<RepositoryRow, "id" | "indexed_sha">> {
  for (let after: string | undefined = ""; after !== undefined; ) {
    const rows: readonly Pick<RepositoryRow, "id" | "indexed_sha">[] = await database
      .selectFrom("repositories")
      .select(["id", "indexed_sha"])
      .where("id", ">", after)
      .orderBy("id")
      .limit(200)
      .execute();
    yield* rows;
    after = rows.at(-1)?.id;
  }
}

async function bringUpToDate(
  options: ReindexerOptions,
  recordId: string,
): Promise<RepoSummary | undefined> {
  const { database, store, content } = options;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const row = await findRowById(database, recordId);
    if (!row) return undefined;
    const git = store.open(recordId);
    const head = await git.resolve("HEAD");
    if ((head ?? null) === row.indexed_sha) return toSummary(row);
    if (head === undefined) {
      await saveEmpty(database, recordId);
      continue;
    }
    const repo = { summary: toSummary(row), git, canWrite: false, canAdmin: false };
    const description = await describeRepository(repo, head, content);
    await save(database, row, {
      ...description,
      sha: head,
      lastModified: await timeOfChange(options, row, git),
    });
  }
  const row = await findRowById(database, recordId);
  return row && toSummary(row);
}

/**
 * When the head became what it is: now, by this server's clock. A pushed commit's own date may be years old.
 * Only an index that is built anew has nothing better than that date.
 */
async function timeOfChange(
  { now }: ReindexerOptions,
  row: RepositoryRow,
  git: Repository,
): Promise<number> {
  if (row.indexed_sha !== null) return now().getTime();
  const head = await git.resolve("HEAD");
  const [commit] = head === undefined ? [] : await git.log(head, { limit: 1 });
  return Math.max(row.created_at, commit?.date.getTime() ?? 0);
}

interface Indexed extends Description {
  readonly sha: string;
  readonly lastModified: number;
}

async function save(database: Database, row: RepositoryRow, indexed: Indexed): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("repositories")
      .set({
        indexed_sha: indexed.sha,
        last_modified: indexed.lastModified,
        pipeline_tag: indexed.pipelineTag ?? null,
        library_name: indexed.libraryName ?? null,
        license: indexed.license ?? null,
        used_storage: indexed.usedStorage,
      })
      .where("id", "=", row.id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await saveDetails(transaction, row.id, indexed);
    await saveTags(transaction, row, indexed.tags);
  });
}

async function saveDetails(
  transaction: Kysely<Tables>,
  recordId: string,
  indexed: Indexed,
): Promise<void> {
  const details = {
    description: indexed.description ?? null,
    card_data: toColumn(indexed.cardData),
    config: toColumn(indexed.config),
    safetensors: toColumn(indexed.safetensors),
    tags: JSON.stringify(indexed.tags),
  };
  await transaction
    .insertInto("repository_details")
    .values({ repository_id: recordId, ...details })
    .onConflict((conflict) => conflict.column("repository_id").doUpdateSet(details))
    .execute();
}

async function saveEmpty(database: Database, recordId: string): Promise<void> {
  await database
    .updateTable("repositories")
    .set({ indexed_sha: null })
    .where("id", "=", recordId)
    .execute();
}

/** Rows of one INSERT: within the number of parameters that every database takes. */
const TAGS_PER_INSERT = 200;

async function saveTags(
  transaction: Kysely<Tables>,
  row: RepositoryRow,
  tags: readonly string[],
): Promise<void> {
  await transaction.deleteFrom("repository_tags").where("repository_id", "=", row.id).execute();
  // Read here: the settings may have changed since the row was.
  const { private: isPrivate } = await transaction
    .selectFrom("repositories")
    .select("private")
    .where("id", "=", row.id)
    .executeTakeFirstOrThrow();
  const values = tags.map((tag) => ({
    repository_id: row.id,
    type: row.type,
    private: isPrivate,
    tag,
  }));
  for (let at = 0; at < values.length; at += TAGS_PER_INSERT) {
    await transaction
      .insertInto("repository_tags")
      .values(values.slice(at, at + TAGS_PER_INSERT))
      .execute();
  }
}

function toColumn(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
