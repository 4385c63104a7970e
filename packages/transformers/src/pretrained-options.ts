import type { RunOptions } from "@bearhug/core";
import type { HubClient } from "@bearhug/hub";

/** Where a pretrained thing comes from. */
export interface PretrainedOptions extends RunOptions {
  /** Branch, tag or commit. Default: `"main"`. */
  readonly revision?: string | undefined;
  /** Folder inside the repository. */
  readonly subfolder?: string | undefined;
  /** The Hub to ask. Default: the one that the environment names. */
  readonly hub?: HubClient | undefined;
  /** Use only what the cache holds. */
  readonly localFilesOnly?: boolean | undefined;
}
