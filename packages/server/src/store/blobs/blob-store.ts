/** Bytes `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** An upload in pieces, for objects too large for one request. */
export interface MultipartUpload {
  /** Part numbers start at 1. Gives the part's ETag. Writing a part again replaces it. */
  writePart(partNumber: number, body: AsyncIterable<Uint8Array>): Promise<string>;
}

/**
 * Content-addressed bytes under keys such as `lfs/<sha256>` or `xorbs/<hash>`. A folder today, S3 when one
 * machine is outgrown: nothing above this interface may assume either.
 *
 * A key is either absent or whole: readers never see half of a write, and a write that was acknowledged
 * survives a killed process.
 */
export interface BlobStore {
  /** Size in bytes, or `undefined` when there is no such key. */
  size(key: string): Promise<number | undefined>;
  /**
   * The bytes in pieces. Each stays as it is, unless `reuse` allows to use its memory again once two more have been
   * asked for: for readers that are done with a piece by then.
   *
   * @throws {BlobNotFoundError}
   */
  read(
    key: string,
    range?: ByteRange,
    options?: { readonly reuse?: boolean | undefined },
  ): AsyncIterable<Uint8Array>;
  /**
   * Stores the bytes durably, replacing any earlier value; nothing is stored when `body` throws. A piece that `body`
   * has given must stay as it is: it may be written while the next are being made.
   */
  write(key: string, body: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }>;
  delete(key: string): Promise<void>;
  /** Keys that start with `prefix`, in no particular order. */
  list(prefix: string): AsyncIterable<string>;
  /** Continues the multipart upload `uploadId`, which is created by its first part. */
  multipart(uploadId: string): MultipartUpload;
  /** Joins parts 1 … `parts` into `key`; checks what is written through `inspect` before it is kept. */
  completeMultipart(upload: {
    readonly uploadId: string;
    readonly key: string;
    readonly parts: number;
    /** Sees every chunk; may throw at the end to refuse the whole. */
    readonly inspect?: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  }): Promise<{ readonly size: number }>;
}
