import type { RunOptions } from "@bearhug/core";
import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";

/** A file that is read in parts, such as one on a server that answers ranges. */
export interface RangedFile {
  readonly size: number;
  /** Bytes [start, end). */
  read(
    start: number,
    end: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
}

/** The tokenizer in a GGUF file's metadata; weights are not read. */
export async function fromGguf(
  file: Uint8Array | Blob | RangedFile,
  options: RunOptions = {},
): Promise<TokenizerDefinition> {
  options.signal?.throwIfAborted();
  throw new UnsupportedComponentError("gguf", String(file));
}
