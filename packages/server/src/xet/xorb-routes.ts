import {
  isHash,
  MAX_SERIALIZED_XORB_BYTES,
  XetHashMismatchError,
  XorbFormatError,
} from "@bearhug/xet";
import type { Context } from "hono";
import { Hono } from "hono";
import { bodyChunks } from "../http/body.ts";
import type { HubEnv } from "../http/context.ts";
import { json } from "../http/streaming.ts";
import { badRequest, type Cas, notFound, requireClaims, requireHead } from "./cas-env.ts";

/** Old clients append a footer with a line for each chunk. */
const MAX_XORB_BODY_BYTES = MAX_SERIALIZED_XORB_BYTES + 1024 * 1024;

export function xorbRoutes(cas: Cas): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.get("/v1/xorbs/:prefix/:hash", async (c) => {
    requireHead(c);
    const hash = xorbName(c);
    const claims = requireClaims(cas, c, "read");
    const usable = await cas.storage.access.usable(claims, [hash]);
    const index = usable.has(hash) ? await cas.storage.xorbs.index(hash) : undefined;
    if (!index) throw notFound(`There is no xorb "${hash}"`);
    return c.body(null, 200, { "Content-Length": String(index.serializedBytes) });
  });
  routes.post("/v1/xorbs/:prefix/:hash", async (c) => {
    const claims = requireClaims(cas, c, "write");
    const hash = xorbName(c);
    const inserted = await receive(cas, hash, c.req.raw);
    await cas.storage.access.grant(claims, hash);
    return json({ was_inserted: inserted });
  });
  // Newer clients ask for an address to upload to. 200 says that the xorb is here already; after 404 they POST it.
  routes.post("/v1/xorb-grants/:prefix/:hash", async (c) => {
    const claims = requireClaims(cas, c, "write");
    const hash = xorbName(c);
    const usable = await cas.storage.access.usable(claims, [hash]);
    if (!usable.has(hash) || !(await cas.storage.xorbs.has(hash))) {
      throw notFound("Upload the xorb itself");
    }
    return json({});
  });
  return routes;
}

function xorbName(c: Context<HubEnv>): string {
  const prefix = c.req.param("prefix") ?? "";
  const hash = c.req.param("hash") ?? "";
  if (prefix !== "default") throw badRequest(`Prefix "${prefix}" is not supported`);
  if (!isHash(hash)) throw badRequest(`"${hash.slice(0, 80)}" is not a hash`);
  return hash;
}

async function receive(cas: Cas, hash: string, request: Request): Promise<boolean> {
  try {
    const body = bodyChunks(request, MAX_XORB_BODY_BYTES);
    return (await cas.storage.xorbs.add(hash, body)).inserted;
  } catch (error) {
    const isWrong = error instanceof XorbFormatError || error instanceof XetHashMismatchError;
    if (isWrong) throw badRequest(`Xorb "${hash}" is refused: ${error.message}`, error);
    throw error;
  }
}
