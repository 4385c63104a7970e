import { InvalidRepoIdError } from "./errors.ts";

/** The kinds of repository that a Hub keeps. */
export type RepoType = "model" | "dataset" | "space";

/** A repository, and optionally one of its revisions, in parts. */
export interface RepoReference {
  /** Default `"model"`. */
  readonly type?: RepoType | undefined;
  /** `"owner/name"`. */
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision?: string | undefined;
}

/**
 * How callers name a repository: `"ada/tiny-bert"`, `"datasets/ada/reviews@v1"`,
 * or `{ type: "dataset", name: "ada/reviews", revision: "v1" }`.
 */
export type RepoId = string | RepoReference;

/** A parsed {@link RepoId}. */
export interface Repo {
  readonly type: RepoType;
  readonly name: string;
  readonly revision: string | undefined;
}

const TYPE_OF_PREFIX: Readonly<Record<string, RepoType>> = {
  models: "model",
  datasets: "dataset",
  spaces: "space",
};

const PART = /^\w(?:[\w.-]{0,94}\w)?$/;

/**
 * Turns what a caller typed into type, name and revision.
 *
 * @throws {InvalidRepoIdError} when it does not name a repository.
 * @example
 * parseRepoId("datasets/ada/reviews@v1"); // { type: "dataset", name: "ada/reviews", revision: "v1" }
 */
export function parseRepoId(id: RepoId): Repo {
  if (typeof id !== "string") {
    return checked({ type: id.type ?? "model", name: id.name, revision: id.revision }, id.name);
  }
  const at = id.indexOf("@");
  const path = at < 0 ? id : id.slice(0, at);
  const revision = at < 0 ? undefined : id.slice(at + 1);
  const slash = path.indexOf("/");
  const type = TYPE_OF_PREFIX[path.slice(0, Math.max(slash, 0))];
  return checked(
    { type: type ?? "model", name: type ? path.slice(slash + 1) : path, revision },
    id,
  );
}

function checked(repo: Repo, typed: string): Repo {
  const parts = repo.name.split("/");
  const wellFormed =
    parts.length <= 2 &&
    parts.every((part) => PART.test(part)) &&
    !/--|\.\.|\.git$/.test(repo.name) &&
    repo.revision !== "";
  if (!wellFormed) throw new InvalidRepoIdError(typed);
  return repo;
}

/** `"ada/tiny-bert"`, `"datasets/ada/reviews"`: the repository's path below the endpoint. */
export function repoPath({ type, name }: Repo): string {
  return type === "model" ? name : `${type}s/${name}`;
}

/** `"/api/datasets/ada/reviews"`. */
export function repoApiPath({ type, name }: Repo): string {
  return `/api/${type}s/${name}`;
}
