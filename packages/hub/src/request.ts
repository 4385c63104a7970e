import { isAbortError, retry } from "@bearhug/core";
import { identifyingHeaders } from "#platform";
import type { Connection } from "./connection.ts";
import { HubApiError, HubConnectionError, OfflineError } from "./errors.ts";
import type { Repo } from "./repo-id.ts";
import { errorFromResponse } from "./response-error.ts";

export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** One request to the Hub, and what to say when it fails. */
export interface HubRequest {
  /** Path below the endpoint, or an absolute URL. */
  readonly path: string;
  /** Completes "Cannot …" in messages: `list the files of "ada/tiny-bert"`. */
  readonly action: string;
  /** Default GET. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | undefined;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** A function makes a new one for each attempt: streams can be read only once. */
  readonly body?: BodyInit | (() => BodyInit) | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the request is about, for errors. */
  readonly repo?: Repo | undefined;
  readonly entry?: string | undefined;
  /** Statuses beside 2xx that are answers, not failures. */
  readonly accept?: readonly number[] | undefined;
  /** Tries again after broken connections and on 408, 429, 5xx. Default false: once. */
  readonly retry?: boolean | undefined;
  readonly redirect?: "follow" | "manual" | undefined;
  /** Default true for addresses on the endpoint's own origin, false elsewhere. */
  readonly authorize?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request and gives its successful response.
 *
 * @throws {OfflineError | HubConnectionError | HubApiError} or the class that the Hub's error code stands for.
 */
export async function request(connection: Connection, wanted: HubRequest): Promise<Response> {
  if (connection.offline) {
    throw new OfflineError(`Cannot ${wanted.action}: the client is in offline mode`);
  }
  if (!wanted.retry) return attempt(connection, wanted);
  return retry(() => attempt(connection, wanted), {
    baseDelayMs: connection.retryDelayMs,
    maxDelayMs: connection.retryDelayMs * 8,
    signal: wanted.signal,
    shouldRetry,
  });
}

/** The response's JSON, as unknown data for a parser. */
export async function requestJson(connection: Connection, wanted: HubRequest): Promise<unknown> {
  const response = await request(connection, wanted);
  try {
    return await response.json();
  } catch (cause) {
    if (isAbortError(cause)) throw cause;
    throw new HubConnectionError(
      `Cannot ${wanted.action}: the answer is not JSON`,
      withoutQuery(response.url || wanted.path),
      { cause, hint: "Check that HF_ENDPOINT is the address of a Hub" },
    );
  }
}

const MAX_REDIRECTS = 10;

async function attempt(connection: Connection, wanted: HubRequest, hops = 0): Promise<Response> {
  const url = requestUrl(connection, wanted);
  const token = await connection.token();
  const own = url.origin === new URL(connection.endpoint).origin;
  const headers: Record<string, string> = { ...identifyingHeaders, ...wanted.headers };
  if (token && (wanted.authorize ?? own)) headers["authorization"] = `Bearer ${token}`;
  if (wanted.json !== undefined) headers["content-type"] = "application/json";
  const body = bodyOf(wanted);
  // The type of RequestInit does not know `duplex` yet.
  const init: RequestInit & { duplex?: "half" } = {
    method: wanted.method ?? "GET",
    headers,
    redirect: wanted.redirect ?? "follow",
    ...(body === undefined ? {} : { body }),
    ...(body instanceof ReadableStream ? STREAMING : {}),
    ...(wanted.signal ? { signal: wanted.signal } : {}),
  };
  const response = await send(connection, { url, init, action: wanted.action });
  const target = redirectTarget(response, url);
  if (response.ok || wanted.accept?.includes(response.status)) return response;
  if (target && wanted.redirect === "manual") return response;
  if (target && !(body instanceof ReadableStream) && hops < MAX_REDIRECTS) {
    return attempt(connection, { ...wanted, path: target, query: undefined }, hops + 1);
  }
  throw await errorFromResponse(response, wanted, token);
}

/** fetch follows redirects itself; a server's own handler in the place of fetch gives them back. */
function redirectTarget({ status, headers }: Response, url: URL): string | undefined {
  const location = headers.get("location");
  const isRedirect = status === 307 || status === 308 || status === 301 || status === 302;
  return isRedirect && location ? new URL(location, url).href : undefined;
}

/**
 * For requests whose body is a stream: fetch refuses those without `duplex`. Without the other two, Node's keeps
 * all that it has sent, to be able to send it again (measured: 450 MB for 400 MB; with them 84 MB, in half the time).
 */
export const STREAMING: Readonly<Pick<RequestInit, "window" | "redirect"> & { duplex: "half" }> = {
  duplex: "half",
  window: null,
  redirect: "error",
};

function bodyOf({ json, body }: HubRequest): BodyInit | undefined {
  if (json !== undefined) return JSON.stringify(json);
  return typeof body === "function" ? body() : body;
}

function requestUrl(connection: Connection, wanted: HubRequest): URL {
  if (!URL.canParse(connection.endpoint)) {
    throw new TypeError(
      `endpoint must be an address such as "https://hub.example", got "${connection.endpoint}"`,
    );
  }
  const absolute = /^https?:/.test(wanted.path);
  const url = new URL(absolute ? wanted.path : connection.endpoint + wanted.path);
  for (const [name, value] of Object.entries(wanted.query ?? {})) {
    if (value === undefined) continue;
    const items = typeof value === "object" ? value : [String(value)];
    for (const item of items) url.searchParams.append(name, item);
  }
  return url;
}

async function send(
  connection: Connection,
  { url, init, action }: { readonly url: URL; readonly init: RequestInit; readonly action: string },
): Promise<Response> {
  try {
    return await connection.fetch(url.href, init);
  } catch (cause) {
    if (init.signal?.aborted || isAbortError(cause)) throw cause;
    throw new HubConnectionError(
      `Cannot ${action}: no answer from ${url.origin} (${reasonOf(cause)})`,
      withoutQuery(url.href),
      { cause },
    );
  }
}

/** fetch says "fetch failed" and hides why in `cause`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.message || error.name;
}

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** For {@link retry}: whether, or after how many milliseconds, another attempt can help. */
export function shouldRetry(error: unknown): boolean | number {
  if (error instanceof HubConnectionError) return true;
  if (!(error instanceof HubApiError) || !TRANSIENT.has(error.status)) return false;
  return error.retryAfterMs ?? true;
}

/** Queries may hold signatures, which are secrets. */
export function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
