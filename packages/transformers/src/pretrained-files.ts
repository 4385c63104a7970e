import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PretrainedOptions } from "./pretrained-options.ts";

/** The files of a pretrained model or tokenizer, wherever it is. */
export interface PretrainedFiles {
  /** The id or directory, as the caller named it. */
  readonly id: string;
  /** Local path of a file, downloaded if need be; `undefined` when there is no such file. */
  find(name: string): Promise<string | undefined>;
}

/** The files of a local directory, or of a repository on the Hub. */
export async function openPretrained(
  id: string,
  options: PretrainedOptions = {},
): Promise<PretrainedFiles> {
  return localFiles(id, options);
}

function localFiles(directory: string, { subfolder = "" }: PretrainedOptions): PretrainedFiles {
  return {
    id: directory,
    find: async (name) => {
      const path = join(directory, subfolder, name);
      return (await isFile(path)) ? path : undefined;
    },
  };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
