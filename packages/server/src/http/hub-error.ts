import { LibraryError, type LibraryErrorOptions } from "@bearhug/core";

export type HubErrorCode =
  | "RepoNotFound"
  | "RevisionNotFound"
  | "EntryNotFound"
  | "GatedRepo"
  | "Unauthorized"
  | "Forbidden"
  | "Conflict"
  | "PreconditionFailed"
  | "BadRequest"
  | "PayloadTooLarge"
  | "UnprocessableContent"
  | "RangeNotSatisfiable"
  | "TooManyRequests"
  | "Unavailable"
  | "NotFound"
  | "Moved";

export interface HubErrorOptions extends LibraryErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further keys of the JSON body, beside `error`. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** An error that is an answer: a status, a code for `X-Error-Code`, and a message for `X-Error-Message`. */
export class HubError extends LibraryError {
  override readonly name: string = "HubError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: HubErrorCode,
    options: HubErrorOptions & { readonly message: string },
  ) {
    super(code, options.message, options);
    this.status = status;
    this.headers = options.headers ?? {};
    this.body = options.body ?? {};
  }
}

/** The repository has another name now: the answer is a redirect to the same address under that name. */
export class RepoMovedError extends HubError {
  override readonly name = "RepoMovedError";
  /** `owner/name` as it was asked for. */
  readonly from: string;
  /** `owner/name` today. */
  readonly to: string;

  constructor(from: string, to: string) {
    super(307, "Moved", { message: `Repository "${from}" is now "${to}"` });
    this.from = from;
    this.to = to;
  }
}

export function unauthorized(): HubError {
  return new HubError(401, "Unauthorized", { message: "Invalid username or password." });
}

export function forbidden(what: string): HubError {
  return new HubError(403, "Forbidden", { message: `You don't have the rights to ${what}` });
}

export function badRequest(
  message: string,
  body: Readonly<Record<string, unknown>> = {},
): HubError {
  return new HubError(400, "BadRequest", { message, body });
}

export function entryNotFound(message = "Entry not found", commit?: string): HubError {
  return new HubError(404, "EntryNotFound", {
    message,
    headers: commit === undefined ? {} : { "X-Repo-Commit": commit },
  });
}

export function revisionNotFound(revision: string): HubError {
  return new HubError(404, "RevisionNotFound", { message: `Invalid rev id: ${revision}` });
}

/** What strangers and signed-in people without access are told: the same as when there is none. */
export function repoNotFound(isSignedIn = true): HubError {
  return isSignedIn
    ? new HubError(404, "RepoNotFound", { message: "Repository not found" })
    : new HubError(401, "RepoNotFound", { message: "Invalid username or password." });
}
