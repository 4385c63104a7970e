import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { Viewer } from "../services/services.ts";
import type { HubContext, HubEnv } from "./context.ts";
import { HubError } from "./hub-error.ts";
import { ownHosts } from "./public-url.ts";

/** Name of the cookie that holds a browser's session. */
export const SESSION_COOKIE = "bearhug_session";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Finds out who asks: a token in the Authorization header, else the session cookie, else a stranger. */
export function authenticate(context: HubContext): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    c.set("viewer", await viewerOf(context, c));
    await next();
  };
}

async function viewerOf(context: HubContext, c: Context<HubEnv>): Promise<Viewer> {
  const header = c.req.header("authorization");
  if (header) return byHeader(context, header);
  const session = getCookie(c, SESSION_COOKIE);
  if (!session) return undefined;
  const account = await context.services.accounts.bySession(session);
  if (account && !SAFE_METHODS.has(c.req.method)) refuseForeignOrigin(c);
  return account;
}

async function byHeader(context: HubContext, header: string): Promise<Viewer> {
  for (const token of tokensOf(header)) {
    const account = await context.services.accounts.byToken(token);
    if (account) return account;
  }
  throw new HubError(401, "Unauthorized", {
    message: "Invalid credentials in Authorization header",
  });
}

/** A bearer token, or with Basic the password, or the user name when the password is empty. */
function tokensOf(header: string): readonly string[] {
  const [, scheme = "", value = ""] = /^(\S+)\s+(.*)$/.exec(header) ?? [];
  if (scheme.toLowerCase() === "bearer") return [value.trim()];
  if (scheme.toLowerCase() !== "basic") return [];
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  const user = colon === -1 ? text : text.slice(0, colon);
  const password = colon === -1 ? "" : text.slice(colon + 1);
  return password === "" ? [user] : [password];
}

/** A page of another site must not act with the visitor's cookie, whatever the browser's cookie rules are. */
function refuseForeignOrigin(c: Context<HubEnv>): void {
  const source = c.req.header("origin") ?? c.req.header("referer");
  if (source && ownHosts(c.req.raw, c.get("publicUrl")).has(hostOf(source))) return;
  throw new HubError(403, "Forbidden", {
    message: "This request came from another site",
    hint: "Use an access token instead of the browser's session",
  });
}

function hostOf(address: string): string {
  try {
    return new URL(address).host;
  } catch {
    return "";
  }
}
