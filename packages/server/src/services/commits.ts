import { badRequest, entryNotFound, HubError, revisionNotFound } from "../http/hub-error.ts";
import type { Database } from "../store/database.ts";
import {
  EntryNotFoundError,
  InvalidPathError,
  InvalidRefNameError,
  RefConflictError,
  StaleParentError,
} from "../store/repositories/errors.ts";
import type { GitPerson, TreeChange } from "../store/repositories/repository-store.ts";
import { validateCard } from "./cards.ts";
import type {
  Account,
  CommitOperationFile,
  ContentService,
  OpenRepo,
  RepositoryService,
} from "./services.ts";

/** Most operations of one commit. */
export const MAX_COMMIT_OPERATIONS = 25_000;
/** Most bytes that one file may have inside Git; larger ones go through LFS or Xet. */
export const MAX_REGULAR_FILE_BYTES: number = 20 * 1024 * 1024;

type CommitInput = Parameters<RepositoryService["commit"]>[2];

export interface CommitterOptions {
  readonly database: Database;
  readonly content: ContentService;
}

/** Checks everything about a commit, then writes it. Nothing is stored when a check fails. */
export async function commitTo(
  { database, content }: CommitterOptions,
  repo: OpenRepo,
  { account, input }: { readonly account: Account; readonly input: CommitInput },
): Promise<{ readonly oid: string; readonly changed: boolean }> {
  checkOperations(input, repo);
  const ref = await branchRef(repo, input.revision);
  const sizes = await objectSizes({ database, content }, repo, { ref, input });
  const request = {
    ref,
    expectedParent: input.parentCommit,
    author: personOf(account),
    title: oneLine(input.title),
    body: input.description ?? "",
    changes: input.operations.map((operation) => toChange(operation, sizes)),
  };
  return translateGitErrors(() => repo.git.commit(request));
}

/** Who a commit is by. */
export function personOf(account: Account): GitPerson {
  return {
    name: account.name,
    email: account.email ?? `${account.name}@users.noreply.hub.invalid`,
  };
}

function oneLine(title: string): string {
  return title.split(/[\r\n]/)[0]?.trim() || "Update files";
}

function checkOperations({ title, operations }: CommitInput, repo: OpenRepo): void {
  if (title.trim() === "") throw badRequest('"summary" must not be empty');
  if (operations.length > MAX_COMMIT_OPERATIONS) {
    throw badRequest(
      `A commit has at most ${MAX_COMMIT_OPERATIONS} operations, got ${operations.length}`,
    );
  }
  for (const { type, path, content } of operations) {
    if (type === "put" && (content?.length ?? 0) > MAX_REGULAR_FILE_BYTES) {
      throw new HubError(413, "PayloadTooLarge", {
        message: `"${path}" is larger than ${MAX_REGULAR_FILE_BYTES} bytes: upload it through LFS or Xet`,
      });
    }
    if (type === "put" && path === "README.md" && content) checkCard(content, repo);
  }
}

function checkCard(content: Uint8Array, repo: OpenRepo): void {
  const { errors } = validateCard(new TextDecoder().decode(content), repo.summary.type);
  if (errors.length === 0) return;
  const list = errors.map((error) => `- ${error.message}`).join("\n");
  throw badRequest(`Invalid metadata in README.md.\n${list}`, { errors });
}

/** The full name of the branch that `revision` names; it must exist. */
async function branchRef(repo: OpenRepo, revision: string): Promise<string> {
  const ref = revision.startsWith("refs/") ? revision : `refs/heads/${revision}`;
  const isWritable = /^refs\/(?:heads|convert|pr)\/./.test(ref);
  const refs = isWritable ? await repo.git.refs() : [];
  if (refs.some((item) => item.ref === ref)) return ref;
  if (ref === "refs/heads/main" && refs.length === 0 && repo.summary.sha === undefined) return ref;
  throw revisionNotFound(revision);
}

/**
 * Sizes of the LFS objects that the commit names. Content counts as this repository's when it was uploaded to it
 * or is in its files already: knowing another repository's hash gives no access to its content.
 */
async function objectSizes(
  { database, content }: CommitterOptions,
  repo: OpenRepo,
  { ref, input }: { readonly ref: string; readonly input: CommitInput },
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  const pointers = input.operations.filter((operation) => operation.type === "put-lfs");
  if (pointers.length === 0) return sizes;
  const own = await ownObjects(database, repo, {
    ref,
    wanted: new Set(pointers.map(({ oid }) => oid ?? "")),
  });
  for (const { path, oid = "", size } of pointers) {
    const stored = own.has(oid) ? await content.statLfs(oid) : undefined;
    if (!stored) {
      throw badRequest(
        `LFS pointer of "${path}" points to a file that does not exist: its content ` +
          `(sha256 ${oid}) was not uploaded to this repository`,
      );
    }
    if (size !== undefined && size !== stored.size) {
      throw badRequest(`"${path}" has ${stored.size} bytes, but the commit says ${size}`);
    }
    sizes.set(oid, stored.size);
  }
  return sizes;
}

const OIDS_PER_QUERY = 500;

async function ownObjects(
  database: Database,
  repo: OpenRepo,
  { ref, wanted }: { readonly ref: string; readonly wanted: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  const oids = [...wanted];
  for (let at = 0; at < oids.length; at += OIDS_PER_QUERY) {
    const rows = await database
      .selectFrom("repository_objects")
      .select("sha256")
      .where("repository_id", "=", repo.summary.recordId)
      .where("sha256", "in", oids.slice(at, at + OIDS_PER_QUERY))
      .execute();
    for (const row of rows) own.add(row.sha256);
  }
  if (own.size === wanted.size) return own;
  const head = await repo.git.resolve(ref);
  for (const pointer of head === undefined ? [] : await repo.git.lfsPointers(head)) {
    own.add(pointer.oid);
  }
  return own;
}

function toChange(operation: CommitOperationFile, sizes: ReadonlyMap<string, number>): TreeChange {
  const { type, path } = operation;
  if (type === "put") return { type, path, content: operation.content ?? new Uint8Array() };
  if (type === "put-lfs") {
    const oid = operation.oid ?? "";
    return { type, path, oid, size: sizes.get(oid) ?? 0 };
  }
  return { type, path };
}

/** Git's own errors, as the answers that clients know. */
export async function translateGitErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw translate(cause);
  }
}

function translate(cause: unknown): unknown {
  if (cause instanceof StaleParentError) {
    return new HubError(412, "PreconditionFailed", {
      message: "The branch was updated since you opened this page. Please refresh and try again.",
      cause,
    });
  }
  if (cause instanceof RefConflictError) {
    return new HubError(409, "Conflict", {
      message: "A commit has happened since. Please refresh and try again.",
      cause,
    });
  }
  if (cause instanceof InvalidPathError) {
    return new HubError(422, "UnprocessableContent", { message: cause.message, cause });
  }
  if (cause instanceof InvalidRefNameError) return badRequest(cause.message);
  if (cause instanceof EntryNotFoundError) {
    return entryNotFound("A file with this name doesn't exist");
  }
  return cause;
}
