import { readdir, stat } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import {
  EntryNotFoundError,
  HubClient,
  HubConnectionError,
  LocalEntryNotFoundError,
  OfflineError,
} from "@bearhug/hub";
import { PretrainedFileMissingError } from "./errors.ts";
import type { PretrainedOptions } from "./pretrained-options.ts";

/** The files of a pretrained model or tokenizer, wherever it is. */
export interface PretrainedFiles {
  /** The id or directory, as the caller named it. */
  readonly id: string;
  /** Local path of a file, downloaded if need be; `undefined` when there is no such file. */
  find(name: string): Promise<string | undefined>;
  /**
   * As {@link find}, for a file that must be there.
   *
   * @throws {PretrainedFileMissingError} when a directory lacks it.
   * @throws {EntryNotFoundError} when a repository lacks it.
   * @throws {LocalEntryNotFoundError} when the cache lacks it and the Hub may not be asked.
   */
  require(name: string): Promise<string>;
  /** Names of the files that lie directly in a folder; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

/** The files of a local directory, or of a repository on the Hub. */
export async function openPretrained(
  id: string,
  options: PretrainedOptions = {},
): Promise<PretrainedFiles> {
  const found = await stat(id).catch(() => undefined);
  return found?.isDirectory() ? localFiles(id, options) : hubFiles(id, options);
}

function localFiles(directory: string, { subfolder = "" }: PretrainedOptions): PretrainedFiles {
  const find = async (name: string): Promise<string | undefined> => {
    const path = join(directory, subfolder, name);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? path : undefined;
  };
  const require = async (name: string): Promise<string> => {
    const path = await find(name);
    if (!path) throw new PretrainedFileMissingError(directory, posix.join(subfolder, name));
    return path;
  };
  const list = async (folder: string): Promise<readonly string[]> => {
    const path = join(directory, subfolder, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name])).sort();
  };
  return { id: directory, find, require, list };
}

function hubFiles(id: string, options: PretrainedOptions): PretrainedFiles {
  const { revision, subfolder = "", hub = new HubClient(), localFilesOnly } = options;
  const { signal, onProgress } = options;
  const repo = revision === undefined ? id : { name: id, revision };
  const require = (name: string): Promise<string> =>
    hub.downloadToCache(repo, posix.join(subfolder, name), { localFilesOnly, signal, onProgress });
  const find = async (name: string): Promise<string | undefined> => {
    try {
      return await require(name);
    } catch (error) {
      // Without the network nobody can tell whether an optional file exists: it does not, then.
      const absent =
        error instanceof EntryNotFoundError || error instanceof LocalEntryNotFoundError;
      if (absent) return undefined;
      throw error;
    }
  };
  const fromCache = async (folder: string) =>
    listBeside(await find("tokenizer_config.json"), folder);
  const fromHub = async (folder: string): Promise<readonly string[]> => {
    const path = posix.join(subfolder, folder).replace(/^\.$/u, "");
    const names: string[] = [];
    for await (const entry of hub.listFiles(repo, { path, signal })) {
      if (entry.type === "file") names.push(posix.basename(entry.path));
    }
    return names;
  };
  const list = async (folder: string): Promise<readonly string[]> => {
    if (localFilesOnly) return fromCache(folder);
    try {
      return await fromHub(folder);
    } catch (error) {
      if (error instanceof EntryNotFoundError) return [];
      const isCut = error instanceof HubConnectionError || error instanceof OfflineError;
      if (isCut) return fromCache(folder);
      throw error;
    }
  };
  return { id, find, require, list };
}

/** What the cache has of a folder: it lies beside the files that were downloaded before. */
async function listBeside(file: string | undefined, folder: string): Promise<readonly string[]> {
  if (file === undefined) return [];
  return readdir(join(dirname(file), folder)).catch(() => []);
}
