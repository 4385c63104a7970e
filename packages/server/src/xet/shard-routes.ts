import { MAX_SHARD_BYTES, Shard, ShardFormatError } from "@bearhug/xet";
import { Hono } from "hono";
import { bodyChunks } from "../http/body.ts";
import type { HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import { json, streamOf } from "../http/streaming.ts";
import { badRequest, type Cas, requireClaims } from "./cas-env.ts";
import { type RegistrationEvent, registerShard } from "./register-shard.ts";
import { readAll } from "./xorb-store.ts";

/** A footer and its lookup tables may come on top. */
const MAX_SHARD_BODY_BYTES = MAX_SHARD_BYTES + 32 * 1024 * 1024;
/** Without news for so long, the last line is repeated so that nobody thinks the connection is dead. */
const HEARTBEAT_MS = 10_000;

export function shardRoutes(cas: Cas): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.post("/v1/shards", async (c) => {
    const claims = requireClaims(cas, c, "write");
    const shard = await receive(c.req.raw);
    const { signal } = c.req.raw;
    const events = registration(registerShard(cas.storage, shard, { claims, signal }));
    for (;;) {
      const next = await events.next();
      if (next.done) return json({ result: next.value > 0 ? 1 : 0 });
    }
  });
  routes.post("/v2/shards", async (c) => {
    const claims = requireClaims(cas, c, "write");
    const shard = await receive(c.req.raw);
    const { signal } = c.req.raw;
    const events = registration(registerShard(cas.storage, shard, { claims, signal }));
    const lines = progressLines(events);
    const headers = { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" };
    return new Response(streamOf(lines), { headers });
  });
  return routes;
}

async function receive(request: Request): Promise<Shard> {
  const bytes = await readAll(bodyChunks(request, MAX_SHARD_BODY_BYTES));
  try {
    return Shard.parse(bytes);
  } catch (error) {
    if (error instanceof ShardFormatError)
      throw badRequest(`The shard is refused: ${error.message}`, error);
    throw error;
  }
}

type Registration = AsyncGenerator<RegistrationEvent, number>;

/** Records inside a well-formed layout may be broken too. */
async function* registration(events: Registration): Registration {
  try {
    return yield* events;
  } catch (error) {
    if (error instanceof ShardFormatError)
      throw badRequest(`The shard is refused: ${error.message}`, error);
    throw error;
  }
}

/** One JSON object a line; the last says how it ended, since the status has been sent by then. */
async function* progressLines(events: Registration): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let last: unknown = { type: "validating", verified: 0, total: 0 };
  const line = (): Uint8Array => encoder.encode(`${JSON.stringify(last)}\n`);
  yield line();
  try {
    for (let next = events.next(); ; ) {
      const step = await orSilence(next);
      if (step === SILENCE) {
        yield line();
        continue;
      }
      if (step.done) {
        last = { type: "result", result: step.value > 0 ? 1 : 0 };
        break;
      }
      last = step.value;
      yield line();
      next = events.next();
    }
  } catch (error) {
    last = failure(error);
  } finally {
    await events.return(0).catch(() => {});
  }
  yield line();
}

const SILENCE = Symbol("silence");

async function orSilence<T>(work: Promise<T>): Promise<T | typeof SILENCE> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<typeof SILENCE>((resolve) => {
    timer = setTimeout(() => resolve(SILENCE), HEARTBEAT_MS);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function failure(error: unknown): unknown {
  if (error instanceof HubError) {
    const message = error.hint ? `${error.message}. ${error.hint}` : error.message;
    return { type: "error", message, retryable: error.status >= 500 };
  }
  process.stderr.write(`Registering a shard failed: ${String(error)}\n`);
  return { type: "error", message: "Internal error", retryable: true };
}
