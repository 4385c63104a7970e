/**
 * The content-addressed storage that Xet clients upload to and download from, to be mounted at `CAS_PATH`.
 * Its tokens are not the Hub's: mount it before the Hub's own authentication.
 */
import { Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import type { Cas } from "./cas-env.ts";
import { dataRoutes } from "./data-routes.ts";
import { dedupRoutes } from "./dedup-routes.ts";
import { reconstructionRoutes } from "./reconstruction-routes.ts";
import { shardRoutes } from "./shard-routes.ts";
import { createXetStorage } from "./storage.ts";
import { createXetSigner } from "./tokens.ts";
import { xorbRoutes } from "./xorb-routes.ts";

/** The routes of the storage, below their mount point. */
export function casRoutes(context: HubContext): Hono<HubEnv> {
  const { config, database, blobs, now } = context;
  const cas: Cas = {
    storage: createXetStorage({ database, blobs, now }),
    signer: createXetSigner(config.secret, now),
    now,
  };
  const routes = new Hono<HubEnv>();
  routes.route("/", xorbRoutes(cas));
  routes.route("/", shardRoutes(cas));
  routes.route("/", reconstructionRoutes(cas));
  routes.route("/", dedupRoutes(cas));
  routes.route("/", dataRoutes(cas));
  // Clients report statistics; nobody here reads them.
  routes.post("/v1/telemetry", async (c) => {
    await c.req.raw.body?.cancel();
    return c.json({});
  });
  routes.all("/*", () => {
    throw new HubError(404, "NotFound", { message: "The storage has no such route" });
  });
  return routes;
}
