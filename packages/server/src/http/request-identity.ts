import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { HubEnv } from "./context.ts";

/** `X-Request-Id` on every reply: the client's own trace id where it sent one. */
export function requestId(): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const sent = c.req.header("x-request-id") ?? c.req.header("x-amzn-trace-id") ?? "";
    const id = /^[A-Za-z0-9=;:._-]{1,128}$/.test(sent) ? sent : randomUUID();
    c.header("X-Request-Id", id);
    await next();
    c.res.headers.set("X-Request-Id", id);
  };
}
