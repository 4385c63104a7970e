import { sql } from "kysely";
import type { Database } from "../store/database.ts";

/** Counts downloads without a write for each: sums are stored every few seconds. */
export interface DownloadCounter {
  count(recordId: string): void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

const FLUSH_MS = 5_000;

export function createDownloadCounter(database: Database): DownloadCounter {
  let pending = new Map<string, number>();
  const flush = async (): Promise<void> => {
    if (pending.size === 0) return;
    const counts = pending;
    pending = new Map();
    await database.transaction().execute(async (transaction) => {
      for (const [id, count] of counts) {
        await transaction
          .updateTable("repositories")
          .set({ downloads: sql<number>`downloads + ${count}` })
          .where("id", "=", id)
          .execute();
      }
    });
  };
  // Counts are statistics: a flush that fails loses some, and must not stop the server.
  const timer = setInterval(() => void flush().catch(() => {}), FLUSH_MS);
  timer.unref();
  return {
    count(recordId) {
      pending.set(recordId, (pending.get(recordId) ?? 0) + 1);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
