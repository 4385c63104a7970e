/**
 * Files that are whole or absent, and that survive a killed process and a lost power supply once written:
 * a temporary file of the same file system is written, synced and renamed, and its folder is synced.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";

const STRANGER_AGE_MS = 24 * 60 * 60 * 1000;
const HOST = hostname().replaceAll(/[^A-Za-z0-9.]/g, "_") || "host";
/** Tells this process from an earlier one that had the same process id. */
const PROCESS = randomBytes(6).toString("hex");

/** Makes renames and new files inside `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates `directory` and its parents so that they survive a lost power supply. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let at = directory; at.length >= first.length; at = dirname(at)) {
    await syncDirectory(dirname(at));
  }
}

/** A folder of files that are being written. */
export interface TemporaryFiles {
  /** Writes `body` to a temporary file, synced, and renames it to `target`, whose folder must exist. */
  write(target: string, body: AsyncIterable<Uint8Array>): Promise<{ readonly size: number }>;
}

/** Opens (and creates) a folder for temporary files; removes what dead processes left there. */
export async function openTemporaryFiles(
  directory: string,
  now: () => number = Date.now,
): Promise<TemporaryFiles> {
  await makeDirectory(directory);
  for (const name of await readdir(directory)) {
    if (await isAbandoned(directory, name, now())) await rm(join(directory, name), { force: true });
  }
  let count = 0;
  return {
    async write(target, body) {
      const path = join(directory, `${HOST}-${process.pid}-${PROCESS}-${count++}`);
      const handle = await open(path, "wx");
      const writer = new BatchWriter(handle);
      try {
        for await (const chunk of body) await writer.add(chunk);
        await writer.end();
        await handle.sync();
        await handle.close();
        await rename(path, target);
      } catch (error) {
        await handle.close().catch(() => undefined);
        await unlink(path).catch(() => undefined);
        throw error;
      }
      await syncDirectory(dirname(target));
      return { size: writer.size };
    },
  };
}

/** Bytes of one write: those from the network come in pieces of 64 KiB, and a system call for each costs more. */
const BATCH_BYTES = 1 << 20;
/** Pieces of one write: what every system takes. */
const BATCH_PIECES = 512;

/** Writes pieces in batches, one of them while the next is being collected. */
class BatchWriter {
  readonly #handle: FileHandle;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #size = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Bytes that were added. */
  get size(): number {
    return this.#size;
  }

  /** @throws what an earlier write threw. */
  async add(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    this.#size += piece.length;
    if (this.#bytes < BATCH_BYTES && this.#pieces.length < BATCH_PIECES) return;
    await this.#writing;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    this.#writing = writeAll(this.#handle, pieces);
    // A failure is thrown by the next call, not as an unhandled rejection before.
    this.#writing.catch(() => {});
  }

  async end(): Promise<void> {
    await this.#writing;
    await writeAll(this.#handle, this.#pieces);
  }
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces.filter((piece) => piece.length > 0);
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left);
    left = after(left, bytesWritten);
  }
}

/** What is left of the pieces behind their first `count` bytes. */
function after(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}

/** A file of this machine is abandoned when its process is gone; one of another machine after a day. */
async function isAbandoned(directory: string, name: string, now: number): Promise<boolean> {
  const [host, pid, token] = name.split("-");
  if (host === HOST && Number(pid) === process.pid) return token !== PROCESS;
  if (host === HOST && isAlive(Number(pid))) return false;
  if (host === HOST) return true;
  const found = await stat(join(directory, name)).catch(() => undefined);
  return found !== undefined && now - found.mtimeMs > STRANGER_AGE_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === "EPERM"; // as: what process.kill throws
  }
}
