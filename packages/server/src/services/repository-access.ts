import {
  forbidden,
  HubError,
  RepoMovedError,
  repoNotFound,
  unauthorized,
} from "../http/hub-error.ts";
import type { Database } from "../store/database.ts";
import type { RepositoryStore } from "../store/repositories/repository-store.ts";
import { canSee, canWrite, isOwner, requireContent } from "./permissions.ts";
import type { Reindexer } from "./reindexer.ts";
import { findRedirect, findRow, repoId } from "./repository-row.ts";
import type { Account, OpenRepo, RepoName, Viewer } from "./services.ts";

export interface RepositoryAccess {
  open(viewer: Viewer, name: RepoName): Promise<OpenRepo>;
  openForContent(viewer: Viewer, name: RepoName): Promise<OpenRepo>;
  openForWriting(
    viewer: Viewer,
    name: RepoName,
  ): Promise<{ readonly repo: OpenRepo; readonly account: Account }>;
}

export function createAccess(
  { database, store }: { readonly database: Database; readonly store: RepositoryStore },
  reindexer: Reindexer,
): RepositoryAccess {
  async function open(viewer: Viewer, name: RepoName): Promise<OpenRepo> {
    const row = await findRow(database, name);
    if (!row) return refuseUnknown(database, viewer, name);
    if (!canSee(viewer, { owner: row.owner, private: row.private !== 0 })) {
      throw repoNotFound(viewer !== undefined);
    }
    if (repoId(row) !== name.id) throw new RepoMovedError(name.id, repoId(row));
    if (row.disabled !== 0 && !viewer?.isAdmin) throw disabled();
    const git = store.open(row.id);
    const writes = canWrite(viewer, row);
    const summary = await reindexer.current(row, git);
    return { summary, git, canWrite: writes, canAdmin: writes };
  }
  return {
    open,
    async openForContent(viewer, name) {
      const repo = await open(viewer, name);
      requireContent(viewer, repo.summary);
      return repo;
    },
    async openForWriting(viewer, name) {
      const repo = await open(viewer, name);
      if (!viewer) throw unauthorized();
      if (!isOwner(viewer, repo.summary.owner)) throw forbidden(`write to "${name.id}"`);
      if (!repo.canWrite) throw readOnlyToken();
      return { repo, account: viewer };
    },
  };
}

/** @throws {HubError} 401 for a stranger, 403 for a token that may only read. */
export function requireWriteAccess(viewer: Viewer): Account {
  if (!viewer) throw unauthorized();
  if (viewer.access !== "write") throw readOnlyToken();
  return viewer;
}

function readOnlyToken(): HubError {
  return new HubError(403, "Forbidden", {
    message: 'You don\'t have the rights to write: this token has the role "read"',
    hint: 'Create a token with the role "write"',
  });
}

function disabled(): HubError {
  return new HubError(403, "Forbidden", { message: "Access to this resource is disabled." });
}

async function refuseUnknown(database: Database, viewer: Viewer, name: RepoName): Promise<never> {
  const moved = await findRedirect(database, name);
  if (moved && canSee(viewer, { owner: moved.owner, private: moved.private !== 0 })) {
    throw new RepoMovedError(name.id, repoId(moved));
  }
  throw repoNotFound(viewer !== undefined);
}
