/** Signed texts: the tokens that the storage trusts, and addresses of stored bytes that need no token. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { isObject } from "@bearhug/core";
import { isHash } from "@bearhug/xet";
import { HubError } from "../http/hub-error.ts";

/** What a token of this kind lets its bearer do, and for which repository. */
export interface XetClaims {
  readonly repositoryId: string;
  /** Branch, tag or commit that the token was asked for. */
  readonly revision: string;
  /** Absent in a stranger's token for a public repository. */
  readonly account: { readonly id: string; readonly name: string } | undefined;
  /** Writing includes reading. */
  readonly access: "read" | "write";
}

/** How long a token and a data address live, in milliseconds. Clients renew tokens a minute before. */
export const TOKEN_LIFE_MS: number = 60 * 60 * 1000;

export interface SignedToken {
  readonly token: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Bytes `start` to `end`, end included, of a stored xorb. */
export interface DataAddress {
  readonly xorb: string;
  readonly start: number;
  readonly end: number;
}

export interface XetSigner {
  token(claims: XetClaims): SignedToken;
  /** @throws {HubError} 401 when the token is missing, broken or expired. */
  claims(authorization: string | undefined): XetClaims;
  /** Path and query below the storage's address. */
  dataPath(address: DataAddress): string;
  /** @throws {HubError} 403 when the address was not made here, or has expired: clients then ask for a new one. */
  checkData(xorb: string, query: URLSearchParams): DataAddress;
  /** A key of 32 bytes for one purpose, today. */
  dailyKey(purpose: string): Uint8Array;
}

export function createXetSigner(secret: Uint8Array, now: () => Date): XetSigner {
  const sign = (purpose: string, text: string): string =>
    createHmac("sha256", secret).update(`xet ${purpose} `).update(text).digest("base64url");
  const seconds = (): number => Math.floor(now().getTime() / 1000);
  // Rounded up to a minute, so that an address stays the same while it is fresh and can be cached.
  const expiry = (): number => Math.ceil((seconds() + TOKEN_LIFE_MS / 1000) / 60) * 60;
  return {
    token(claims) {
      const expiresAt = expiry();
      const text = Buffer.from(JSON.stringify({ ...claims, expiresAt })).toString("base64url");
      return { token: `xet_${text}.${sign("token", text)}`, expiresAt };
    },
    claims(authorization) {
      const [, text, signature] =
        /^Bearer\s+xet_([\w-]+)\.([\w-]+)$/i.exec(authorization ?? "") ?? [];
      if (!text || !signature || !isEqual(signature, sign("token", text))) {
        throw unauthorized("The storage token is missing or not valid");
      }
      const payload: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
      if (!isObject(payload) || Number(payload["expiresAt"]) <= seconds()) {
        throw unauthorized("The storage token has expired");
      }
      // The signature says that `token()` wrote this.
      return payload as unknown as XetClaims;
    },
    dataPath({ xorb, start, end }) {
      const expires = expiry();
      const signature = sign("data", `${xorb} ${start} ${end} ${expires}`);
      return `/data/${xorb}?bytes=${start}-${end}&expires=${expires}&signature=${signature}`;
    },
    checkData(xorb, query) {
      const [, start = "", end = ""] = /^(\d+)-(\d+)$/.exec(query.get("bytes") ?? "") ?? [];
      const expires = query.get("expires") ?? "";
      const expected = sign("data", `${xorb} ${start} ${end} ${expires}`);
      if (!isHash(xorb) || !isEqual(query.get("signature") ?? "", expected)) {
        throw forbidden("The address is not signed by this server");
      }
      if (Number(expires) <= seconds()) throw forbidden("The address has expired");
      return { xorb, start: Number(start), end: Number(end) };
    },
    dailyKey(purpose) {
      const day = now().toISOString().slice(0, 10);
      return createHmac("sha256", secret).update(`xet ${purpose} ${day}`).digest();
    },
  };
}

function isEqual(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}

function unauthorized(message: string): HubError {
  return new HubError(401, "Unauthorized", { message });
}

function forbidden(message: string): HubError {
  return new HubError(403, "Forbidden", { message });
}
