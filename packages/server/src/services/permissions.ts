import { HubError } from "../http/hub-error.ts";
import { nameKey } from "./names.ts";
import type { Account, RepoSummary, Viewer } from "./services.ts";

/** The part of a repository that decides who may do what. */
export type Guarded = Pick<RepoSummary, "owner" | "private" | "type" | "id" | "gated">;

/** Whether the viewer acts for `owner`'s namespace. */
export function isOwner(viewer: Viewer, owner: string): viewer is Account {
  return viewer !== undefined && (viewer.isAdmin || nameKey(viewer.name) === nameKey(owner));
}

/** Whether the viewer may know that the repository exists. */
export function canSee(viewer: Viewer, repo: Pick<Guarded, "owner" | "private">): boolean {
  return !repo.private || isOwner(viewer, repo.owner);
}

/** Whether the viewer may change files and settings with what this request carries. */
export function canWrite(viewer: Viewer, repo: Pick<Guarded, "owner">): boolean {
  return isOwner(viewer, repo.owner) && viewer.access === "write";
}

/** @throws {HubError} GatedRepo unless the viewer may read the files. */
export function requireContent(viewer: Viewer, repo: Guarded): void {
  if (!repo.gated || isOwner(viewer, repo.owner)) return;
  if (!viewer) {
    throw new HubError(401, "GatedRepo", {
      message:
        `Access to ${repo.type} ${repo.id} is restricted. You must have access to it and be ` +
        "authenticated to access it. Please log in.",
    });
  }
  throw new HubError(403, "GatedRepo", {
    message:
      `Access to ${repo.type} ${repo.id} is restricted and you are not in the authorized list. ` +
      `Ask "${repo.owner}" for access.`,
  });
}
