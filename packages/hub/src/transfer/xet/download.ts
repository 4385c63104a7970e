/** Puts a file together from Xet chunks, in order, while later ones are still on their way. */
import type { RunOptions } from "@bearhug/core";
import { chunkHash, EMPTY_HASH, HashTree, readChunk, XetHashMismatchError } from "@bearhug/xet";
import { CasClient, type XetConnection } from "./cas-client.ts";
import { XetTransferError } from "./errors.ts";
import { type FileRange, fetchRecipe, type Recipe, type RecipeTerm } from "./recipe.ts";
import { XorbFetcher } from "./xorb-fetcher.ts";

/** Recipes are asked for a part of the file at a time: they can be long, and their addresses expire. */
const WINDOW_BYTES = 256 * 1024 * 1024;

export interface XetDownloadOptions extends XetConnection, RunOptions {
  /** Content bytes to fetch, end exclusive. Default: all. */
  readonly range?: FileRange | undefined;
  /** Bytes of the whole file, where it is known: it is then checked, and shown as progress's total. */
  readonly size?: number | undefined;
  /** The caller compares the content with another hash: its Xet hash, which takes longer, is left out. Default false. */
  readonly isChecked?: boolean | undefined;
}

/**
 * The bytes of a Xet file, in order. A whole file's content is checked against its hash when the last byte has
 * come: only a loop that ends without an error has read the file. The pieces stay as they are.
 *
 * Progress: phase "download", in content bytes.
 *
 * @throws {XetHashMismatchError} when the content is not what the hash names.
 * @throws {XetTransferError} when the storage sends something else than was asked for.
 * @throws {HubApiError | HubConnectionError} when a request fails.
 *
 * @example
 * for await (const bytes of downloadXet(xetHash, { getToken })) await file.write(bytes);
 */
export async function* downloadXet(
  hash: string,
  options: XetDownloadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size, signal, onProgress, isChecked = false } = options;
  const bounds = boundsOf(options);
  if (hash === EMPTY_HASH || bounds.start >= bounds.end) return;
  const total = bounds.end === UNKNOWN ? undefined : bounds.end - bounds.start;
  const stop = new AbortController();
  const cas = new CasClient(options, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
  const tree = bounds.isWhole && !isChecked ? new HashTree() : undefined;
  let done = 0;
  try {
    for await (const bytes of windows({ cas, hash, tree }, bounds)) {
      signal?.throwIfAborted();
      done += bytes.length;
      onProgress?.({ phase: "download", done, total, unit: "bytes" });
      yield bytes;
    }
  } finally {
    // Whatever is still on its way is not wanted any more.
    stop.abort();
  }
  // A range may reach past the end of a file whose size nobody said; a known size has to be met.
  if (size !== undefined && done !== total) {
    throw new XetTransferError(`Xet file "${hash}" gave ${done} bytes, not ${total}`);
  }
  const actual = tree?.fileHash() ?? hash;
  if (actual !== hash) throw new XetHashMismatchError("the file", { expected: hash, actual });
}

const UNKNOWN = Number.MAX_SAFE_INTEGER;

function boundsOf({ range, size = UNKNOWN }: XetDownloadOptions): FileRange & { isWhole: boolean } {
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? UNKNOWN, size);
  return { start, end, isWhole: start === 0 && (range === undefined || end === size) };
}

interface Source {
  readonly cas: CasClient;
  readonly hash: string;
  /** Gets every chunk once. */
  readonly tree: HashTree | undefined;
}

async function* windows(source: Source, { start, end }: FileRange): AsyncGenerator<Uint8Array> {
  const recipeAt = (at: number): Promise<Recipe | undefined> =>
    fetchRecipe(source.cas, source.hash, { start: at, end: Math.min(at + WINDOW_BYTES, end) });
  let at = start;
  let next: Promise<Recipe | undefined> | undefined = recipeAt(at);
  while (next && at < end) {
    const recipe: Recipe | undefined = await next;
    if (!recipe) return;
    const windowEnd = Math.min(at + WINDOW_BYTES, end);
    const available: number = at + contentBytes(recipe);
    // Less than was asked for means that the file ends there.
    const isLast: boolean = available < windowEnd || windowEnd === end;
    next = isLast ? undefined : recipeAt(windowEnd);
    next?.catch(() => {});
    const window = { at, bytes: Math.min(windowEnd, available) - at };
    yield* windowBytes(source, recipe, { ...window, renew: () => recipeAt(window.at) });
    at = windowEnd;
  }
}

function contentBytes({ terms, offset }: Recipe): number {
  return terms.reduce((sum, term) => sum + term.size, 0) - offset;
}

async function* windowBytes(
  { cas, tree }: Source,
  recipe: Recipe,
  window: {
    readonly at: number;
    readonly bytes: number;
    readonly renew: () => Promise<Recipe | undefined>;
  },
): AsyncGenerator<Uint8Array> {
  const renew = async (): Promise<Recipe> => {
    const renewed = await window.renew();
    if (!renewed) throw new XetTransferError("The file became shorter while it was read");
    return renewed;
  };
  const fetcher = new XorbFetcher({ cas, recipe, renew });
  let skip = recipe.offset;
  let left = window.bytes;
  for (const [position, term] of recipe.terms.entries()) {
    for await (const chunk of chunksOf(fetcher, term, position)) {
      // A chunk that began in the window before has been counted there.
      if (skip === 0 || window.at === 0) tree?.add(chunkHash(chunk), chunk.length);
      const bytes = chunk.subarray(Math.min(skip, chunk.length)).subarray(0, left);
      skip = Math.max(0, skip - chunk.length);
      left -= bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  }
}

async function* chunksOf(
  fetcher: XorbFetcher,
  term: RecipeTerm,
  position: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const record of fetcher.recordsOf(term, position)) {
    size += record.size;
    yield readChunk(record);
  }
  if (size !== term.size) {
    throw new XetTransferError(
      `A term of xorb "${term.xorb}" gave ${size} bytes, not ${term.size}`,
    );
  }
}
