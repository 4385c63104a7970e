import { LibraryError, type LibraryErrorOptions } from "@bearhug/core";

/** What is known of the request that failed. Never holds a token. */
export interface FailedRequest {
  readonly method: string;
  /** Without its query, which may be signed. */
  readonly url: string;
  readonly status: number;
  /** Show it to the server's operator: it finds the request in the logs. */
  readonly requestId: string | undefined;
  /** How long the Hub asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The commit that the Hub answered for, when it said so. */
  readonly commit: string | undefined;
}

interface HubErrorOptions extends LibraryErrorOptions {
  readonly request?: FailedRequest | undefined;
}

/** The Hub refused or failed a request, in a way that has no class of its own. */
export class HubApiError extends LibraryError {
  override readonly name = "HubApiError";
  readonly request: FailedRequest;

  constructor(message: string, request: FailedRequest, options: LibraryErrorOptions = {}) {
    super("HUB_REQUEST_FAILED", message, options);
    this.request = request;
  }

  get status(): number {
    return this.request.status;
  }

  get requestId(): string | undefined {
    return this.request.requestId;
  }

  get retryAfterMs(): number | undefined {
    return this.request.retryAfterMs;
  }
}

/** No such repository, or a private one that the token does not open. */
export class RepositoryNotFoundError extends LibraryError {
  override readonly name = "RepositoryNotFoundError";
  readonly repo: string;
  readonly request: FailedRequest | undefined;

  constructor(message: string, repo: string, options: HubErrorOptions = {}) {
    super("REPOSITORY_NOT_FOUND", message, {
      hint: 'Check the name and the type; for a private repository run "bearhug login" or set HF_TOKEN',
      ...options,
    });
    this.repo = repo;
    this.request = options.request;
  }
}

/** The repository's files are behind a gate that this account has not passed. */
export class GatedRepoError extends LibraryError {
  override readonly name = "GatedRepoError";
  readonly repo: string;
  readonly request: FailedRequest | undefined;

  constructor(message: string, repo: string, options: HubErrorOptions = {}) {
    super("GATED_REPOSITORY", message, {
      hint: "Ask for access on the repository's page, then use a token of the account that was granted it",
      ...options,
    });
    this.repo = repo;
    this.request = options.request;
  }
}

/** The repository has no such branch, tag or commit. */
export class RevisionNotFoundError extends LibraryError {
  override readonly name = "RevisionNotFoundError";
  readonly repo: string;
  readonly revision: string | undefined;
  readonly request: FailedRequest | undefined;

  constructor(
    message: string,
    at: { readonly repo: string; readonly revision?: string | undefined },
    options: HubErrorOptions = {},
  ) {
    super("REVISION_NOT_FOUND", message, {
      hint: "List branches and tags with HubClient.listRefs()",
      ...options,
    });
    this.repo = at.repo;
    this.revision = at.revision;
    this.request = options.request;
  }
}

/** The revision has no such file or folder. */
export class EntryNotFoundError extends LibraryError {
  override readonly name = "EntryNotFoundError";
  readonly repo: string;
  readonly path: string | undefined;
  readonly request: FailedRequest | undefined;

  constructor(
    message: string,
    at: { readonly repo: string; readonly path?: string | undefined },
    options: HubErrorOptions = {},
  ) {
    super("ENTRY_NOT_FOUND", message, {
      hint: `Run "bearhug files ${at.repo}" to see what it has`,
      ...options,
    });
    this.repo = at.repo;
    this.path = at.path;
    this.request = options.request;
  }
}

/** The file is not in the local cache, and the network was not allowed or not there. */
export class LocalEntryNotFoundError extends LibraryError {
  override readonly name = "LocalEntryNotFoundError";
  readonly repo: string;
  readonly path: string | undefined;

  constructor(
    message: string,
    at: { readonly repo: string; readonly path?: string | undefined },
    options: LibraryErrorOptions = {},
  ) {
    super("LOCAL_ENTRY_NOT_FOUND", message, {
      hint: "Download it once with the network on; HF_HUB_OFFLINE must not be set for that",
      ...options,
    });
    this.repo = at.repo;
    this.path = at.path;
  }
}

/** A request was needed in offline mode. */
export class OfflineError extends LibraryError {
  override readonly name = "OfflineError";

  constructor(message: string, options: LibraryErrorOptions = {}) {
    super("OFFLINE", message, {
      hint: "Unset HF_HUB_OFFLINE, or create the client without { offline: true }",
      ...options,
    });
  }
}

/** No answer came: the address is wrong, the server is down, or the connection broke. */
export class HubConnectionError extends LibraryError {
  override readonly name = "HubConnectionError";
  readonly url: string;

  constructor(message: string, url: string, options: LibraryErrorOptions = {}) {
    super("HUB_UNREACHABLE", message, {
      hint: "Check the network and HF_ENDPOINT",
      ...options,
    });
    this.url = url;
  }
}

/** The token is wrong, expired, or missing where one is needed. */
export class AuthenticationError extends LibraryError {
  override readonly name = "AuthenticationError";
  readonly request: FailedRequest;

  constructor(message: string, request: FailedRequest, options: LibraryErrorOptions = {}) {
    super("AUTHENTICATION_FAILED", message, {
      hint: 'Run "bearhug login" with a valid token, or set HF_TOKEN',
      ...options,
    });
    this.request = request;
  }
}

/** Somebody else committed first, or a repository, branch or tag of that name exists already. */
export class ConflictError extends LibraryError {
  override readonly name = "ConflictError";
  readonly request: FailedRequest;

  constructor(message: string, request: FailedRequest, options: LibraryErrorOptions = {}) {
    super("CONFLICT", message, options);
    this.request = request;
  }
}

/** What arrived is not what the Hub said it would send. */
export class IntegrityError extends LibraryError {
  override readonly name = "IntegrityError";
  readonly path: string;

  constructor(message: string, path: string, options: LibraryErrorOptions = {}) {
    super("INTEGRITY_CHECK_FAILED", message, {
      hint: "Try again; if it happens again, something between here and the Hub changes the data",
      ...options,
    });
    this.path = path;
  }
}

/** A listing whose pages come round again, or do not end. */
export class EndlessListingError extends LibraryError {
  override readonly name = "EndlessListingError";
  /** The page that did it, without its query. */
  readonly url: string;

  constructor(message: string, url: string) {
    super("ENDLESS_LISTING", message, {
      hint: "Check that HF_ENDPOINT is the address of a Hub; its listings are broken",
    });
    this.url = url;
  }
}

/** Not a repository id. */
export class InvalidRepoIdError extends LibraryError {
  override readonly name = "InvalidRepoIdError";
  readonly id: string;

  constructor(id: string) {
    super("INVALID_REPO_ID", `${JSON.stringify(id)} is not a repository id`, {
      hint: 'Write it as "owner/name", with "datasets/" before a dataset and "@revision" behind',
    });
    this.id = id;
  }
}

/** The operation needs something that this platform does not have, such as a file system in a browser. */
export class UnsupportedPlatformError extends LibraryError {
  override readonly name = "UnsupportedPlatformError";

  constructor(what: string, options: LibraryErrorOptions = {}) {
    super(
      "UNSUPPORTED_PLATFORM",
      `${what} needs a file system, which this platform does not have`,
      {
        hint: "Use downloadFile(), which gives a Blob everywhere",
        ...options,
      },
    );
  }
}
