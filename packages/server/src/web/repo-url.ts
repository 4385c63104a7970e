import type { RepoType } from "@bearhug/hub/protocol";
import type { RepoName } from "../services/services.ts";

/** What a path below `/{owner}/{name}` or `/datasets/{owner}/{name}` asks for. */
export interface RepoAddress extends RepoName {
  /** `""` for the card, else `tree`, `blob`, `commits` … */
  readonly view: string;
  /** Segments after the view, decoded. An encoded slash inside one is kept as a slash. */
  readonly rest: readonly string[];
}

/** First segments that are never an owner. */
export const RESERVED_OWNERS: ReadonlySet<string> = new Set([
  ..."api models datasets spaces kernels buckets docs settings login logout join organizations".split(
    " ",
  ),
  ..."oauth new papers collections posts tasks chat resolve".split(" "),
]);

const NAME = /^(?!.*(?:--|\.\.))\w(?:[\w\-.]{0,94}\w)?$/;

/** Reads a raw (still encoded) URL path; `undefined` when it is no repository's. */
export function parseRepoAddress(pathname: string): RepoAddress | undefined {
  const segments = decodeSegments(pathname);
  if (segments === undefined) return undefined;
  const type: RepoType = segments[0] === "datasets" ? "dataset" : "model";
  const [owner, name, view = "", ...rest] = type === "dataset" ? segments.slice(1) : segments;
  if (owner === undefined || name === undefined) return undefined;
  if (!isOwnerName(owner) || !NAME.test(name)) return undefined;
  return { type, id: `${owner}/${name}`, view, rest };
}

/** Whether `/{segment}` may be somebody's profile. */
export function isOwnerName(segment: string): boolean {
  return NAME.test(segment) && !RESERVED_OWNERS.has(segment.toLowerCase());
}

/** The ways to read `rest` as a revision and a path: revisions may hold slashes, encoded or not. */
export function revisionCandidates(
  rest: readonly string[],
): readonly { readonly revision: string; readonly path: string }[] {
  const most = Math.min(rest.length, 5);
  return Array.from({ length: most }, (_, index) => ({
    revision: rest.slice(0, index + 1).join("/"),
    path: rest
      .slice(index + 1)
      .join("/")
      .replace(/\/+$/, ""),
  }));
}

/** `/ada/tiny-bert`, `/datasets/ada/reviews`. */
export function repoPath(repo: RepoName): string {
  return repo.type === "dataset" ? `/datasets/${repo.id}` : `/${repo.id}`;
}

/** `/ada/tiny-bert/blob/main/folder/file.txt`, every part encoded. */
export function viewPath(
  repo: RepoName,
  view: string,
  target: { readonly revision?: string; readonly path?: string } = {},
): string {
  const revision = target.revision === undefined ? "" : `/${encodeURIComponent(target.revision)}`;
  const path = target.path ? `/${encodePath(target.path)}` : "";
  return `${repoPath(repo)}/${view}${revision}${path}`;
}

export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function decodeSegments(pathname: string): readonly string[] | undefined {
  try {
    return pathname
      .replace(/^\/+|\/+$/g, "")
      .split("/")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
