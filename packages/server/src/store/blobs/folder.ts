import { createHash } from "node:crypto";
import { type FileHandle, open, opendir, readdir, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkPartNumber, checkUploadId, parseBlobKey } from "./blob-key.ts";
import type { BlobStore, ByteRange } from "./blob-store.ts";
import { makeDirectory, openTemporaryFiles, type TemporaryFiles } from "./durable-files.ts";
import { BlobNotFoundError, IncompleteUploadError } from "./errors.ts";

const READ_BYTES = 256 * 1024;
const UPLOAD_AGE_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * A {@link BlobStore} in a folder: `objects/<kind>/ab/cd/<name>`, with `incoming/` for what is being written and
 * `uploads/<id>/` for parts. Uploads that nobody touched for a week are removed when the store is opened.
 */
export async function createFolderBlobStore(directory: string): Promise<BlobStore> {
  const objects = join(directory, "objects");
  const uploads = join(directory, "uploads");
  await makeDirectory(objects);
  await makeDirectory(uploads);
  await removeOldUploads(uploads);
  return new FolderBlobStore({
    objects,
    uploads,
    temporary: await openTemporaryFiles(join(directory, "incoming")),
  });
}

interface Folders {
  readonly objects: string;
  readonly uploads: string;
  readonly temporary: TemporaryFiles;
}

class FolderBlobStore implements BlobStore {
  readonly #folders: Folders;
  /** Folders known to exist: saves a system call or three a write. */
  readonly #made = new Set<string>();

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  async size(key: string): Promise<number | undefined> {
    return fileSize(this.#path(key));
  }

  async *read(
    key: string,
    range?: ByteRange,
    { reuse = false }: { readonly reuse?: boolean | undefined } = {},
  ): AsyncIterable<Uint8Array> {
    const handle = await this.#open(key);
    try {
      yield* readHandle(handle, range, reuse ? memoryInTurns() : newMemory);
    } finally {
      await handle.close();
    }
  }

  async write(key: string, body: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }> {
    return this.#write(this.#path(key), body);
  }

  async delete(key: string): Promise<void> {
    await unlink(this.#path(key)).catch(ignoreMissing);
  }

  async *list(prefix: string): AsyncIterable<string> {
    yield* listFolder({ folder: this.#folders.objects, kinds: "", prefix });
  }

  multipart(uploadId: string): {
    writePart(partNumber: number, body: AsyncIterable<Uint8Array>): Promise<string>;
  } {
    const folder = join(this.#folders.uploads, checkUploadId(uploadId));
    return {
      writePart: async (partNumber, body) => {
        const hash = createHash("sha256");
        const path = partPath(folder, checkPartNumber(partNumber));
        await makeDirectory(folder); // never remembered: completing removes it
        await this.#folders.temporary.write(path, hashing(body, hash));
        return `"${hash.digest("hex")}"`;
      },
    };
  }

  async completeMultipart(upload: {
    readonly uploadId: string;
    readonly key: string;
    readonly parts: number;
    readonly inspect?: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  }): Promise<{ readonly size: number }> {
    const target = this.#path(upload.key);
    const folder = join(this.#folders.uploads, checkUploadId(upload.uploadId));
    checkPartNumber(upload.parts);
    for (let part = 1; part <= upload.parts; part++) {
      if ((await fileSize(partPath(folder, part))) === undefined) {
        throw new IncompleteUploadError(upload.uploadId, part);
      }
    }
    const joined = readParts(folder, upload.parts);
    const written = await this.#write(target, upload.inspect?.(joined) ?? joined);
    await rm(folder, { recursive: true, force: true });
    return written;
  }

  async #write(
    target: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<{ readonly size: number }> {
    const folder = dirname(target);
    if (!this.#made.has(folder)) {
      await makeDirectory(folder);
      this.#made.add(folder);
    }
    return this.#folders.temporary.write(target, body);
  }

  async #open(key: string): Promise<FileHandle> {
    try {
      return await open(this.#path(key), "r");
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      throw new BlobNotFoundError(key, { cause });
    }
  }

  #path(key: string): string {
    const { kinds, name } = parseBlobKey(key);
    return join(this.#folders.objects, ...kinds, name.slice(0, 2), name.slice(2, 4), name);
  }
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    ignoreMissing(error);
    return undefined;
  }
}

/** Gives memory for `READ_BYTES`. */
type Memory = () => Buffer;

const newMemory: Memory = () => Buffer.allocUnsafe(READ_BYTES);

/** Three pieces in turns: one that is read into, one that waits, one that is used. */
function memoryInTurns(): Memory {
  const pieces: Buffer[] = [];
  let turns = 0;
  return () => {
    const at = turns++ % 3;
    const piece = pieces[at] ?? newMemory();
    pieces[at] = piece;
    return piece;
  };
}

async function* readHandle(
  handle: FileHandle,
  range?: ByteRange,
  memory: Memory = newMemory,
): AsyncIterable<Uint8Array> {
  const end = range?.end ?? Number.POSITIVE_INFINITY;
  for (let at = range?.start ?? 0; at < end; ) {
    const length = Math.min(READ_BYTES, end - at);
    const buffer = memory();
    const { bytesRead } = await handle.read(buffer, 0, length, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function* readParts(folder: string, parts: number): AsyncIterable<Uint8Array> {
  for (let part = 1; part <= parts; part++) {
    const handle = await open(partPath(folder, part), "r");
    try {
      yield* readHandle(handle);
    } finally {
      await handle.close();
    }
  }
}

async function* hashing(
  body: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

function partPath(folder: string, part: number): string {
  return join(folder, String(part).padStart(5, "0"));
}

interface Listing {
  readonly folder: string;
  /** Key of `folder`, with a slash at the end unless it is the root. */
  readonly kinds: string;
  readonly prefix: string;
}

/** Folders of two characters are fan-out; longer ones are part of the key. */
async function* listFolder({ folder, kinds, prefix }: Listing): AsyncIterable<string> {
  for await (const entry of await opendir(folder)) {
    const inside = join(folder, entry.name);
    if (entry.isFile()) {
      if (`${kinds}${entry.name}`.startsWith(prefix)) yield `${kinds}${entry.name}`;
      continue;
    }
    const next = entry.name.length === 2 ? kinds : `${kinds}${entry.name}/`;
    if (next.startsWith(prefix) || prefix.startsWith(next)) {
      yield* listFolder({ folder: inside, kinds: next, prefix });
    }
  }
}

async function removeOldUploads(uploads: string): Promise<void> {
  for (const name of await readdir(uploads)) {
    const found = await stat(join(uploads, name)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > UPLOAD_AGE_MS) {
      await rm(join(uploads, name), { recursive: true, force: true });
    }
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code; // as: every error of node:fs has one
  return code === "ENOENT" || code === "ENOTDIR";
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
