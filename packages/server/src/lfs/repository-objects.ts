/** Which content a repository has proven to possess, by uploading it. Knowing a hash alone gives no access. */
import type { Database } from "../store/database.ts";

const PER_QUERY = 500;

/** Those of `sha256s` that were uploaded to the repository. */
export async function linkedObjects(
  database: Database,
  repositoryId: string,
  sha256s: readonly string[],
): Promise<ReadonlySet<string>> {
  const linked = new Set<string>();
  for (let at = 0; at < sha256s.length; at += PER_QUERY) {
    const rows = await database
      .selectFrom("repository_objects")
      .select("sha256")
      .where("repository_id", "=", repositoryId)
      .where("sha256", "in", sha256s.slice(at, at + PER_QUERY))
      .execute();
    for (const row of rows) linked.add(row.sha256);
  }
  return linked;
}

/** Notes that the repository possesses the content; again is fine. */
export async function linkObject(
  database: Database,
  repositoryId: string,
  object: { readonly sha256: string; readonly size: number },
): Promise<void> {
  await database
    .insertInto("repository_objects")
    .values({ repository_id: repositoryId, sha256: object.sha256, size: object.size })
    .onConflict((conflict) => conflict.columns(["repository_id", "sha256"]).doNothing())
    .execute();
}
