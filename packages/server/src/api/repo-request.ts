import { pagePrefix, repoTypeOfSegment } from "@bearhug/hub/protocol";
import type { Context } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { repoNotFound, revisionNotFound } from "../http/hub-error.ts";
import { decodeSegment, joinPath, rawSegments } from "../http/raw-path.ts";
import type { OpenRepo, RepoName, RepoSummary, Viewer } from "../services/services.ts";

/** A request that concerns one repository. */
export interface RepoRequest {
  readonly c: Context<HubEnv>;
  readonly context: HubContext;
  readonly viewer: Viewer;
  readonly name: RepoName;
  readonly query: URLSearchParams;
  /** What follows the repository and the action in the path, as the client encoded it. */
  readonly rest: readonly string[];
}

export type RepoHandler = (request: RepoRequest) => Promise<Response>;

export interface RepoAddress {
  readonly name: RepoName;
  readonly action: string;
  readonly rest: readonly string[];
}

/** `/api/models/owner/name/action/…`. An address with one segment is a repository that does not exist here. */
export function parseApiAddress(c: Context<HubEnv>): RepoAddress {
  const [, plural = "", ...segments] = rawSegments(c.req.raw.url);
  const type = repoTypeOfSegment(plural);
  // An encoded slash between owner and name is tolerated.
  const [first = "", ...others] = segments;
  const parts = first.includes("%") ? [...decodeSegment(first).split("/"), ...others] : segments;
  const [owner, name, action = "", ...rest] = parts;
  if (!type || !owner || !name) throw repoNotFound(c.get("viewer") !== undefined);
  return { name: { type, id: `${owner}/${decodeSegment(name)}` }, action, rest };
}

/** `/owner/name/resolve/…`, `/datasets/owner/name/resolve/…`. */
export function parsePageAddress(c: Context<HubEnv>): RepoAddress {
  const segments = rawSegments(c.req.raw.url);
  const type = repoTypeOfSegment(segments[0] ?? "") ?? "model";
  const from = type === "model" && segments[0] !== "models" ? 0 : 1;
  const [owner = "", name = "", action = "", ...rest] = segments.slice(from);
  return {
    name: { type, id: `${decodeSegment(owner)}/${decodeSegment(name)}` },
    action,
    rest,
  };
}

export interface RevisionAndPath {
  /** As the client wrote it, decoded. */
  readonly revision: string;
  readonly commit: string;
  readonly path: string;
}

/** Deepest branch name, in segments, that is recognised when its slashes are not encoded. */
const MAX_REVISION_SEGMENTS = 8;

/**
 * Tells the revision from the path. One segment is tried first, so an encoded revision is never ambiguous; then
 * longer ones, for clients that leave the slashes of `refs/pr/1` and `feature/x` as they are.
 *
 * @throws {HubError} RevisionNotFound
 */
export async function splitRevision(
  repo: OpenRepo,
  rest: readonly string[],
): Promise<RevisionAndPath> {
  const longest = Math.min(rest.length, MAX_REVISION_SEGMENTS);
  for (let count = 1; count <= longest; count++) {
    const revision = joinPath(rest.slice(0, count));
    const commit = revision === "refs" ? undefined : await repo.git.resolve(revision);
    if (commit !== undefined) return { revision, commit, path: joinPath(rest.slice(count)) };
  }
  throw revisionNotFound(decodeSegment(rest[0] ?? ""));
}

/** The whole rest as one name: for routes where nothing follows the branch, tag or revision. */
export function wholeRevision(rest: readonly string[]): string {
  return joinPath(rest);
}

/** Address of the repository's page, on the host that the client called. */
export function repoUrl(publicUrl: string, repo: Pick<RepoSummary, "type" | "id">): string {
  return `${publicUrl}/${pagePrefix(repo.type)}${repo.id}`;
}
