import { badRequest, HubError, revisionNotFound } from "../http/hub-error.ts";
import { RefConflictError } from "../store/repositories/errors.ts";
import { personOf, translateGitErrors } from "./commits.ts";
import type { RepositoryParts } from "./repositories.ts";
import type {
  Account,
  BranchRequest,
  OpenRepo,
  RepoName,
  RepositoryService,
  TagRequest,
  Viewer,
} from "./services.ts";

type References = Pick<
  RepositoryService,
  "createBranch" | "deleteBranch" | "createTag" | "deleteTag" | "squash"
>;

/** Branches and tags. Every change is a compare-and-swap, and is followed by the index. */
export function createReferences({ access, reindexer }: RepositoryParts): References {
  const writing = (viewer: Viewer, name: RepoName) => access.openForWriting(viewer, name);
  return {
    async createBranch(viewer, name, request) {
      const { repo, account } = await writing(viewer, name);
      await createBranch(repo, account, request);
      await reindexer.reindex(repo.summary.recordId);
    },
    async deleteBranch(viewer, name, branch) {
      const { repo } = await writing(viewer, name);
      const ref = `refs/heads/${branch}`;
      if (branch === "main") throw forbiddenDeletion(ref);
      const before = await commitOf(repo, ref);
      if (before === undefined) throw revisionNotFound(branch);
      await update(repo, { ref, before, after: undefined });
    },
    async createTag(viewer, name, request) {
      const { repo, account } = await writing(viewer, name);
      await createTag(repo, account, request);
    },
    async deleteTag(viewer, name, tag) {
      const { repo } = await writing(viewer, name);
      const ref = `refs/tags/${tag}`;
      const before = await commitOf(repo, ref);
      if (before === undefined) throw revisionNotFound(tag);
      await update(repo, { ref, before, after: undefined });
    },
    async squash(viewer, name, { branch, message }) {
      const { repo, account } = await writing(viewer, name);
      const ref = `refs/heads/${branch}`;
      const before = await commitOf(repo, ref);
      if (before === undefined) throw revisionNotFound(branch);
      const title = message?.trim() || `Super-squash branch '${branch}'`;
      const after = await repo.git.squash({ commit: before, title, author: personOf(account) });
      await update(repo, { ref, before, after });
      await reindexer.reindex(repo.summary.recordId);
      return after;
    },
  };
}

async function createBranch(
  repo: OpenRepo,
  account: Account,
  { branch, startingPoint, empty = false, overwrite = false }: BranchRequest,
): Promise<void> {
  checkName(branch);
  const ref = `refs/heads/${branch}`;
  const before = await commitOf(repo, ref);
  if (before !== undefined && !overwrite) throw exists(ref);
  if (empty) {
    if (before !== undefined) await update(repo, { ref, before, after: undefined });
    await translateGitErrors(() =>
      repo.git.commit({ ref, author: personOf(account), title: "initial commit", changes: [] }),
    );
    return;
  }
  const from = startingPoint ?? "HEAD";
  const after = await repo.git.resolve(from);
  if (after === undefined) throw revisionNotFound(from);
  await update(repo, { ref, before, after });
}

async function createTag(
  repo: OpenRepo,
  account: Account,
  { tag, revision, message }: TagRequest,
): Promise<void> {
  const ref = `refs/tags/${tag}`;
  checkName(tag);
  if ((await commitOf(repo, ref)) !== undefined) throw exists(ref);
  const commit = await repo.git.resolve(revision);
  if (commit === undefined) throw revisionNotFound(revision);
  await translateGitErrors(async () => {
    const after = await repo.git.tagTarget({
      name: tag,
      commit,
      tagger: personOf(account),
      ...(message ? { message } : {}),
    });
    await swap(repo, { ref, before: undefined, after });
  });
}

/** Names that Git's store would take, and that its commands or our addresses would misread. */
function checkName(name: string): void {
  const isMisread = name === "" || name === "HEAD" || /^(?:-|refs\/|[0-9a-f]{40}$)/.test(name);
  if (isMisread) throw badRequest(`"${name.slice(0, 200)}" cannot name a branch or tag`);
}

async function commitOf(repo: OpenRepo, ref: string): Promise<string | undefined> {
  const refs = await repo.git.refs();
  return refs.find((item) => item.ref === ref)?.commit;
}

interface Change {
  readonly ref: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

function update(repo: OpenRepo, change: Change): Promise<void> {
  return translateGitErrors(() => swap(repo, change));
}

/** A reference that appeared since it was looked for exists: not a race that repeating would win. */
async function swap(repo: OpenRepo, change: Change): Promise<void> {
  try {
    await repo.git.updateRef(change);
  } catch (error) {
    if (error instanceof RefConflictError && change.before === undefined) throw exists(change.ref);
    throw error;
  }
}

function exists(ref: string): HubError {
  return new HubError(409, "Conflict", { message: `Reference ${ref} already exists` });
}

function forbiddenDeletion(ref: string): HubError {
  return new HubError(403, "Forbidden", { message: `Cannot delete ${ref}` });
}
