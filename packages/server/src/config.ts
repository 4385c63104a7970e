import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LibraryError } from "@bearhug/core";

/** Where things lie in the data folder. */
export interface DataFolder {
  readonly directory: string;
  readonly database: string;
  readonly blobs: string;
  readonly repositories: string;
  /** Files of models that were run; can be made again. */
  readonly models: string;
}

export function dataFolder(directory: string): DataFolder {
  return {
    directory,
    database: join(directory, "hub.sqlite"),
    blobs: join(directory, "blobs"),
    repositories: join(directory, "repositories"),
    models: join(directory, "models"),
  };
}

/** Something in the data folder is not what this server wrote there. */
export class DataFolderError extends LibraryError {
  override readonly name = "DataFolderError";

  constructor(reason: string) {
    super("DATA_FOLDER_INVALID", `Cannot open the data folder: ${reason}`, {
      hint: "Restore the file from a backup; without it, tokens for uploads under way become invalid",
    });
  }
}

const SECRET_BYTES = 32;

/** The 32 bytes that sign cookies, upload URLs and tokens: made once, then kept in the data folder. */
export async function loadSecret(directory: string): Promise<Uint8Array> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, "secret");
  const existing = await readSecret(file);
  if (existing) return existing;
  const temporary = join(directory, `secret.${randomBytes(6).toString("hex")}`);
  await writeFile(temporary, randomBytes(SECRET_BYTES), { mode: 0o600, flush: true });
  try {
    // A link fails when another process made the file first: then its secret counts.
    await link(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const secret = await readSecret(file);
  if (!secret) throw new DataFolderError(`"${file}" vanished while it was made`);
  return secret;
}

async function readSecret(file: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(file);
    if (bytes.length === SECRET_BYTES) return new Uint8Array(bytes);
    throw new DataFolderError(`"${file}" does not hold ${SECRET_BYTES} bytes`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * An address as `--public-url` takes it, without a trailing slash.
 *
 * @throws {TypeError} when it is not an http(s) address.
 */
export function parsePublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.search || url.hash) {
    throw new TypeError(
      `publicUrl must be an address such as "https://hub.example", got "${text}"`,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
