import type { Context } from "hono";
import type { HubEnv } from "../http/context.ts";
import type { RepoName } from "../services/services.ts";

/** Where the addresses of models, datasets and Spaces begin. */
export const REPO_PREFIXES = ["", "/datasets", "/spaces"] as const;

export type RepoPrefix = (typeof REPO_PREFIXES)[number];

const TYPES: Readonly<Record<RepoPrefix, RepoName["type"]>> = {
  "": "model",
  "/datasets": "dataset",
  "/spaces": "space",
};

/** The repository that `{prefix}/:owner/:name[.git]` names. */
export function repoNameOf(prefix: RepoPrefix, c: Context<HubEnv>): RepoName {
  const name = (c.req.param("name") ?? "").replace(/\.git$/, "");
  return { type: TYPES[prefix], id: `${c.req.param("owner")}/${name}` };
}

/** `/datasets/ada/reviews` */
export function repoAddress({ type, id }: RepoName): string {
  return type === "model" ? `/${id}` : `/${type}s/${id}`;
}
