import type { Context } from "hono";
import type { HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import type { XetStorage } from "./storage.ts";
import { CAS_PATH } from "./token-routes.ts";
import type { XetClaims, XetSigner } from "./tokens.ts";

/** What every route of the storage works with. */
export interface Cas {
  readonly storage: XetStorage;
  readonly signer: XetSigner;
  readonly now: () => Date;
}

/** The bearer's rights. @throws {HubError} 401, or 403 when `access` is more than the token allows. */
export function requireClaims(
  cas: Cas,
  c: Context<HubEnv>,
  access: XetClaims["access"],
): XetClaims {
  const claims = cas.signer.claims(c.req.header("authorization"));
  if (access === "write" && claims.access !== "write") {
    throw new HubError(403, "Forbidden", { message: "This token may only read" });
  }
  return claims;
}

/** Address of the storage as the client reached it. */
export function casUrl(c: Context<HubEnv>): string {
  return `${c.get("publicUrl")}${CAS_PATH}`;
}

export function badRequest(message: string, cause?: unknown): HubError {
  return new HubError(400, "BadRequest", { message, cause });
}

export function notFound(message: string): HubError {
  return new HubError(404, "NotFound", { message });
}

/** Hono hands HEAD to GET routes; some of these have no GET. */
export function requireHead(c: Context<HubEnv>): void {
  if (c.req.method !== "HEAD") throw notFound("The storage has no such route");
}
