/** The Hub's side of Xet: tokens for the storage, given to those who may read or write a repository. */
import { Hono } from "hono";
import { refusePullRequest } from "../api/pull-requests.ts";
import { parseApiAddress, wholeRevision } from "../api/repo-request.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { json } from "../http/streaming.ts";
import type { OpenRepo, Viewer } from "../services/services.ts";
import { createXetSigner, type XetClaims } from "./tokens.ts";

/** Where the storage is mounted, below the server's public address. */
export const CAS_PATH = "/cas";

export interface XetConnection {
  readonly accessToken: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly casUrl: string;
}

export interface XetConnectionRequest {
  readonly repo: OpenRepo;
  readonly revision: string;
  readonly viewer: Viewer;
  /** The caller has checked that the viewer has it. */
  readonly access: "read" | "write";
  readonly publicUrl: string;
}

/** A token for the storage. For the routes here, and for LFS replies that hand an upload over to Xet. */
export function connectXet(context: HubContext, request: XetConnectionRequest): XetConnection {
  const { repo, revision, viewer, access, publicUrl } = request;
  const claims: XetClaims = {
    repositoryId: repo.summary.recordId,
    revision,
    account: viewer && { id: viewer.id, name: viewer.name },
    access,
  };
  const signer = createXetSigner(context.config.secret, context.now);
  const { token, expiresAt } = signer.token(claims);
  return { accessToken: token, exp: expiresAt, casUrl: `${publicUrl}${CAS_PATH}` };
}

/** The same as header fields: clients differ in what they read. */
export function xetHeaders({ accessToken, exp, casUrl }: XetConnection): Record<string, string> {
  return {
    "X-Xet-Access-Token": accessToken,
    "X-Xet-Token-Expiration": String(exp),
    "X-Xet-Cas-Url": casUrl,
  };
}

/** `GET /api/{T}/{owner}/{name}/xet-read-token/{rev}` and `xet-write-token`. */
export function xetTokenRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.get("/api/:segment{models|datasets|spaces}/*", async (c, next) => {
    const { name, action, rest } = parseApiAddress(c);
    if (action !== "xet-read-token" && action !== "xet-write-token") return next();
    const viewer = c.get("viewer");
    const access = action === "xet-read-token" ? "read" : "write";
    const { repositories } = context.services;
    const repo =
      access === "write"
        ? await repositories.openForWriting(viewer, name)
        : await repositories.openForContent(viewer, name);
    if (access === "write") refusePullRequest(new URL(c.req.url).searchParams);
    const revision = await revisionOf(context, repo, { access, text: wholeRevision(rest) });
    const publicUrl = c.get("publicUrl");
    const connection = connectXet(context, { repo, revision, viewer, access, publicUrl });
    return json(connection, {
      headers: { ...xetHeaders(connection), "Cache-Control": "no-store" },
    });
  });
  return routes;
}

/** One may write to a branch that does not exist yet; what is read must exist. Some clients send "None". */
async function revisionOf(
  context: HubContext,
  repo: OpenRepo,
  { access, text }: { readonly access: "read" | "write"; readonly text: string },
): Promise<string> {
  if (access === "write" || text === "" || text === "None") return text || "main";
  return context.services.repositories.revision(repo, text);
}
