/** What every error of this project carries beside its message. */
export interface LibraryErrorOptions {
  /** What the reader can do next, as a sentence without a final period. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * An error that a caller can act on.
 *
 * `code` is public and stable: each has a section in `docs/errors.md`.
 */
export class LibraryError extends Error {
  override readonly name: string = "LibraryError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: LibraryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything thrown, for text that a person reads. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
