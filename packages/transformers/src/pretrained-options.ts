import type { RunOptions } from "@bearhug/core";

/** Where a pretrained thing comes from. */
export interface PretrainedOptions extends RunOptions {
  /** Branch, tag or commit. Default: `"main"`. */
  readonly revision?: string | undefined;
  /** Folder inside the repository. */
  readonly subfolder?: string | undefined;
  /** Use only what the cache holds. */
  readonly localFilesOnly?: boolean | undefined;
}
