import { parseInteger, parseObject, parseString } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { type Repo, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";
import type { XetToken } from "./xet/cas-client.ts";

export interface XetAccess {
  readonly repo: Repo;
  readonly kind: "read" | "write";
  readonly createPullRequest?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Tokens that can serve again, by what they open. A snapshot of many files asks for one. */
const tokens = new WeakMap<Connection, Map<string, Promise<XetToken>>>();

const RENEW_BEFORE_MS = 60_000;

/** A token for a repository's Xet storage: the last one while it lasts, else a new one. */
export async function xetToken(connection: Connection, access: XetAccess): Promise<XetToken> {
  const known = tokens.get(connection) ?? new Map<string, Promise<XetToken>>();
  tokens.set(connection, known);
  const { repo, kind, createPullRequest = false } = access;
  const name = `${kind} ${createPullRequest} ${repoPath(repo)} ${repo.revision}`;
  for (let held = known.get(name); held; held = known.get(name)) {
    // One that failed, or was aborted by who asked for it, is as good as none.
    const token = await held.catch(() => undefined);
    if (token && token.exp * 1000 - connection.now() > RENEW_BEFORE_MS) return token;
    if (known.get(name) === held) known.delete(name);
  }
  const asked = askForToken(connection, access);
  known.set(name, asked);
  return asked;
}

async function askForToken(connection: Connection, access: XetAccess): Promise<XetToken> {
  const { repo, kind, createPullRequest, signal } = access;
  const revision = encodeURIComponent(repo.revision ?? "main");
  const reply = await requestJson(connection, {
    path: `${repoApiPath(repo)}/xet-${kind}-token/${revision}`,
    action: `${kind} large files of "${repoPath(repo)}"`,
    query: { create_pr: createPullRequest ? 1 : undefined },
    repo,
    retry: true,
    signal,
  });
  const token = parseObject(reply, "reply");
  return {
    accessToken: parseString(token["accessToken"], "accessToken"),
    exp: parseInteger(token["exp"], "exp"),
    casUrl: parseString(token["casUrl"], "casUrl"),
  };
}
