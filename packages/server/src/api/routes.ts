import { Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import { commit } from "./commit.ts";
import {
  createBranch,
  createTag,
  deleteBranch,
  deleteTag,
  listCommits,
  listRefs,
  superSquash,
} from "./history.ts";
import { identityRoutes } from "./identity.ts";
import { authCheck, repoInfo } from "./info.ts";
import { lifeRoutes, like, updateSettings } from "./life.ts";
import { listingRoutes } from "./listing.ts";
import { preupload } from "./preupload.ts";
import { parseApiAddress, type RepoHandler } from "./repo-request.ts";
import { resolveRoutes } from "./resolve.ts";
import { listTree, pathsInfo, treeSize } from "./tree.ts";
import { validateYamlRoutes } from "./validate-yaml.ts";

/** Method and action of `/api/{T}/{owner}/{name}/{action}`; the empty action is the repository itself. */
const ACTIONS: Readonly<Record<string, RepoHandler | undefined>> = {
  "GET ": repoInfo,
  "GET revision": repoInfo,
  "GET auth-check": authCheck,
  "GET tree": listTree,
  "POST paths-info": pathsInfo,
  "GET treesize": treeSize,
  "GET refs": listRefs,
  "GET commits": listCommits,
  "POST preupload": preupload,
  "POST commit": commit,
  "POST branch": createBranch,
  "DELETE branch": deleteBranch,
  "POST tag": createTag,
  "DELETE tag": deleteTag,
  "POST super-squash": superSquash,
  "PUT settings": updateSettings,
  "POST like": like,
  "DELETE like": like,
};

/** The Hub's JSON API, and the files themselves. */
export function apiRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.route("/", identityRoutes(context));
  routes.route("/", lifeRoutes(context));
  routes.route("/", listingRoutes(context));
  routes.route("/", validateYamlRoutes());
  routes.all("/api/:segment{models|datasets|spaces}/*", async (c, next) => {
    const { name, action, rest } = parseApiAddress(c);
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const handler = ACTIONS[`${method} ${action}`];
    if (!handler) return next();
    const query = new URL(c.req.url).searchParams;
    return handler({ c, context, viewer: c.get("viewer"), name, query, rest });
  });
  routes.route("/", resolveRoutes(context));
  return routes;
}

/** What no route of `/api` took. Mounted after all of them. */
export function unknownApiRoutes(): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.all("/api/*", () => {
    throw new HubError(404, "NotFound", { message: "This server has no such API route" });
  });
  return routes;
}
