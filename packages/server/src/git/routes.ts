import type { Context } from "hono";
import { Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { errorResponse } from "../http/errors.ts";
import { badRequest, HubError } from "../http/hub-error.ts";
import type { OpenRepo, RepoName } from "../services/services.ts";
import { byteStream } from "./byte-stream.ts";
import { FLUSH, packet } from "./packet-line.ts";
import { advertiseReceivePack, receivePack } from "./receive-pack.ts";
import { REPO_PREFIXES, repoNameOf } from "./repo-address.ts";
import { requestBody } from "./request-body.ts";
import { Slots } from "./slots.ts";
import { advertiseUploadPack, protocolOf, uploadPack } from "./upload-pack.ts";

/** Negotiations of large histories stay far below. */
const MAX_NEGOTIATION_BYTES = 64 * 1024 * 1024;
/** Packs made at once. */
const MAX_PACKERS = 32;

const NO_CACHE = {
  "Cache-Control": "no-cache, max-age=0, must-revalidate",
  Expires: "Fri, 01 Jan 1980 00:00:00 GMT",
  Pragma: "no-cache",
};

type Service = "upload-pack" | "receive-pack";

/** Git over HTTP: clone, fetch and push of `/{owner}/{name}[.git]`, and of datasets and Spaces below their prefix. */
export function gitRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  const slots = new Slots(MAX_PACKERS);
  routes.onError((error, c) => plainText(errorResponse(error, c)));
  for (const prefix of REPO_PREFIXES) {
    const repository = `${prefix}/:owner/:name`;
    routes.get(`${repository}/info/refs`, (c) => advertise(context, c, repoNameOf(prefix, c)));
    routes.post(`${repository}/git-upload-pack`, async (c) => {
      const repo = await open(context, c, { name: repoNameOf(prefix, c), service: "upload-pack" });
      return respondUploadPack(c, repo, slots);
    });
    routes.post(`${repository}/git-receive-pack`, async (c) => {
      const repo = await open(context, c, { name: repoNameOf(prefix, c), service: "receive-pack" });
      return respondReceivePack(context, c, repo);
    });
  }
  return routes;
}

interface Wanted {
  readonly name: RepoName;
  readonly service: Service;
}

/** @throws {HubError} 401 for strangers, so that Git asks its credential helper. */
async function open(context: HubContext, c: Context<HubEnv>, wanted: Wanted): Promise<OpenRepo> {
  const { repositories } = context.services;
  const viewer = c.get("viewer");
  try {
    return wanted.service === "receive-pack"
      ? await repositories.openForWriting(viewer, wanted.name)
      : await repositories.openForContent(viewer, wanted.name);
  } catch (error) {
    if (viewer || !(error instanceof HubError) || error.status < 400) throw error;
    const { message, code } = error;
    const headers = { "WWW-Authenticate": 'Basic realm="Authentication required"' };
    throw new HubError(401, code === "GatedRepo" ? code : "RepoNotFound", { message, headers });
  }
}

async function advertise(
  context: HubContext,
  c: Context<HubEnv>,
  name: RepoName,
): Promise<Response> {
  const service = serviceOf(c.req.query("service"));
  const repo = await open(context, c, { name, service });
  const { directory } = repo.git;
  const protocol = protocolOf(c.req.header("git-protocol"));
  const { signal } = c.req.raw;
  const advertised =
    service === "receive-pack"
      ? await advertiseReceivePack(directory)
      : Buffer.from(await advertiseUploadPack({ directory, protocol, signal }));
  const body = Buffer.concat([packet(`# service=git-${service}\n`), FLUSH, advertised]);
  return new Response(body, {
    headers: { ...NO_CACHE, "Content-Type": `application/x-git-${service}-advertisement` },
  });
}

function serviceOf(service: string | undefined): Service {
  if (service === "git-upload-pack") return "upload-pack";
  if (service === "git-receive-pack") return "receive-pack";
  throw new HubError(403, "Forbidden", {
    message: "This server speaks Git's smart HTTP protocol only",
    hint: "Update your Git client",
  });
}

async function respondUploadPack(
  c: Context<HubEnv>,
  repo: OpenRepo,
  slots: Slots,
): Promise<Response> {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, c.req.raw.signal]);
  const { directory } = repo.git;
  const protocol = protocolOf(c.req.header("git-protocol"));
  const body = requestBody(c.req.raw, MAX_NEGOTIATION_BYTES);
  const output = uploadPack({ directory, protocol, signal }, body, slots);
  // The first output tells that the request was read and understood; what fails before has its own status.
  const first = await output.next();
  const whole = first.done ? output : resumed(first.value, output);
  return result(
    "upload-pack",
    byteStream(whole, (reason) => left.abort(reason)),
  );
}

async function* resumed(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return();
  }
}

async function respondReceivePack(
  context: HubContext,
  c: Context<HubEnv>,
  repo: OpenRepo,
): Promise<Response> {
  const body = requestBody(c.req.raw);
  const { signal } = c.req.raw;
  try {
    return result("receive-pack", await receivePack({ context, repo, signal }, body));
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(error.message);
    throw error;
  }
}

function result(service: Service, body: ReadableStream<Uint8Array> | undefined): Response {
  return new Response(body ?? null, {
    headers: { ...NO_CACHE, "Content-Type": `application/x-git-${service}-result` },
  });
}

/** Git's client shows text; JSON it hides. */
function plainText(response: Response): Response {
  const message = response.headers.get("x-error-message");
  if (message === null) return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Type", "text/plain; charset=utf-8");
  return new Response(`${message}\n`, { status: response.status, headers });
}
