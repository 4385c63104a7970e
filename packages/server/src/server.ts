import { apiSegment } from "@bearhug/hub/protocol";
import { Hono } from "hono";
import { apiRoutes, unknownApiRoutes } from "./api/routes.ts";
import { gitRoutes } from "./git/routes.ts";
import { authenticate } from "./http/auth.ts";
import type { HubContext, HubEnv } from "./http/context.ts";
import { cors } from "./http/cors.ts";
import { errorResponse } from "./http/errors.ts";
import { HubError } from "./http/hub-error.ts";
import { type Listening, type ListenOptions, listen } from "./http/listen.ts";
import { publicUrl } from "./http/public-url.ts";
import { requestId } from "./http/request-identity.ts";
import { inferenceRoutes } from "./inference/routes.ts";
import { lfsRoutes } from "./lfs/routes.ts";
import {
  createFirstAdministrator,
  type FirstAdministrator,
  type OpenHub,
  type OpenHubOptions,
  openHub,
} from "./open-hub.ts";
import { cleanLeftovers } from "./services/repository-life.ts";
import { webRoutes } from "./web/routes.ts";
import { casRoutes } from "./xet/cas-routes.ts";
import { CAS_PATH, connectXet, xetTokenRoutes } from "./xet/token-routes.ts";

export interface HubServerOptions extends OpenHubOptions {}

/** A Hub that answers requests. */
export interface HubServer extends AsyncDisposable {
  /** Answers one request; needs no socket. */
  fetch(request: Request): Promise<Response>;
  listen(options?: ListenOptions): Promise<Listening>;
  readonly context: HubContext;
  /** Set when this start created the first account: its password is shown nowhere else. */
  readonly firstAdministrator: FirstAdministrator | undefined;
}

/**
 * Opens the Hub in `dataDir` and gives its request handler. A first start creates an administrator.
 *
 * @example
 * await using server = await createHubServer({ dataDir: "data" });
 * const { url } = await server.listen({ port: 8080 });
 */
export async function createHubServer(options: HubServerOptions): Promise<HubServer> {
  const hub = await openHub(options);
  const firstAdministrator = await createFirstAdministrator(hub.context);
  const app = hubRoutes(hub.context);
  const background = startBackground(hub);
  const listening = new Set<Listening>();
  return {
    fetch: async (request) => app.fetch(request),
    context: hub.context,
    firstAdministrator,
    async listen(listenOptions = {}) {
      const started = await listen(app.fetch, listenOptions);
      listening.add(started);
      return started;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...listening].map((server) => server.close()));
      await background.stop();
      await hub.close();
    },
  };
}

/** Every route of the Hub, most specific first; pages come last. */
function hubRoutes(context: HubContext): Hono<HubEnv> {
  const app = new Hono<HubEnv>({ strict: false });
  app.onError((error, c) => errorResponse(error, c));
  app.notFound((c) =>
    errorResponse(new HubError(404, "NotFound", { message: "There is nothing here" }), c),
  );
  app.use(requestId(), publicUrl(context.config.publicUrl), cors());
  app.get("/healthcheck", (c) => c.text("ok"));
  // The storage has tokens of its own.
  app.route(CAS_PATH, casRoutes(context));
  app.use(authenticate(context));
  app.route("/", gitRoutes(context));
  app.route("/", lfsRoutes(context, { grantXetUpload: (request) => grantXet(context, request) }));
  app.route("/", apiRoutes(context));
  app.route("/", xetTokenRoutes(context));
  app.route("/", inferenceRoutes(context));
  app.route("/", unknownApiRoutes());
  app.route("/", webRoutes(context));
  return app;
}

type GrantXetUpload = NonNullable<NonNullable<Parameters<typeof lfsRoutes>[1]>["grantXetUpload"]>;

/** What an LFS reply hands to clients that would rather upload over Xet. */
async function grantXet(
  context: HubContext,
  { repo, viewer, branch, publicUrl: address }: Parameters<GrantXetUpload>[0],
): ReturnType<GrantXetUpload> {
  const connection = connectXet(context, {
    repo,
    viewer,
    revision: branch,
    access: "write",
    publicUrl: address,
  });
  const { type, id } = repo.summary;
  const refreshUrl = `${address}/api/${apiSegment(type)}/${id}/xet-write-token/${encodeURIComponent(branch)}`;
  return { ...connection, expiration: connection.exp, refreshUrl };
}

/** Work that a killed process left, and that nobody waits for. */
function startBackground({ context, reindexer }: OpenHub): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { database, repositories: store, now } = context;
  const work = (async () => {
    await cleanLeftovers({ database, store, now });
    await reindexer.reindexStale(stopping.signal);
  })().catch((error: unknown) => {
    process.stderr.write(`Start-up clean-up failed: ${String(error)}\n`);
  });
  return {
    async stop() {
      stopping.abort();
      await work;
    },
  };
}
