/**
 * Files that are whole or absent, and that survive a killed process and a lost power supply once written:
 * a temporary file of the same file system is written, synced and renamed, and its folder is synced.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { BatchWriter } from "@bearhug/core";

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
      const writer = new BatchWriter(async (pieces) => (await handle.writev(pieces)).bytesWritten);
      try {
        for await (const chunk of body) await writer.add(chunk);
        await writer.flush();
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
