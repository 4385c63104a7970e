import type { Context } from "hono";
import { Hono } from "hono";
import { REPO_PREFIXES, repoNameOf } from "../git/repo-address.ts";
import { readJson } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { errorResponse, parsing } from "../http/errors.ts";
import { HubError } from "../http/hub-error.ts";
import type { RepoName } from "../services/services.ts";
import { answerBatch, type LfsOptions } from "./batch.ts";
import { parseBatchRequest } from "./batch-request.ts";
import { completeParts, getObject, putObject, putPart, verifyObject } from "./transfer.ts";

const MEDIA_TYPE = "application/vnd.git-lfs+json";
const PART_BYTES = 128 * 1024 * 1024;

/** Git LFS: the batch call below each repository, and the signed addresses that it gives out, below `/api/lfs`. */
export function lfsRoutes(context: HubContext, options: LfsOptions = {}): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.onError((error, c) => lfsError(errorResponse(error, c)));
  for (const prefix of REPO_PREFIXES) {
    const lfs = `${prefix}/:owner/:name/info/lfs`;
    routes.post(`${lfs}/objects/batch`, (c) =>
      respondBatch({ context, options, name: repoNameOf(prefix, c) }, c),
    );
    // Clients take 404 for "this server has no locks", and go on.
    routes.all(`${lfs}/locks/*`, noLocks);
    routes.all(`${lfs}/locks`, noLocks);
  }
  routes.put("/api/lfs/objects/:oid", (c) => putObject(context, c));
  routes.get("/api/lfs/objects/:oid", (c) => getObject(context, c));
  routes.post("/api/lfs/objects/:oid/verify", (c) => verifyObject(context, c));
  routes.put("/api/lfs/objects/:oid/parts/:part", (c) => putPart(context, c));
  routes.post("/api/lfs/objects/:oid/complete", (c) => completeParts(context, c));
  return routes;
}

async function respondBatch(
  {
    context,
    options,
    name,
  }: { readonly context: HubContext; readonly options: LfsOptions; readonly name: RepoName },
  c: Context<HubEnv>,
): Promise<Response> {
  const body = await readJson(c);
  const request = parsing(() => parseBatchRequest(body));
  const viewer = c.get("viewer");
  const { repositories } = context.services;
  const repo =
    request.operation === "upload"
      ? await repositories.openForWriting(viewer, name)
      : await repositories.openForContent(viewer, name);
  const { partBytes = PART_BYTES, grantXetUpload } = options;
  const publicUrl = c.get("publicUrl");
  const batch = { context, repo, viewer, publicUrl, request, partBytes };
  return c.json(await answerBatch(batch, grantXetUpload), 200, { "Content-Type": MEDIA_TYPE });
}

function noLocks(): Response {
  throw new HubError(404, "NotFound", { message: "This Hub does not keep LFS locks" });
}

/** As the LFS protocol has it: `{message}`, and a header that makes git-lfs ask for credentials. */
async function lfsError(response: Response): Promise<Response> {
  const message = response.headers.get("x-error-message");
  if (message === null) return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Type", MEDIA_TYPE);
  if (response.status === 401) headers.set("LFS-Authenticate", 'Basic realm="Git LFS"');
  const body = JSON.stringify({ message, error: message });
  return new Response(body, { status: response.status, headers });
}
