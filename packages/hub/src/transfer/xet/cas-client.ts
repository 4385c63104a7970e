/** Requests to a Xet storage: its token, what is tried again, and what failures become. It knows no formats. */
import { isAbortError, messageOf, parseJson, retry } from "@bearhug/core";
import { identifyingHeaders } from "#platform";
import { HubApiError, HubConnectionError } from "../../errors.ts";
import { reasonOf, STREAMING, shouldRetry, withoutQuery } from "../../request.ts";
import { failedRequest } from "../../response-error.ts";
import { XetTransferError } from "./errors.ts";

/** What the Hub gives to those who may read or write a repository. */
export interface XetToken {
  readonly accessToken: string;
  /** Seconds since 1970. */
  readonly exp: number;
  /** Address of the storage. */
  readonly casUrl: string;
}

/** How to reach a Xet storage. */
export interface XetConnection {
  /** Asked at the start, and again before a token ends. */
  readonly getToken: () => Promise<XetToken>;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
  /** Names this transfer in the storage's logs. Default: none. */
  readonly sessionId?: string | undefined;
  /** Wait before the first retry in milliseconds; doubles each time up to eight times this. Default 1000. */
  readonly retryDelayMs?: number | undefined;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: (() => number) | undefined;
}

export interface CasRequest {
  /** Path below the storage's address, or an absolute URL, which then gets no token. */
  readonly path: string;
  /** Completes "Cannot …" in messages. */
  readonly action: string;
  readonly method?: "GET" | "POST" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A new one for each attempt. */
  readonly body?: (() => BodyInit) | undefined;
  /** Statuses beside 2xx that are answers, not failures. */
  readonly accept?: readonly number[] | undefined;
}

/** How long before its end a token is replaced, in milliseconds: longer than any request waits to be sent. */
const RENEW_BEFORE_MS = 60_000;

export class CasClient {
  readonly #connection: XetConnection;
  readonly #signal: AbortSignal | undefined;
  #token: Promise<XetToken> | undefined;

  constructor(connection: XetConnection, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /**
   * Sends a request, again after broken connections and on 408, 429 and 5xx, and gives what `read` makes of the
   * answer; a connection that breaks while it reads counts as broken too.
   *
   * @throws {HubConnectionError | HubApiError}
   */
  send<T>(request: CasRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const { retryDelayMs = 1000 } = this.#connection;
    return retry(() => this.#authorized(request, read), {
      baseDelayMs: retryDelayMs,
      maxDelayMs: 8 * retryDelayMs,
      signal: this.#signal,
      shouldRetry,
    });
  }

  /** As `send`, for a JSON answer; `undefined` for an accepted failure. */
  sendForJson(request: CasRequest): Promise<unknown> {
    return this.send(request, async (response) => {
      if (response.ok) return parseJson(await response.text(), "reply");
      await response.body?.cancel();
      return undefined;
    });
  }

  /** A token may be withdrawn before its time: a refusal is worth one new token. */
  async #authorized<T>(request: CasRequest, read: (response: Response) => Promise<T>): Promise<T> {
    try {
      return await this.#attempt(request, read);
    } catch (error) {
      if (!(error instanceof HubApiError) || error.status !== 401) throw error;
      this.#token = undefined;
      return this.#attempt(request, read);
    }
  }

  async #attempt<T>(request: CasRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const { action, method = "GET", body } = request;
    const isOutside = /^https?:/.test(request.path);
    const token = isOutside ? undefined : await this.#freshToken();
    const url = token ? token.casUrl.replace(/\/+$/, "") + request.path : request.path;
    const headers: Record<string, string> = { ...request.headers };
    if (token) Object.assign(headers, this.#ownHeaders(token));
    const content = body?.();
    const init: RequestInit & { duplex?: "half" } = {
      method,
      headers,
      ...(content === undefined ? {} : { body: content }),
      ...(content instanceof ReadableStream ? STREAMING : {}),
      ...(this.#signal ? { signal: this.#signal } : {}),
    };
    try {
      const response = await (this.#connection.fetch ?? fetch)(url, init);
      if (response.ok || request.accept?.includes(response.status)) return await read(response);
      throw await refused(response, { action, method });
    } catch (error) {
      throw this.#explain(error, { action, url });
    }
  }

  #ownHeaders(token: XetToken): Record<string, string> {
    const { sessionId } = this.#connection;
    return {
      ...identifyingHeaders,
      authorization: `Bearer ${token.accessToken}`,
      ...(sessionId ? { "x-xet-session-id": sessionId } : {}),
    };
  }

  async #freshToken(): Promise<XetToken> {
    const { getToken, now = Date.now } = this.#connection;
    const held = await this.#token?.catch(() => undefined);
    if (held && held.exp * 1000 - now() > RENEW_BEFORE_MS) return held;
    this.#token = getToken();
    return this.#token;
  }

  /** What fetch throws says little; errors of this project pass. */
  #explain(error: unknown, at: { readonly action: string; readonly url: string }): unknown {
    if (this.#signal?.aborted || isAbortError(error)) return error;
    if (!(error instanceof TypeError) && !isSystemError(error)) return error;
    const url = withoutQuery(at.url);
    const message = `Cannot ${at.action}: no answer from ${new URL(url).origin} (${reasonOf(error)})`;
    return new HubConnectionError(message, url, { cause: error });
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string"
    ? /^(?:E[A-Z]+|UND_ERR_\w+)$/.test((error as unknown as { code: string }).code)
    : false;
}

async function refused(
  response: Response,
  { action, method }: { readonly action: string; readonly method: string },
): Promise<HubApiError> {
  const text = await response.text().catch(() => "");
  const reason = reasonIn(text) ?? response.headers.get("x-error-message") ?? response.statusText;
  const message = `Cannot ${action}: the Xet storage answered ${response.status} (${reason})`;
  return new HubApiError(message, failedRequest(response, method));
}

function reasonIn(text: string): string | undefined {
  const match = /"(?:error|message)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text);
  return match?.[1] ?? (text.length > 0 && text.length < 200 ? text : undefined);
}

/** Runs a parser of what the storage sent. @throws {XetTransferError} */
export function understood<T>(action: string, parser: () => T): T {
  try {
    return parser();
  } catch (cause) {
    throw new XetTransferError(`Cannot ${action}: ${messageOf(cause)}`, { cause });
  }
}
