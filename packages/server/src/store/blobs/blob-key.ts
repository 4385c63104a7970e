const KIND = /^[a-z0-9][a-z0-9_-]{2,63}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{3,199}$/;
const UPLOAD_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/;

export interface BlobKey {
  /** `lfs` of `lfs/<sha256>`; each at least three characters, so a folder of two is always fan-out. */
  readonly kinds: readonly string[];
  /** The last segment. */
  readonly name: string;
}

/**
 * Keys are `kind[/kind…]/name`: lower-case kinds, and a name of at least four characters that is safe as a file name.
 *
 * @throws {RangeError} for anything else; keys come from code, so this is a mistake of the caller.
 */
export function parseBlobKey(key: string): BlobKey {
  const kinds = key.split("/");
  const name = kinds.pop() ?? "";
  if (kinds.length === 0 || !kinds.every((kind) => KIND.test(kind)) || !NAME.test(name)) {
    throw new RangeError(`"${key.slice(0, 200)}" is not a blob key such as "lfs/<sha256>"`);
  }
  return { kinds, name };
}

/** @throws {RangeError} when `uploadId` could not be a folder's name. */
export function checkUploadId(uploadId: string): string {
  if (UPLOAD_ID.test(uploadId)) return uploadId;
  throw new RangeError(`"${uploadId.slice(0, 200)}" is not an upload id`);
}

/** @throws {RangeError} unless `partNumber` is from 1 to 10,000. */
export function checkPartNumber(partNumber: number): number {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= 10_000) return partNumber;
  throw new RangeError(`partNumber must be an integer from 1 to 10000, got ${partNumber}`);
}
