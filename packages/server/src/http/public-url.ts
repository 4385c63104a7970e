import type { MiddlewareHandler } from "hono";
import type { HubEnv } from "./context.ts";

/** Under which address this server is reached: as configured, as a proxy says, or as the client called it. */
export function publicUrl(configured: string | undefined): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    c.set("publicUrl", configured ?? addressOf(c.req.raw));
    await next();
  };
}

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

function addressOf(request: Request): string {
  const url = new URL(request.url);
  const host = first(request.headers.get("x-forwarded-host")) ?? url.host;
  const protocol = first(request.headers.get("x-forwarded-proto"));
  const scheme = protocol === "https" || protocol === "http" ? protocol : url.protocol.slice(0, -1);
  return HOST.test(host) ? `${scheme}://${host}` : url.origin;
}

/** A chain of proxies appends with commas; the first is what the client asked for. */
function first(value: string | null): string | undefined {
  return value?.split(",")[0]?.trim() || undefined;
}

/** Hosts that are this server for a browser: what it was asked for, and what is configured. */
export function ownHosts(request: Request, publicUrlOfRequest: string): ReadonlySet<string> {
  const hosts = [new URL(request.url).host, new URL(publicUrlOfRequest).host];
  const asked = request.headers.get("host");
  if (asked) hosts.push(asked.toLowerCase());
  return new Set(hosts);
}
