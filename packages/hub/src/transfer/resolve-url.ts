import { type Repo, repoPath } from "../repo-id.ts";

/** `/{repository}/resolve/{revision}/{path}`, encoded. */
export function resolvePath(repo: Repo, path: string): string {
  const revision = encodeURIComponent(repo.revision ?? "main");
  return `/${repoPath(repo)}/resolve/${revision}/${encodePath(path)}`;
}

/** Percent-encodes each segment, and keeps the slashes. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
