import { createHash } from "#platform";
import { IntegrityError } from "../errors.ts";
import type { Hash } from "../platform/platform.ts";
import type { RemoteFile } from "./remote-file.ts";

/** Compares content that streams by with the size and the hash that name it. */
export interface ContentCheck {
  readonly received: number;
  /** Whether there is a hash to compare with. */
  readonly hasHash: boolean;
  update(bytes: Uint8Array): void;
  /** May be called again. @throws {IntegrityError} when it is not what was wanted. */
  finish(): void;
}

export function createContentCheck(file: Pick<RemoteFile, "etag" | "size" | "path">): ContentCheck {
  const hash = hashFor(file);
  let received = 0;
  let digest: string | undefined;
  return {
    hasHash: hash !== undefined,
    get received() {
      return received;
    },
    update(bytes) {
      received += bytes.length;
      hash?.update(bytes);
    },
    finish() {
      if (file.size !== undefined && received !== file.size) {
        throw new IntegrityError(
          `Cannot download "${file.path}": got ${received} bytes instead of ${file.size}`,
          file.path,
        );
      }
      digest ??= hash?.digestHex();
      if (digest !== undefined && digest !== file.etag) {
        throw new IntegrityError(
          `Cannot download "${file.path}": its hash is ${digest} instead of ${file.etag}`,
          file.path,
        );
      }
    },
  };
}

/** 64 digits are the content's sha256, 40 the sha1 that Git gives a blob; other names cannot be checked. */
function hashFor({ etag, size }: Pick<RemoteFile, "etag" | "size">): Hash | undefined {
  if (/^[0-9a-f]{64}$/.test(etag)) return createHash("sha256");
  if (!/^[0-9a-f]{40}$/.test(etag) || size === undefined) return undefined;
  return createGitBlobHash(size);
}

/** Git's name of a blob: sha1 over a header and the content. */
export function createGitBlobHash(size: number): Hash {
  const hash = createHash("sha1");
  hash.update(new TextEncoder().encode(`blob ${size}\0`));
  return hash;
}
