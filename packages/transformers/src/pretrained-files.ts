import { readdir, stat } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { PretrainedDirectoryMissingError, PretrainedFileMissingError } from "./errors.ts";
import { hubFiles } from "./hub-files.ts";
import type { PretrainedOptions } from "./pretrained-options.ts";

/** The files of a pretrained model or tokenizer, wherever it is. */
export interface PretrainedFiles {
  /** The id or directory, as the caller named it. */
  readonly id: string;
  /** The repository's commit that the files are of, once one has been asked for; none for a directory. */
  readonly commit: string | undefined;
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

/**
 * The files of a local directory, or of a repository on the Hub: all of them of one commit, also while somebody
 * commits to the branch.
 *
 * @throws {PretrainedDirectoryMissingError} for what looks like a path and is no directory.
 */
export async function openPretrained(
  id: string,
  options: PretrainedOptions = {},
): Promise<PretrainedFiles> {
  const found = await stat(id).catch(() => undefined);
  if (found?.isDirectory()) return localFiles(id, options);
  // No repository's name begins so.
  const isPath = isAbsolute(id) || /^(?:\.{1,2}|~)(?:[/\\]|$)/.test(id);
  if (isPath) throw new PretrainedDirectoryMissingError(id, found !== undefined);
  return hubFiles(id, options);
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
  return { id: directory, commit: undefined, find, require, list };
}
