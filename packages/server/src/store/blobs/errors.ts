import { LibraryError } from "@bearhug/core";

/** A blob store has no such key. */
export class BlobNotFoundError extends LibraryError {
  override readonly name = "BlobNotFoundError";
  readonly key: string;

  constructor(key: string, options: { readonly cause?: unknown } = {}) {
    super("BLOB_NOT_FOUND", `Cannot read blob "${key}": it is not stored`, {
      ...options,
      hint: "Upload the content again",
    });
    this.key = key;
  }
}

/** A multipart upload was completed before each of its parts was written. */
export class IncompleteUploadError extends LibraryError {
  override readonly name = "IncompleteUploadError";
  readonly uploadId: string;
  readonly missingPart: number;

  constructor(uploadId: string, missingPart: number) {
    super(
      "INCOMPLETE_UPLOAD",
      `Cannot complete upload "${uploadId}": part ${missingPart} has not been written`,
      { hint: "Upload the missing part, then complete again" },
    );
    this.uploadId = uploadId;
    this.missingPart = missingPart;
  }
}
