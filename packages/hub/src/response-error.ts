import { isObject } from "@bearhug/core";
import {
  AuthenticationError,
  ConflictError,
  EntryNotFoundError,
  type FailedRequest,
  GatedRepoError,
  HubApiError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
} from "./errors.ts";
import type { Repo } from "./repo-id.ts";
import { repoPath } from "./repo-id.ts";

/** What the failed request was about. */
export interface FailedAction {
  readonly action: string;
  readonly method?: string | undefined;
  readonly repo?: Repo | undefined;
  readonly entry?: string | undefined;
}

/** The error that a refused request stands for, by the Hub's codes first and by status second. */
export async function errorFromResponse(
  response: Response,
  wanted: FailedAction,
  token: string | undefined,
): Promise<Error> {
  const said = hideToken(await serverMessage(response), token);
  const failed = failedRequest(response, wanted.method);
  const byCode = errorFromCode(response, wanted, failed);
  return byCode ?? errorFromStatus(said, wanted, failed);
}

export function failedRequest(response: Response, method = "GET"): FailedRequest {
  const { headers } = response;
  const requestId =
    headers.get("x-request-id") ?? headers.get("x-amzn-trace-id") ?? headers.get("x-amz-cf-id");
  return {
    method,
    url: response.url.split("?")[0] ?? "",
    status: response.status,
    requestId: requestId ?? undefined,
    retryAfterMs: retryAfter(headers),
    commit: headers.get("x-repo-commit") ?? undefined,
  };
}

function errorFromCode(
  response: Response,
  { action, repo, entry }: FailedAction,
  request: FailedRequest,
): Error | undefined {
  if (!repo) return undefined;
  const path = repoPath(repo);
  const at = repo.revision ? ` at "${repo.revision}"` : "";
  switch (codeOf(response)) {
    case "RevisionNotFound":
      return new RevisionNotFoundError(
        `Cannot ${action}: the repository has no revision "${repo.revision ?? "main"}"`,
        { repo: path, revision: repo.revision },
        { request },
      );
    case "EntryNotFound":
      return new EntryNotFoundError(
        `Cannot ${action}: the repository has no such file${at}`,
        { repo: path, path: entry },
        { request },
      );
    case "GatedRepo":
      return new GatedRepoError(`Cannot ${action}: access to "${path}" is restricted`, path, {
        request,
      });
    case "RepoNotFound":
      return new RepositoryNotFoundError(
        `Cannot ${action}: the Hub has no such ${repo.type}, or does not show it to you`,
        path,
        { request },
      );
    default:
      return undefined;
  }
}

/** Python's rule: a 401 about a repository hides that it exists, unless the token itself is bad. */
function codeOf(response: Response): string | undefined {
  const code = response.headers.get("x-error-code") ?? undefined;
  if (code !== undefined || response.status !== 401) return code;
  const badToken = response.headers.get("x-error-message")?.startsWith("Invalid credentials");
  return badToken ? undefined : "RepoNotFound";
}

function errorFromStatus(said: string, { action }: FailedAction, request: FailedRequest): Error {
  const id = request.requestId ? ` (request ${request.requestId})` : "";
  const message = `Cannot ${action}: ${said || "the Hub gave no reason"}, status ${request.status}${id}`;
  if (request.status === 401) return new AuthenticationError(message, request);
  if (request.status === 409) return new ConflictError(message, request);
  if (request.status === 412) {
    return new ConflictError(message, request, {
      hint: "Read the branch's head again and repeat the commit on top of it",
    });
  }
  return new HubApiError(message, request, { hint: HINTS[request.status] });
}

const HINTS: Readonly<Record<number, string>> = {
  403: "Use a token with write access, of an account that may do this",
  429: "The Hub asks to slow down: wait, or run fewer requests at once",
};

/** The reason, without the final period that would double the message's own punctuation. */
async function serverMessage(response: Response): Promise<string> {
  const header = response.headers.get("x-error-message") ?? "";
  const text = await response.text().catch(() => "");
  const reason = header || messageOfBody(text, response.headers.get("content-type") ?? "");
  return reason.trim().replace(/\.$/, "").slice(0, 2000);
}

function messageOfBody(text: string, contentType: string): string {
  if (!contentType.includes("json")) return contentType.includes("html") ? "" : text.slice(0, 300);
  try {
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) return "";
    const said = body["error"] ?? body["message"];
    const details = Array.isArray(body["errors"]) ? body["errors"].map(detail) : [];
    return [Array.isArray(said) ? said.join(", ") : said, ...details]
      .filter((item) => typeof item === "string" && item !== "")
      .join("; ");
  } catch {
    return "";
  }
}

function detail(item: unknown): unknown {
  return isObject(item) ? item["message"] : item;
}

/** `RateLimit: "api";r=0;t=55` counts seconds to the window's end, as `Retry-After` does. */
function retryAfter(headers: Headers): number | undefined {
  const window = /;\s*t=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1];
  if (window) return (Number(window) + 1) * 1000;
  const seconds = headers.get("retry-after");
  return seconds && /^\d+$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}

function hideToken(text: string, token: string | undefined): string {
  return token ? text.replaceAll(token, "[token]") : text;
}
