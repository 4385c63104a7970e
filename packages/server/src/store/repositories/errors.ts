import { LibraryError } from "@bearhug/core";

/** A commit named the head it expects, and the reference is elsewhere. */
export class StaleParentError extends LibraryError {
  override readonly name = "StaleParentError";
  readonly ref: string;
  readonly expected: string;
  readonly actual: string | undefined;

  constructor(ref: string, expected: string, actual: string | undefined) {
    super(
      "STALE_PARENT",
      `Cannot commit to "${ref}": it is at ${actual ?? "no commit"}, not at ${expected}`,
      { hint: "Read the branch again and repeat the change on its new head" },
    );
    this.ref = ref;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A reference is not where the writer thought, or cannot be created beside another. */
export class RefConflictError extends LibraryError {
  override readonly name = "RefConflictError";
  readonly ref: string;

  constructor(ref: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super("REF_CONFLICT", `Cannot update "${ref}": ${reason}`, {
      ...options,
      hint: "Read the reference again and repeat",
    });
    this.ref = ref;
  }
}

/** A path that a commit may not hold. */
export class InvalidPathError extends LibraryError {
  override readonly name = "InvalidPathError";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(
      "INVALID_PATH",
      `Cannot commit the path ${JSON.stringify(path.slice(0, 300))}: ${reason}`,
      {
        hint: "Use relative paths with forward slashes",
      },
    );
    this.path = path;
  }
}

/** A branch or tag name that Git does not allow. */
export class InvalidRefNameError extends LibraryError {
  override readonly name = "InvalidRefNameError";
  readonly ref: string;

  constructor(ref: string) {
    super("INVALID_REF_NAME", `${JSON.stringify(ref.slice(0, 300))} is not a reference name`, {
      hint: 'Leave out spaces, "..", "~", "^", ":", "?", "*", "[", "\\" and ".lock" at the end',
    });
    this.ref = ref;
  }
}

/** A path that should be deleted does not exist. */
export class EntryNotFoundError extends LibraryError {
  override readonly name = "EntryNotFoundError";
  readonly path: string;

  constructor(path: string) {
    super(
      "ENTRY_NOT_FOUND",
      `Cannot delete ${JSON.stringify(path)}: the repository has no such file`,
      {
        hint: "List the repository's files to see what it has",
      },
    );
    this.path = path;
  }
}

/** The store has no object with this id, or one of another type. */
export class ObjectNotFoundError extends LibraryError {
  override readonly name = "ObjectNotFoundError";
  readonly oid: string;

  constructor(oid: string, type: string) {
    super(
      "OBJECT_NOT_FOUND",
      `Cannot read the ${type} ${JSON.stringify(oid.slice(0, 100))}: no such object`,
    );
    this.oid = oid;
  }
}

/** The repository was deleted, perhaps while somebody was at work in it. */
export class RepositoryGoneError extends LibraryError {
  override readonly name = "RepositoryGoneError";

  constructor(options: { readonly cause?: unknown } = {}) {
    super("REPOSITORY_GONE", "The repository is not stored here any more", options);
  }
}

/** The `git` program is missing, too old, or failed in a way that nobody foresaw. */
export class GitError extends LibraryError {
  override readonly name = "GitError";

  constructor(message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super("GIT_FAILED", message, options);
  }
}
