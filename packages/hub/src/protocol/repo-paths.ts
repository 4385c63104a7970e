import type { RepoType } from "../repo-id.ts";

/** The kinds of repository that addresses can name. */
export const REPO_TYPES: readonly RepoType[] = ["model", "dataset", "space"];

const API_SEGMENTS = { model: "models", dataset: "datasets", space: "spaces" } as const;
const PAGE_PREFIXES = { model: "", dataset: "datasets/", space: "spaces/" } as const;

/** How API paths name the type: `/api/models/…`. */
export function apiSegment(type: RepoType): (typeof API_SEGMENTS)[RepoType] {
  return API_SEGMENTS[type];
}

/** What stands before `owner/name` in page, resolve and Git addresses: nothing for models. */
export function pagePrefix(type: RepoType): (typeof PAGE_PREFIXES)[RepoType] {
  return PAGE_PREFIXES[type];
}

/** The type behind `models`, `datasets` or `spaces`. */
export function repoTypeOfSegment(segment: string): RepoType | undefined {
  return REPO_TYPES.find((type) => API_SEGMENTS[type] === segment);
}
