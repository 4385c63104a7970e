import { checkRelative } from "../relative-path.ts";
import { type Repo, repoPath } from "../repo-id.ts";

/** `/{repository}/resolve/{revision}/{path}`, encoded. */
export function resolvePath(repo: Repo, path: string): string {
  const revision = encodeURIComponent(repo.revision ?? "main");
  return `/${repoPath(repo)}/resolve/${revision}/${encodePath(path)}`;
}

/**
 * Percent-encodes each segment, and keeps the slashes.
 *
 * @throws {TypeError} for `..`, which addresses would follow out of the repository.
 */
export function encodePath(path: string): string {
  checkRelative(path, "path");
  return path.split("/").map(encodeURIComponent).join("/");
}
