/** Opens what a repository page shows: the repository, its branches and tags, and one commit. */
import { entryNotFound, HubError, revisionNotFound } from "../http/hub-error.ts";
import type { OpenRepo } from "../services/services.ts";
import type { GitRef, TreeEntry } from "../store/repositories/repository-store.ts";
import { type RepoAddress, revisionCandidates } from "./repo-url.ts";
import type { WebContext, WebRequest } from "./web-context.ts";

export type FileEntry = Extract<TreeEntry, { readonly type: "file" }>;

export interface LoadedRepo extends OpenRepo {
  readonly refs: readonly GitRef[];
}

/** A repository at one commit, looked at through a path. */
export interface RepoView extends LoadedRepo {
  /** As in the address: `main`, a tag, a sha. */
  readonly revision: string;
  readonly commit: string;
  readonly path: string;
}

export const DEFAULT_REVISION = "main";

/** @throws {HubError} RepoNotFound, and GatedRepo when `forContent` and the files are closed to the viewer. */
export async function loadRepo(
  web: WebContext,
  c: WebRequest,
  { address, forContent = false }: { readonly address: RepoAddress; readonly forContent?: boolean },
): Promise<LoadedRepo> {
  const { repositories } = web.hub.services;
  const repo = await (forContent
    ? repositories.openForContent(c.var.viewer, address)
    : repositories.open(c.var.viewer, address));
  return { ...repo, refs: await repo.git.refs() };
}

/**
 * Reads `rest` as revision and path. An unborn `main` gives `undefined`: a repository without commits.
 *
 * @throws {HubError} RevisionNotFound
 */
export async function viewAt(
  repo: LoadedRepo,
  rest: readonly string[],
): Promise<RepoView | undefined> {
  const asked = rest.length === 0 ? [DEFAULT_REVISION] : rest;
  for (const { revision, path } of revisionCandidates(asked)) {
    const commit = await repo.git.resolve(revision);
    if (commit !== undefined) return { ...repo, revision, commit, path };
  }
  if (repo.refs.length === 0 && asked[0] === DEFAULT_REVISION) return undefined;
  throw revisionNotFound(asked[0] ?? "");
}

/** The file at `view.path`. @throws {HubError} EntryNotFound */
export async function fileAt(view: RepoView): Promise<FileEntry> {
  const [entry] = await view.git.entries(view.commit, [view.path]);
  if (entry?.type !== "file") throw entryNotFound("There is no such file at this revision");
  return entry;
}

/** Whole text of a small file, wherever its bytes are. @throws {HubError} 413 above `maxBytes`. */
export async function readFile(
  web: WebContext,
  repo: OpenRepo,
  file: { readonly entry: FileEntry; readonly maxBytes: number },
): Promise<Uint8Array> {
  const { entry, maxBytes } = file;
  if (entry.size > maxBytes) {
    throw new HubError(413, "PayloadTooLarge", { message: `${entry.path} is too large to show` });
  }
  return collect(web.hub.services.content.stream(repo, entry), maxBytes);
}

export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    total += chunk.length;
    if (total >= maxBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}

/** `main` for `refs/heads/main`; other references keep their whole name. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, "");
}
