/**
 * Who may build files from a xorb. Knowing its name is not enough: one has sent all of it, or may read a
 * repository that uses it. (A shard proves knowledge of the chunks besides; this keeps a leaked list of hashes
 * from being worth anything.)
 */
import type { Database } from "../store/database.ts";
import { batches, withXetTables, type XetDatabase } from "./file-store.ts";
import type { XetClaims } from "./tokens.ts";

export interface XorbAccess {
  /** Notes that the bearer has shown all of the xorb. */
  grant(claims: XetClaims, xorb: string): Promise<void>;
  /** Those of `xorbs` that the bearer may use. */
  usable(claims: XetClaims, xorbs: readonly string[]): Promise<ReadonlySet<string>>;
}

export function createXorbAccess(database: Database): XorbAccess {
  const tables = withXetTables(database);
  return {
    async grant(claims, xorb) {
      await tables
        .insertInto("xet_xorb_access")
        .values(principals(claims).map((principal) => ({ xorb_hash: xorb, principal })))
        .onConflict((conflict) => conflict.columns(["xorb_hash", "principal"]).doNothing())
        .execute();
    },
    async usable(claims, xorbs) {
      const found = new Set<string>();
      for (const part of batches(xorbs)) {
        for (const xorb of await granted(tables, claims, part)) found.add(xorb);
        const others = part.filter((xorb) => !found.has(xorb));
        for (const xorb of await inReadable(tables, claims, others)) found.add(xorb);
      }
      return found;
    },
  };
}

function principals({ repositoryId, account }: XetClaims): readonly string[] {
  const repository = `repository:${repositoryId}`;
  return account ? [`account:${account.id}`, repository] : [repository];
}

async function granted(
  tables: XetDatabase,
  claims: XetClaims,
  xorbs: readonly string[],
): Promise<readonly string[]> {
  if (xorbs.length === 0) return [];
  const rows = await tables
    .selectFrom("xet_xorb_access")
    .select("xorb_hash")
    .distinct()
    .where("xorb_hash", "in", xorbs)
    .where("principal", "in", principals(claims))
    .execute();
  return rows.map((row) => row.xorb_hash);
}

/** Xorbs of files that lie in a repository which the bearer may read: this one, a public one, one's own. */
async function inReadable(
  tables: XetDatabase,
  { repositoryId, account }: XetClaims,
  xorbs: readonly string[],
): Promise<readonly string[]> {
  if (xorbs.length === 0) return [];
  const rows = await tables
    .selectFrom("xet_file_xorbs")
    .innerJoin("xet_files", "xet_files.file_hash", "xet_file_xorbs.file_hash")
    .innerJoin("repository_objects", "repository_objects.sha256", "xet_files.sha256")
    .innerJoin("repositories", "repositories.id", "repository_objects.repository_id")
    .select("xet_file_xorbs.xorb_hash")
    .distinct()
    .where("xet_file_xorbs.xorb_hash", "in", xorbs)
    .where((where) => {
      const isPublic = where.and([
        where("repositories.private", "=", 0),
        where("repositories.gated", "is", null),
        where("repositories.disabled", "=", 0),
      ]);
      const isThis = where("repositories.id", "=", repositoryId);
      if (!account) return where.or([isThis, isPublic]);
      return where.or([isThis, isPublic, where("repositories.owner", "=", account.name)]);
    })
    .execute();
  return rows.map((row) => row.xorb_hash);
}
