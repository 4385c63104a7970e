import { isObject, optional, parseObject, parseString } from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { ConflictError } from "../errors.ts";
import type { CreateRepoJson } from "../protocol/repo-requests.ts";
import { parseRepoId, type RepoId, type RepoType } from "../repo-id.ts";
import { request } from "../request.ts";
import { failedRequest } from "../response-error.ts";

export interface CreateRepoOptions {
  /** Default false. */
  readonly private?: boolean | undefined;
  /** Gives back the repository that is there instead of failing. Default false. */
  readonly existOk?: boolean | undefined;
  /** Identifier of a licence, such as `"apache-2.0"`: the Hub writes a card with it. */
  readonly license?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedRepo {
  readonly type: RepoType;
  /** `"owner/name"`. */
  readonly name: string;
  /** Its page. */
  readonly url: string;
}

/**
 * Creates a repository; without an owner in the name, for the token's account.
 *
 * @throws {ConflictError} when there is one of that name and `existOk` is not set.
 */
export async function createRepo(
  connection: Connection,
  id: RepoId,
  options: CreateRepoOptions = {},
): Promise<CreatedRepo> {
  const repo = parseRepoId(id);
  const [owner, name] = repo.name.includes("/") ? repo.name.split("/") : [undefined, repo.name];
  const json: CreateRepoJson = {
    name: name ?? repo.name,
    type: repo.type,
    ...(owner ? { organization: owner } : {}),
    private: options.private ?? false,
    ...(options.license ? { license: options.license } : {}),
  };
  const action = `create the ${repo.type} "${repo.name}"`;
  const response = await request(connection, {
    path: "/api/repos/create",
    method: "POST",
    action,
    json,
    accept: options.existOk ? [409] : [],
    signal: options.signal,
  });
  const body = parseObject(await response.json(), "reply");
  const url = optional(body["url"], "url", parseString);
  if (!url) throw conflict(response, body, action);
  return {
    type: repo.type,
    name: optional(body["name"], "name", parseString) ?? nameInUrl(url, repo.type),
    url,
  };
}

/** Some 409s are about something else than an existing repository: those have no `url`. */
function conflict(response: Response, body: unknown, action: string): ConflictError {
  const reason = isObject(body) && typeof body["error"] === "string" ? body["error"] : "conflict";
  return new ConflictError(`Cannot ${action}: ${reason}`, failedRequest(response, "POST"));
}

function nameInUrl(url: string, type: RepoType): string {
  const segments = new URL(url).pathname.split("/").filter((segment) => segment !== "");
  return segments.slice(type === "model" || segments.length > 2 ? -2 : -1).join("/");
}
