import type { RepoType } from "@bearhug/hub/protocol";
import { badRequest, forbidden, HubError, repoNotFound } from "../http/hub-error.ts";
import { isUniqueViolation } from "../store/database.ts";
import type { TreeChange } from "../store/repositories/repository-store.ts";
import { validateCard } from "./cards.ts";
import { personOf, translateGitErrors } from "./commits.ts";
import { defaultGitAttributes, licenseCard } from "./default-files.ts";
import { checkRepositoryName, nameKey, splitRepoId } from "./names.ts";
import { isOwner } from "./permissions.ts";
import type { RepositoryParts } from "./repositories.ts";
import { requireWriteAccess } from "./repository-access.ts";
import { findRow, findRowById, type RepositoryRow, toSummary } from "./repository-row.ts";
import { newRecordId } from "./secrets.ts";
import type { Account, RepoSummary, RepositoryService, Viewer } from "./services.ts";

type Life = Pick<RepositoryService, "create" | "delete" | "move" | "update" | "like">;
type NewRepository = Parameters<RepositoryService["create"]>[1];

/** Creation, renaming, settings and deletion. */
export function createLife(parts: RepositoryParts): Life {
  const { database, access, now } = parts;
  return {
    create: (viewer, repo) => create(parts, viewer, repo),
    move: (viewer, from, toId) => move(parts, viewer, { from, toId }),
    async delete(viewer, name) {
      const { repo } = await access.openForWriting(viewer, name);
      const { recordId } = repo.summary;
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto("pending_storage")
          .values({ storage_id: recordId, created_at: now().getTime() })
          // Somebody else deletes it at this moment.
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await transaction.deleteFrom("repositories").where("id", "=", recordId).execute();
      });
      await removeStorage(parts, recordId);
    },
    async update(viewer, name, settings) {
      const { repo } = await access.openForWriting(viewer, name);
      const { recordId } = repo.summary;
      const changes = {
        ...(settings.private === undefined ? {} : { private: settings.private ? 1 : 0 }),
        ...(settings.gated === undefined ? {} : { gated: settings.gated || null }),
      };
      await database.transaction().execute(async (transaction) => {
        if (Object.keys(changes).length === 0) return;
        await transaction
          .updateTable("repositories")
          .set(changes)
          .where("id", "=", recordId)
          .execute();
        if (changes.private === undefined) return;
        await transaction
          .updateTable("repository_tags")
          .set({ private: changes.private })
          .where("repository_id", "=", recordId)
          .execute();
      });
      return present(await findRowById(database, recordId));
    },
    async like(viewer, name, liked) {
      const account = requireWriteAccess(viewer);
      const { summary } = await access.open(viewer, name);
      await setLike(parts, { repositoryId: summary.recordId, accountId: account.id, liked });
    },
  };
}

async function create(
  parts: RepositoryParts,
  viewer: Viewer,
  request: NewRepository,
): Promise<RepoSummary> {
  const account = requireWriteAccess(viewer);
  checkRepositoryName(request.name);
  const owner = await namespace(parts, account, request.owner ?? account.name);
  const existing = await findRow(parts.database, {
    type: request.type,
    id: `${owner}/${request.name}`,
  });
  if (existing) throw alreadyExists(existing);
  const id = newRecordId();
  const time = parts.now().getTime();
  await parts.database
    .insertInto("pending_storage")
    .values({ storage_id: id, created_at: time })
    .execute();
  try {
    await firstCommit(parts, account, { id, request });
    await insert(parts, { id, owner, time, request });
  } catch (error) {
    await removeStorage(parts, id);
    if (!isUniqueViolation(error)) throw error;
    throw alreadyExists({ ...request, owner });
  }
  return present(await parts.reindexer.reindex(id).then(() => findRowById(parts.database, id)));
}

async function firstCommit(
  { store }: RepositoryParts,
  account: Account,
  { id, request }: { readonly id: string; readonly request: NewRepository },
): Promise<void> {
  const files = new Map<string, Uint8Array>([
    [".gitattributes", encode(defaultGitAttributes(request.type))],
  ]);
  if (request.license) files.set("README.md", encode(licenseCard(request.license)));
  for (const { path, content } of request.files ?? []) files.set(path, content);
  checkReadme(files.get("README.md"), request.type);
  const git = await store.create(id);
  const changes = [...files].map(([path, content]): TreeChange => ({ type: "put", path, content }));
  await translateGitErrors(() =>
    git.commit({
      ref: "refs/heads/main",
      author: personOf(account),
      title: "initial commit",
      changes,
    }),
  );
}

function checkReadme(content: Uint8Array | undefined, type: RepoType): void {
  const { errors } = validateCard(new TextDecoder().decode(content ?? new Uint8Array()), type);
  if (errors.length === 0) return;
  const list = errors.map((error) => `- ${error.message}`).join("\n");
  throw badRequest(`Invalid metadata in README.md.\n${list}`, { errors });
}

/** The row appears, and its storage stops being leftover, in one step. */
async function insert(
  { database }: RepositoryParts,
  {
    id,
    owner,
    time,
    request,
  }: {
    readonly id: string;
    readonly owner: string;
    readonly time: number;
    readonly request: NewRepository;
  },
): Promise<void> {
  const key = nameKey(`${owner}/${request.name}`);
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("repositories")
      .values({
        id,
        type: request.type,
        id_key: key,
        owner,
        name: request.name,
        private: request.private ? 1 : 0,
        gated: null,
        disabled: 0,
        created_at: time,
        last_modified: time,
      })
      .execute();
    await transaction
      .deleteFrom("repository_redirects")
      .where("type", "=", request.type)
      .where("id_key", "=", key)
      .execute();
    await transaction.deleteFrom("pending_storage").where("storage_id", "=", id).execute();
  });
}

/** The account whose namespace `name` is, spelled as it spells itself. */
async function namespace(
  { accounts }: RepositoryParts,
  account: Account,
  name: string,
): Promise<string> {
  if (!isOwner(account, name)) {
    throw forbidden(`create a repository under the namespace "${name}"`);
  }
  const owner = await accounts.find(name);
  if (owner) return owner.name;
  throw new HubError(404, "NotFound", { message: `There is no namespace "${name}"` });
}

async function move(
  parts: RepositoryParts,
  viewer: Viewer,
  { from, toId }: { readonly from: Parameters<Life["move"]>[1]; readonly toId: string },
): Promise<RepoSummary> {
  const { repo, account } = await parts.access.openForWriting(viewer, from);
  const to = splitRepoId(toId);
  if (!to) throw badRequest(`"toRepo" must be "owner/name", got "${toId}"`);
  checkRepositoryName(to.name);
  const owner = await namespace(parts, account, to.owner);
  const { recordId, type } = repo.summary;
  const key = nameKey(`${owner}/${to.name}`);
  const oldKey = nameKey(repo.summary.id);
  try {
    await parts.database.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("repositories")
        .set({ owner, name: to.name, id_key: key })
        .where("id", "=", recordId)
        .executeTakeFirst();
      // Deleted since it was opened.
      if (numUpdatedRows === 0n) throw repoNotFound();
      await transaction
        .deleteFrom("repository_redirects")
        .where("type", "=", type)
        .where("id_key", "in", [key, oldKey])
        .execute();
      if (key === oldKey) return;
      await transaction
        .insertInto("repository_redirects")
        .values({ type, id_key: oldKey, repository_id: recordId })
        .execute();
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw alreadyExists({ type, owner, name: to.name });
  }
  return present(await findRowById(parts.database, recordId));
}

async function setLike(
  { database, now }: RepositoryParts,
  like: { readonly repositoryId: string; readonly accountId: string; readonly liked: boolean },
): Promise<void> {
  const { repositoryId, accountId, liked } = like;
  await database.transaction().execute(async (transaction) => {
    if (liked) {
      if (!(await findRowById(transaction, repositoryId))) throw repoNotFound();
      await transaction
        .insertInto("repository_likes")
        .values({
          repository_id: repositoryId,
          account_id: accountId,
          created_at: now().getTime(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    } else {
      await transaction
        .deleteFrom("repository_likes")
        .where("repository_id", "=", repositoryId)
        .where("account_id", "=", accountId)
        .execute();
    }
    await transaction
      .updateTable("repositories")
      .set((expression) => ({
        likes: expression
          .selectFrom("repository_likes")
          .select((select) => select.fn.countAll<number>().as("count"))
          .where("repository_id", "=", repositoryId),
      }))
      .where("id", "=", repositoryId)
      .execute();
  });
}

/** Git storage goes after the row is gone: what a kill leaves is found by {@link cleanLeftovers}. */
async function removeStorage({ database, store }: RepositoryParts, id: string): Promise<void> {
  await store.delete(id);
  await database.deleteFrom("pending_storage").where("storage_id", "=", id).execute();
}

/** Storage younger than this may belong to a creation under way in another process. */
const LEFTOVER_AGE_MS = 10 * 60 * 1000;

/** Removes Git storage that killed processes left without a repository. */
export async function cleanLeftovers(
  parts: Pick<RepositoryParts, "database" | "store" | "now">,
): Promise<void> {
  const rows = await parts.database
    .selectFrom("pending_storage")
    .select("storage_id")
    .where("created_at", "<", parts.now().getTime() - LEFTOVER_AGE_MS)
    .execute();
  for (const row of rows) {
    await parts.store.delete(row.storage_id);
    await parts.database
      .deleteFrom("pending_storage")
      .where("storage_id", "=", row.storage_id)
      .execute();
  }
}

function alreadyExists(repo: Pick<RepositoryRow, "type" | "owner" | "name">): HubError {
  const id = `${repo.owner}/${repo.name}`;
  return new HubError(409, "Conflict", {
    message: `You already created this ${repo.type} repo: ${id}`,
    body: { id },
  });
}

function present(row: RepositoryRow | undefined): RepoSummary {
  if (!row) throw new HubError(404, "RepoNotFound", { message: "Repository not found" });
  return toSummary(row);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
