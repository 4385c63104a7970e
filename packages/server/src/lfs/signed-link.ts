/** Addresses that authorise themselves: clients send neither token nor header to them. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { isObject } from "@bearhug/core";
import { HubError } from "../http/hub-error.ts";
import type { RepoName } from "../services/services.ts";

export type LinkUse = "upload" | "parts" | "download" | "verify";

/** What a link allows, until when. */
export interface LinkGrant {
  readonly use: LinkUse;
  /** The repository's record id. */
  readonly recordId: string;
  readonly repo: RepoName;
  /** Who asked for the link; `undefined` for a stranger. */
  readonly account: string | undefined;
  readonly oid: string;
  readonly size: number;
  /** Bytes of each part but the last, for `parts`. */
  readonly partBytes?: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** `data.signature`, safe in a query. */
export function signLink(secret: Uint8Array, grant: LinkGrant): string {
  const data = Buffer.from(JSON.stringify(grant)).toString("base64url");
  return `${data}.${signature(secret, data).toString("base64url")}`;
}

/** @throws {HubError} 403 when the link is not genuine, is for something else, or has expired. */
export function openLink(
  secret: Uint8Array,
  token: string | undefined,
  wanted: { readonly use: LinkUse; readonly oid: string; readonly now: Date },
): LinkGrant {
  const [data = "", mac = ""] = (token ?? "").split(".");
  const given = Buffer.from(mac, "base64url");
  const expected = signature(secret, data);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused();
  const grant: unknown = JSON.parse(Buffer.from(data, "base64url").toString("utf8"));
  if (!isObject(grant) || grant["use"] !== wanted.use || grant["oid"] !== wanted.oid) {
    throw refused();
  }
  // as: the signature proves that signLink wrote it.
  const genuine = grant as unknown as LinkGrant;
  if (genuine.expiresAt < wanted.now.getTime()) throw refused();
  return genuine;
}

function signature(secret: Uint8Array, data: string): Buffer {
  return createHmac("sha256", secret).update(`lfs-link\0${data}`).digest();
}

function refused(): HubError {
  return new HubError(403, "Forbidden", {
    message: "This address has expired or is not genuine",
    hint: "Ask for the object again to get a new one",
  });
}
