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
  | "NotFound";

export interface HubErrorOptions extends LibraryErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further keys of the JSON body, beside `error`. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** An error that is an answer: a status, a code for `X-Error-Code`, and a message for `X-Error-Message`. */
export class HubError extends LibraryError {
  override readonly name = "HubError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, code: HubErrorCode, options: HubErrorOptions & { readonly message: string }) {
    super(code, options.message, options);
    this.status = status;
    this.headers = options.headers ?? {};
    this.body = options.body ?? {};
  }
}
