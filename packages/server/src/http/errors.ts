import { LibraryError } from "@bearhug/core";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Viewer } from "../services/services.ts";
import { RepositoryGoneError } from "../store/repositories/errors.ts";
import type { HubEnv } from "./context.ts";
import { HubError, RepoMovedError, repoNotFound } from "./hub-error.ts";

/** Codes that clients turn into exceptions; others would only mislead them. */
const CLIENT_CODES = new Set(["RepoNotFound", "RevisionNotFound", "EntryNotFound", "GatedRepo"]);

/** What a route threw, as an answer where it is one. */
export function asHubError(error: unknown, viewer: Viewer): unknown {
  return error instanceof RepositoryGoneError ? repoNotFound(viewer !== undefined) : error;
}

/** The answer to anything thrown by a route. */
export function errorResponse(thrown: unknown, c: Context<HubEnv>): Response {
  const error = asHubError(thrown, c.get("viewer"));
  if (error instanceof RepoMovedError) return redirect(error, c);
  if (error instanceof HubError) return hubErrorResponse(error, c);
  if (error instanceof HTTPException) return errorBody(c, error);
  // Checks of what the client sent name the bad field.
  if (error instanceof ClientInputError)
    return errorBody(c, { status: 400, message: error.message });
  // The client went away in the middle of its own request: nobody reads the answer.
  if (c.req.raw.signal.aborted) return errorBody(c, { status: 400, message: "Request aborted" });
  logFailure(error, c);
  const message = `Internal error: request id ${c.res.headers.get("X-Request-Id") ?? ""}`;
  return errorBody(c, { status: 500, message });
}

/** Wraps the error of a parser of request data: the client's mistake, not the server's. */
export class ClientInputError extends LibraryError {
  override readonly name = "ClientInputError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("BadRequest", message, options);
  }
}

/** Runs a parser of request data. @throws {ClientInputError} where it throws `TypeError`, `SyntaxError` or `RangeError`. */
export function parsing<T>(parser: () => T): T {
  try {
    return parser();
  } catch (cause) {
    const isParseError =
      cause instanceof TypeError || cause instanceof SyntaxError || cause instanceof RangeError;
    if (isParseError) throw new ClientInputError(cause.message, { cause });
    throw cause;
  }
}

interface ErrorAnswer {
  readonly status: number;
  readonly message: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON `{error}` with `X-Error-Message`. */
function errorBody(c: Context<HubEnv>, { status, message, body, headers }: ErrorAnswer): Response {
  const challenge = status === 401 && isGitPath(c.req.path);
  return new Response(JSON.stringify({ error: message, ...body }), {
    status,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "X-Error-Message": headerText(message),
      ...(challenge ? { "WWW-Authenticate": 'Basic realm="Authentication required"' } : {}),
      ...headers,
    },
  });
}

function hubErrorResponse(error: HubError, c: Context<HubEnv>): Response {
  const { status, message, body } = error;
  const code = CLIENT_CODES.has(error.code) ? { "X-Error-Code": error.code } : {};
  return errorBody(c, { status, message, body, headers: { ...code, ...error.headers } });
}

/** The same address with the new name in place of the old one; relative, as clients expect. */
function redirect(error: RepoMovedError, c: Context<HubEnv>): Response {
  const url = new URL(c.req.url);
  const from = new RegExp(
    `/${escapePattern(error.from).replace("/", "(?:/|%2F)")}(?=[./?]|$)`,
    "i",
  );
  const path = url.pathname.replace(from, `/${error.to}`);
  if (path === url.pathname) return errorBody(c, repoNotFound());
  // Two slashes at the beginning would lead to another host.
  const local = path.replace(/^\/{2,}/, "/");
  // A proxy may have taken this part of the public address away.
  const mount = new URL(c.get("publicUrl")).pathname.replace(/\/$/, "");
  return new Response(null, {
    status: error.status,
    headers: { Location: `${mount}${local}${url.search}`, "Cache-Control": "no-cache" },
  });
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function isGitPath(path: string): boolean {
  return /\/(?:info\/(?:refs|lfs)|git-(?:upload|receive)-pack)(?:\/|$)/.test(path);
}

/** Header values are Latin-1 without line ends. */
function headerText(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 1000);
}

function logFailure(error: unknown, c: Context<HubEnv>): void {
  const id = c.res.headers.get("X-Request-Id") ?? "";
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // As it was sent: a decoded path could hold line ends.
  const path = new URL(c.req.url).pathname;
  process.stderr.write(`${id} ${c.req.method} ${path}: ${hideTokens(text)}\n`);
}

/** No token may reach a log. */
export function hideTokens(text: string): string {
  return text
    .replace(/hf_[A-Za-z0-9_]{6,}/g, "hf_***")
    .replace(/(Bearer|Basic)\s+[A-Za-z0-9+/=._-]+/gi, "$1 ***");
}
