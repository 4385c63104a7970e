import { optional, parseArray, parseObject, parseString } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { requestJson } from "../request.ts";

/** The account behind the token. */
export interface Identity {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly email: string | undefined;
  readonly organizations: readonly { readonly name: string; readonly role: string | undefined }[];
  /** The access token's own name and role, when it is one. */
  readonly token: { readonly name: string; readonly role: string } | undefined;
}

/** @throws {AuthenticationError} without a valid token. */
export async function whoAmI(
  connection: Connection,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Identity> {
  const reply = await requestJson(connection, {
    path: "/api/whoami-v2",
    action: "find out whose token this is",
    signal,
  });
  const who = parseObject(reply, "reply");
  const auth = optional(who["auth"], "auth", parseObject) ?? {};
  return {
    type: parseString(who["type"], "type"),
    id: optional(who["id"], "id", parseString) ?? "",
    name: parseString(who["name"], "name"),
    fullName: optional(who["fullname"], "fullname", parseString) ?? "",
    email: optional(who["email"], "email", parseString),
    organizations: (optional(who["orgs"], "orgs", parseArray) ?? []).map(parseOrganization),
    token: optional(auth["accessToken"], "auth.accessToken", parseToken),
  };
}

function parseOrganization(value: unknown, index: number): Identity["organizations"][number] {
  const path = `orgs[${index}]`;
  const organization = parseObject(value, path);
  return {
    name: parseString(organization["name"], `${path}.name`),
    role: optional(organization["roleInOrg"], `${path}.roleInOrg`, parseString),
  };
}

function parseToken(value: unknown, path: string): NonNullable<Identity["token"]> {
  const token = parseObject(value, path);
  return {
    name: parseString(token["displayName"], `${path}.displayName`),
    role: parseString(token["role"], `${path}.role`),
  };
}
