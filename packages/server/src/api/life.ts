import { fromBase64 } from "@bearhug/core";
import {
  type CreatedRepoJson,
  parseCreateRepo,
  parseDeleteRepo,
  parseMoveRepo,
  parseRepoSettings,
} from "@bearhug/hub/protocol";
import { Hono } from "hono";
import { readJson } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { parsing } from "../http/errors.ts";
import { HubError } from "../http/hub-error.ts";
import { json } from "../http/streaming.ts";
import { requireWriteAccess } from "../services/repository-access.ts";
import type { RepoSummary } from "../services/services.ts";
import { type RepoHandler, repoUrl } from "./repo-request.ts";

/** Files sent with a creation are small ones: all else is uploaded. */
const MAX_CREATE_BYTES = 64 * 1024 * 1024;

/** Creation, deletion and renaming of repositories. */
export function lifeRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  const { repositories } = context.services;
  routes.post("/api/repos/create", async (c) => {
    // Before the body is read: a stranger's is not.
    const viewer = requireWriteAccess(c.get("viewer"));
    const body = await readJson(c, MAX_CREATE_BYTES);
    const { files, owner, license, ...request } = parsing(() => parseCreateRepo(body));
    const contents = parsing(() =>
      files.map(({ path, content }) => ({ path, content: fromBase64(content) })),
    );
    const create = repositories.create(viewer, {
      ...request,
      files: contents,
      ...(owner === undefined ? {} : { owner }),
      ...(license === undefined ? {} : { license }),
    });
    const summary = await withUrlOfExisting(create, c.get("publicUrl"), request.type);
    return json(created(summary, c.get("publicUrl")));
  });
  routes.delete("/api/repos/delete", async (c) => {
    const viewer = requireWriteAccess(c.get("viewer"));
    const body = await readJson(c);
    const { type, owner, name } = parsing(() => parseDeleteRepo(body));
    await repositories.delete(viewer, { type, id: `${owner ?? viewer.name}/${name}` });
    return json({});
  });
  routes.post("/api/repos/move", async (c) => {
    const viewer = requireWriteAccess(c.get("viewer"));
    const body = await readJson(c);
    const { type, from, to } = parsing(() => parseMoveRepo(body));
    const summary = await repositories.move(viewer, { type, id: from }, to);
    return json({ url: repoUrl(c.get("publicUrl"), summary) });
  });
  return routes;
}

function created(summary: RepoSummary, publicUrl: string): CreatedRepoJson {
  return { url: repoUrl(publicUrl, summary), name: summary.id, id: summary.recordId };
}

/** Clients with `exist_ok` read the address from the refusal. */
async function withUrlOfExisting(
  create: Promise<RepoSummary>,
  publicUrl: string,
  type: RepoSummary["type"],
): Promise<RepoSummary> {
  try {
    return await create;
  } catch (error) {
    if (!(error instanceof HubError) || error.status !== 409) throw error;
    const id = String(error.body["id"]);
    throw new HubError(409, "Conflict", {
      message: error.message,
      body: { url: repoUrl(publicUrl, { type, id }), name: id },
      cause: error,
    });
  }
}

/** `PUT /api/{T}/{id}/settings` */
export const updateSettings: RepoHandler = async ({ c, context, viewer, name }) => {
  const body = await readJson(c);
  const settings = parsing(() => parseRepoSettings(body));
  const summary = await context.services.repositories.update(viewer, name, {
    ...(settings.private === undefined ? {} : { private: settings.private }),
    ...(settings.gated === undefined ? {} : { gated: settings.gated }),
  });
  return json({
    private: summary.private,
    gated: summary.gated,
    visibility: summary.private ? "private" : "public",
  });
};

/** `POST` and `DELETE /api/{T}/{id}/like` */
export const like: RepoHandler = async ({ c, context, viewer, name }) => {
  await context.services.repositories.like(viewer, name, c.req.method !== "DELETE");
  return json({});
};
