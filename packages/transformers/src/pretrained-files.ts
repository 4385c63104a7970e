import { stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { EntryNotFoundError, HubClient, LocalEntryNotFoundError } from "@bearhug/hub";
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
  return { id: directory, find, require };
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
  return { id, find, require };
}
