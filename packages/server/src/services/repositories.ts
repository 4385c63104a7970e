import { revisionNotFound } from "../http/hub-error.ts";
import type { Database } from "../store/database.ts";
import type { RepositoryStore } from "../store/repositories/repository-store.ts";
import { commitTo } from "./commits.ts";
import type { DownloadCounter } from "./download-counter.ts";
import { createReindexer, type Reindexer } from "./reindexer.ts";
import { createAccess, type RepositoryAccess } from "./repository-access.ts";
import { createLife } from "./repository-life.ts";
import { createReferences } from "./repository-references.ts";
import type { AccountService, ContentService, RepositoryService } from "./services.ts";

export interface RepositoriesOptions {
  readonly database: Database;
  readonly store: RepositoryStore;
  readonly content: ContentService;
  readonly accounts: AccountService;
  readonly downloads: DownloadCounter;
  readonly now: () => Date;
}

/** What the parts of the service share. */
export interface RepositoryParts extends RepositoriesOptions {
  readonly access: RepositoryAccess;
  readonly reindexer: Reindexer;
}

export function createRepositoryService(options: RepositoriesOptions): {
  readonly service: RepositoryService;
  readonly reindexer: Reindexer;
} {
  const reindexer = createReindexer(options);
  const access = createAccess(options, reindexer);
  const parts: RepositoryParts = { ...options, access, reindexer };
  const service: RepositoryService = {
    ...createLife(parts),
    ...createReferences(parts),
    open: access.open,
    openForContent: access.openForContent,
    openForWriting: async (viewer, name) => (await access.openForWriting(viewer, name)).repo,
    async revision(repo, revision) {
      const commit = await repo.git.resolve(revision);
      if (commit === undefined) throw revisionNotFound(revision);
      return commit;
    },
    async commit(viewer, name, input) {
      const { repo, account } = await access.openForWriting(viewer, name);
      const result = await commitTo(parts, repo, { account, input });
      if (result.changed) await reindexer.reindex(repo.summary.recordId);
      return result;
    },
    reindex: reindexer.reindex,
    countDownload: (recordId) => options.downloads.count(recordId),
  };
  return { service, reindexer };
}
