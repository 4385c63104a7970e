/** Fetches the xorbs' parts of one recipe ahead of their use, within a budget of memory. */
import { type ChunkRecord, XorbReader } from "@bearhug/xet";
import { HubApiError } from "../../errors.ts";
import type { CasClient } from "./cas-client.ts";
import { XetTransferError } from "./errors.ts";
import { splitByteRanges } from "./multipart-ranges.ts";
import type { ChunkRange, FetchEntry, FetchPart, Recipe, RecipeTerm } from "./recipe.ts";

/** Bytes that may be on their way or waiting; one entry may be larger. */
const BUDGET_BYTES = 128 * 1024 * 1024;
const MAX_PARALLEL = 8;
/** How often an address that has expired is replaced. */
const MAX_RENEWALS = 3;

interface PartRecords {
  readonly chunks: ChunkRange;
  readonly records: readonly ChunkRecord[];
}

interface Slot {
  readonly entry: FetchEntry;
  /** Position of the last term that needs it. */
  readonly lastUse: number;
  readonly bytes: number;
  fetched: Promise<readonly PartRecords[]> | undefined;
}

export interface XorbFetcherOptions {
  readonly cas: CasClient;
  readonly recipe: Recipe;
  /** Asks for the recipe again: its addresses have expired. */
  readonly renew: () => Promise<Recipe>;
  /** Gets the bytes of each answer as it has arrived. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

export class XorbFetcher {
  readonly #options: XorbFetcherOptions;
  /** In order of first use. */
  readonly #slots: readonly Slot[];
  /** For each term, the slot that has its chunks. */
  readonly #slotOfTerm: readonly Slot[];
  #renewal: Promise<Recipe> | undefined;
  #renewals = 0;

  constructor(options: XorbFetcherOptions) {
    this.#options = options;
    const { slots, slotOfTerm } = plan(options.recipe);
    this.#slots = slots;
    this.#slotOfTerm = slotOfTerm;
  }

  /** The stored chunks of a term. Terms have to be asked for in order; what no later one needs is let go. */
  async recordsOf(term: RecipeTerm, position: number): Promise<readonly ChunkRecord[]> {
    const slot = this.#slotOfTerm[position];
    if (!slot) throw new RangeError(`the recipe has no term ${position}`);
    const fetched = this.#start(slot);
    this.#fetchAhead(position);
    const part = (await fetched).find(({ chunks }) => covers(chunks, term.chunks));
    if (!part) throw noAddress(term);
    const { start, end } = term.chunks;
    return part.records.slice(start - part.chunks.start, end - part.chunks.start);
  }

  #fetchAhead(position: number): void {
    let bytes = 0;
    let parallel = 0;
    for (const slot of this.#slots) {
      if (slot.lastUse < position) {
        slot.fetched = undefined;
        continue;
      }
      bytes += slot.bytes;
      parallel++;
      if (bytes > BUDGET_BYTES || parallel > MAX_PARALLEL) return;
      void this.#start(slot);
    }
  }

  #start(slot: Slot): Promise<readonly PartRecords[]> {
    if (!slot.fetched) {
      slot.fetched = this.#fetch(slot.entry);
      // Thrown where it is awaited; a download that stops early awaits no more.
      slot.fetched.catch(() => {});
    }
    return slot.fetched;
  }

  async #fetch(entry: FetchEntry): Promise<readonly PartRecords[]> {
    for (let current = entry; ; ) {
      try {
        return await this.#fetchOnce(current);
      } catch (error) {
        const isExpired = error instanceof HubApiError && error.status === 403;
        if (!isExpired || this.#renewals >= MAX_RENEWALS) throw error;
        current = await this.#renewed(current);
      }
    }
  }

  async #fetchOnce({ xorb, url, parts }: FetchEntry): Promise<readonly PartRecords[]> {
    const action = `fetch chunks of xorb "${xorb}"`;
    const ranges = parts.map(({ bytes }) => `${bytes.start}-${bytes.end}`).join(",");
    const { type, body } = await this.#options.cas.send(
      { path: url, action, headers: { range: `bytes=${ranges}` } },
      async (response) => ({
        type: response.headers.get("content-type") ?? "",
        body: new Uint8Array(await response.arrayBuffer()),
      }),
    );
    this.#options.onBytes?.(body.length);
    const isMultipart = type.toLowerCase().startsWith("multipart/byteranges");
    const received = isMultipart
      ? splitByteRanges(type, body)
      : [{ start: parts[0]?.bytes.start ?? 0, bytes: body }];
    return parts.map((part) => {
      const found = received.find(({ start }) => start === part.bytes.start);
      return { chunks: part.chunks, records: recordsIn(found?.bytes, part, action) };
    });
  }

  /** The same part of the xorb under a new address. One new recipe serves all that found theirs expired. */
  async #renewed(entry: FetchEntry): Promise<FetchEntry> {
    this.#renewal ??= this.#renew();
    const recipe = await this.#renewal;
    const isSame = (other: FetchEntry): boolean =>
      other.xorb === entry.xorb &&
      entry.parts.every(({ chunks }) => other.parts.some((part) => covers(part.chunks, chunks)));
    const found = recipe.entries.find(isSame);
    if (!found) throw new XetTransferError(`A new recipe has no address for "${entry.xorb}"`);
    return found;
  }

  async #renew(): Promise<Recipe> {
    this.#renewals++;
    try {
      return await this.#options.renew();
    } finally {
      this.#renewal = undefined;
    }
  }
}

function recordsIn(
  bytes: Uint8Array | undefined,
  part: FetchPart,
  action: string,
): readonly ChunkRecord[] {
  const expected = part.bytes.end + 1 - part.bytes.start;
  if (bytes?.length !== expected) {
    throw new XetTransferError(
      `Cannot ${action}: got ${bytes?.length ?? 0} bytes, not ${expected}`,
    );
  }
  const reader = new XorbReader();
  const records = reader.push(bytes);
  reader.finish();
  const count = part.chunks.end - part.chunks.start;
  if (records.length !== count) {
    throw new XetTransferError(`Cannot ${action}: got ${records.length} chunks, not ${count}`);
  }
  return records;
}

function plan(recipe: Recipe): {
  readonly slots: readonly Slot[];
  readonly slotOfTerm: readonly Slot[];
} {
  const byXorb = new Map<string, FetchEntry[]>();
  for (const entry of recipe.entries) {
    const entries = byXorb.get(entry.xorb) ?? [];
    entries.push(entry);
    byXorb.set(entry.xorb, entries);
  }
  const entryOfTerm = recipe.terms.map((term) => {
    const has = ({ parts }: FetchEntry): boolean =>
      parts.some(({ chunks }) => covers(chunks, term.chunks));
    const entry = byXorb.get(term.xorb)?.find(has);
    if (!entry) throw noAddress(term);
    return entry;
  });
  const lastUse = new Map(entryOfTerm.map((entry, position) => [entry, position]));
  const slots = new Map<FetchEntry, Slot>();
  for (const entry of entryOfTerm) {
    if (slots.has(entry)) continue;
    const bytes = entry.parts.reduce((sum, part) => sum + part.bytes.end - part.bytes.start, 0);
    slots.set(entry, { entry, lastUse: lastUse.get(entry) ?? 0, bytes, fetched: undefined });
  }
  return {
    slots: [...slots.values()],
    slotOfTerm: entryOfTerm.flatMap((entry) => slots.get(entry) ?? []),
  };
}

function covers(outer: ChunkRange, inner: ChunkRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function noAddress({ xorb, chunks }: RecipeTerm): XetTransferError {
  return new XetTransferError(
    `The recipe gives no address for chunks ${chunks.start} to ${chunks.end} of xorb "${xorb}"`,
  );
}
