import { LibraryError, type LibraryErrorOptions } from "@bearhug/core";

/** Bytes that are no LZ4 frame, or whose content has another length than was promised. */
export class Lz4Error extends LibraryError {
  override readonly name = "Lz4Error";

  constructor(message: string, options?: LibraryErrorOptions) {
    super("XET_LZ4_INVALID", message, options);
  }
}

/** Bytes that are no xorb: a broken record header, a chunk that does not decompress, too many of them. */
export class XorbFormatError extends LibraryError {
  override readonly name = "XorbFormatError";
  /** Where in the xorb the broken record starts, in bytes. */
  readonly offset: number;

  constructor(message: string, options: LibraryErrorOptions & { readonly offset: number }) {
    super("XET_XORB_INVALID", message, options);
    this.offset = options.offset;
  }
}

/** Bytes that are no shard. */
export class ShardFormatError extends LibraryError {
  override readonly name = "ShardFormatError";

  constructor(message: string, options?: LibraryErrorOptions) {
    super("XET_SHARD_INVALID", message, options);
  }
}

/** Content whose hash is not the one it was stored or asked for under. */
export class XetHashMismatchError extends LibraryError {
  override readonly name = "XetHashMismatchError";
  readonly expected: string;
  readonly actual: string;

  constructor(what: string, hashes: { readonly expected: string; readonly actual: string }) {
    super(
      "XET_HASH_MISMATCH",
      `${what} has hash "${hashes.actual}" where "${hashes.expected}" was expected`,
      { hint: "The bytes were changed or cut short on their way; transfer them again" },
    );
    this.expected = hashes.expected;
    this.actual = hashes.actual;
  }
}
