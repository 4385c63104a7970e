import type { MiddlewareHandler } from "hono";
import type { HubEnv } from "./context.ts";

const EXPOSED = [
  "X-Repo-Commit",
  "X-Request-Id",
  "X-Error-Code",
  "X-Error-Message",
  "X-Total-Count",
  "ETag",
  "Link",
  "Accept-Ranges",
  "Content-Range",
  "Content-Length",
  "Content-Disposition",
  "X-Linked-Size",
  "X-Linked-ETag",
  "X-Xet-Hash",
  "X-Xet-Cas-Url",
  "X-Xet-Access-Token",
  "X-Xet-Token-Expiration",
].join(", ");

const ALLOWED = [
  "authorization",
  "content-type",
  "range",
  "accept",
  "x-xet-session-id",
  "x-range-dirty",
  "if-none-match",
  "x-hf-download-counter",
  "x-request-id",
].join(", ");

/** Browsers of other sites may call with a token in a header; cookies are never shared with them. */
export function cors(): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method")) {
      return new Response(null, { status: 204, headers: preflight(origin ?? "*") });
    }
    await next();
    if (!origin) return undefined;
    c.res.headers.set("Access-Control-Allow-Origin", origin);
    c.res.headers.append("Vary", "Origin");
    c.res.headers.set("Access-Control-Expose-Headers", EXPOSED);
    return undefined;
  };
}

function preflight(origin: string): Record<string, string> {
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": ALLOWED,
    "Access-Control-Max-Age": "86400",
    Vary: "Origin",
  };
}
