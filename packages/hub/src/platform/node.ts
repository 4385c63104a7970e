import { createHash as createNodeHash, randomUUID } from "node:crypto";
import { openAsBlob } from "node:fs";
import * as fs from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { BatchWriter } from "@bearhug/core";
import { type BlobOrigin, filePieces } from "./file-pieces.ts";
import type {
  Environment,
  FileStatus,
  FileSystem,
  FileWriter,
  FolderItem,
  Hash,
  HashAlgorithm,
  ProcessIdentity,
} from "./platform.ts";
import { streamPieces } from "./stream-pieces.ts";

/** Bodies of requests may be streams. */
export const streamsRequests = true;

/** `redirect: "manual"` shows the redirect's headers. */
export const seesRedirects = true;

/** Sent with every request. */
export const identifyingHeaders: Readonly<Record<string, string>> = {
  "user-agent": `bearhug/0.1.0; node/${process.versions.node}`,
};

/** Sent with downloads: servers can count them, and sizes are those of the content. */
export const downloadHeaders: Readonly<Record<string, string>> = {
  "accept-encoding": "identity",
  "x-hf-download-counter": "1",
};

/** Variables and defaults as Python's huggingface_hub reads them. */
export function environment(): Environment {
  const env = process.env;
  const cacheHome = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const home = expand(env["HF_HOME"]) ?? join(cacheHome, "huggingface");
  const cacheDir = expand(env["HF_HUB_CACHE"]) ?? expand(env["HUGGINGFACE_HUB_CACHE"]);
  return {
    endpoint: env["HF_ENDPOINT"] || undefined,
    token: (env["HF_TOKEN"] || env["HUGGING_FACE_HUB_TOKEN"] || "").trim() || undefined,
    tokenFile: expand(env["HF_TOKEN_PATH"]) ?? join(home, "token"),
    cacheDir: cacheDir ?? join(home, "hub"),
    offline: isTrue(env["HF_HUB_OFFLINE"] || env["TRANSFORMERS_OFFLINE"]),
    disableXet: isTrue(env["HF_HUB_DISABLE_XET"]),
  };
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").toUpperCase());
}

function expand(path: string | undefined): string | undefined {
  if (!path) return undefined;
  const named = path.replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (text, plain, braced) => process.env[plain ?? braced] ?? text,
  );
  return named.replace(/^~(?=$|[/\\])/, homedir());
}

export function createHash(algorithm: HashAlgorithm): Hash {
  const hash = createNodeHash(algorithm);
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digestHex: () => hash.digest("hex"),
  };
}

/** Memory that is about to be overwritten: what it holds is not defined. */
export function allocate(length: number): Uint8Array {
  return Buffer.allocUnsafeSlow(length);
}

export const fileSystem: FileSystem | undefined = {
  status,
  list,
  readText,
  writeText,
  makeFolder,
  openForAppending,
  rename: (from, to) => fs.rename(from, to),
  link,
  realPath: (path) => orUndefined(fs.realpath(path)),
  remove: (path) => fs.rm(path, { recursive: true, force: true }),
  openBlob,
};

/** Files behind the Blobs that `openBlob` gave. */
const origins = new WeakMap<Blob, BlobOrigin>();

async function openBlob(path: string): Promise<Blob> {
  const { mtimeMs } = await fs.stat(path);
  const blob = await openAsBlob(path);
  origins.set(blob, { path, size: blob.size, mtimeMs });
  return blob;
}

export function piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const origin = origins.get(blob);
  // Node takes small pieces of a file through several queues: a third of the speed (measured).
  return origin ? filePieces(origin) : streamPieces(blob);
}

async function status(path: string): Promise<FileStatus | undefined> {
  const found = await orUndefined(fs.stat(path));
  if (!found) return undefined;
  return {
    type: found.isDirectory() ? "folder" : "file",
    size: found.size,
    modified: found.mtime,
  };
}

async function list(path: string): Promise<readonly FolderItem[]> {
  const items = (await orUndefined(fs.readdir(path, { withFileTypes: true }))) ?? [];
  return items
    .map((item): FolderItem => {
      if (item.isSymbolicLink()) return { name: item.name, type: "link" };
      return { name: item.name, type: item.isDirectory() ? "folder" : "file" };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readText(path: string): Promise<string | undefined> {
  return orUndefined(fs.readFile(path, "utf8"));
}

async function writeText(
  path: string,
  text: string,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  await makeFolder(dirname(path));
  const partial = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await fs.writeFile(partial, text, secret ? { mode: 0o600 } : {});
    await fs.rename(partial, path);
  } catch (error) {
    await fs.rm(partial, { force: true });
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  await fs.mkdir(path, { recursive: true });
}

async function openForAppending(path: string): Promise<FileWriter> {
  await makeFolder(dirname(path));
  const file = await fs.open(path, "a");
  const writer = new BatchWriter(async (pieces) => (await file.writev(pieces)).bytesWritten);
  return {
    write: (bytes) => writer.add(bytes),
    async truncate() {
      await writer.drop();
      await file.truncate(0);
    },
    async close() {
      try {
        await writer.flush();
      } finally {
        await file.close();
      }
    },
  };
}

async function link(target: string, path: string): Promise<void> {
  await makeFolder(dirname(path));
  const text = relative(resolve(dirname(path)), resolve(target));
  // Made beside its place and renamed into it: never absent where another process looks for it.
  const made = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await fs.symlink(text, made);
  } catch {
    // File systems without links, and accounts that may not make them: the snapshot holds a copy.
    await fs.copyFile(target, made);
  }
  try {
    await fs.rename(made, path);
  } catch (error) {
    await fs.rm(made, { force: true });
    throw error;
  }
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    // A system error has a code; these say that there is nothing at the path.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}

const host = createNodeHash("sha256").update(hostname()).digest("hex").slice(0, 8);

export const processIdentity: ProcessIdentity = {
  id: `${host}-${process.pid}`,
  isAlive(id) {
    const [itsHost, pid] = id.split("-");
    if (itsHost !== host) return true;
    try {
      process.kill(Number(pid), 0);
      return true;
    } catch (error) {
      // EPERM: it lives, and belongs to somebody else.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
};
