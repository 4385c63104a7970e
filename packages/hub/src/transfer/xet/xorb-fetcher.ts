/** Fetches the xorbs' parts of one recipe ahead of their use, within a budget of memory. */
import { type ChunkRecord, XorbReader } from "@bearhug/xet";
import { allocate } from "#platform";
import { HubApiError } from "../../errors.ts";
import { chunksOf } from "../stream.ts";
import { AHEAD_BYTES, Arrival } from "./arrival.ts";
import type { CasClient } from "./cas-client.ts";
import { XetTransferError } from "./errors.ts";
import { splitByteRanges } from "./multipart-ranges.ts";
import type { ChunkRange, FetchEntry, FetchPart, Recipe, RecipeTerm } from "./recipe.ts";

/** Bytes that may be waiting to be read. */
const BUDGET_BYTES = 4 * AHEAD_BYTES;
const MAX_PARALLEL = 8;
/** How often an address that has expired is replaced. */
const MAX_RENEWALS = 3;

interface Slot {
  readonly entry: FetchEntry;
  /** Position of the last term that needs it. */
  readonly lastUse: number;
  readonly bytes: number;
  readonly isReadOnce: boolean;
  arrival: Arrival | undefined;
}

export interface XorbFetcherOptions {
  readonly cas: CasClient;
  readonly recipe: Recipe;
  /** Asks for the recipe again: its addresses have expired. */
  readonly renew: () => Promise<Recipe>;
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

  /** The stored chunks of a term, as they arrive. Terms have to be asked for in order; what no later one needs is let go. */
  async *recordsOf(term: RecipeTerm, position: number): AsyncGenerator<ChunkRecord> {
    const slot = this.#slotOfTerm[position];
    if (!slot) throw new RangeError(`the recipe has no term ${position}`);
    const part = slot.entry.parts.findIndex(({ chunks }) => covers(chunks, term.chunks));
    const first = slot.entry.parts[part]?.chunks.start;
    if (first === undefined) throw noAddress(term);
    const arrival = this.#start(slot);
    this.#fetchAhead(position);
    const { start, end } = term.chunks;
    for (let chunk = start; chunk < end; chunk++) yield await arrival.record(part, chunk - first);
  }

  #fetchAhead(position: number): void {
    let bytes = 0;
    let parallel = 0;
    for (const slot of this.#slots) {
      if (slot.lastUse < position) {
        slot.arrival?.end();
        slot.arrival = undefined;
        continue;
      }
      bytes += Math.min(slot.bytes, AHEAD_BYTES);
      parallel++;
      if (bytes > BUDGET_BYTES || parallel > MAX_PARALLEL) return;
      this.#start(slot);
    }
  }

  #start(slot: Slot): Arrival {
    if (!slot.arrival) {
      const arrival = new Arrival(slot.entry.parts.length, slot);
      slot.arrival = arrival;
      this.#fetch(slot.entry, arrival).then(
        () => arrival.end(),
        (error: unknown) => arrival.fail(error),
      );
    }
    return slot.arrival;
  }

  async #fetch(entry: FetchEntry, arrival: Arrival): Promise<void> {
    for (let current = entry; ; ) {
      try {
        await this.#fetchOnce(current, arrival);
        return;
      } catch (error) {
        const isExpired = error instanceof HubApiError && error.status === 403;
        if (!isExpired || this.#renewals >= MAX_RENEWALS) throw error;
        current = await this.#renewed(current);
      }
    }
  }

  async #fetchOnce({ xorb, url, parts }: FetchEntry, arrival: Arrival): Promise<void> {
    const action = `fetch chunks of xorb "${xorb}"`;
    const ranges = parts.map(({ bytes }) => `${bytes.start}-${bytes.end}`).join(",");
    const headers = { range: `bytes=${ranges}` };
    await this.#options.cas.send({ path: url, action, headers }, async (response) => {
      const type = response.headers.get("content-type") ?? "";
      const [only] = parts;
      if (only && parts.length === 1 && !isMultipart(type)) {
        const body = response.body ? chunksOf(response.body) : [];
        await receivePart(body, { part: only, add: arrival.writer(0), arrival, action });
        return;
      }
      const body = new Uint8Array(await response.arrayBuffer());
      const received = isMultipart(type) ? splitByteRanges(type, body) : [];
      for (const [index, part] of parts.entries()) {
        const found = received.find(({ start }) => start === part.bytes.start);
        const bytes = found ? [found.bytes] : [];
        await receivePart(bytes, { part, add: arrival.writer(index), arrival, action });
      }
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

function isMultipart(type: string): boolean {
  return type.toLowerCase().startsWith("multipart/byteranges");
}

interface PartReception {
  readonly part: FetchPart;
  readonly add: (record: ChunkRecord) => void;
  readonly arrival: Arrival;
  readonly action: string;
}

async function receivePart(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { part, add, arrival, action }: PartReception,
): Promise<void> {
  const expected = part.bytes.end + 1 - part.bytes.start;
  const reader = new XorbReader(allocate);
  let received = 0;
  let records = 0;
  for await (const bytes of body) {
    received += bytes.length;
    if (received > expected) break;
    for (const record of reader.push(bytes)) {
      add(record);
      records++;
    }
    await arrival.room();
  }
  if (received !== expected) {
    const got = received > expected ? "more" : `${received} bytes`;
    throw new XetTransferError(`Cannot ${action}: got ${got}, not ${expected}`);
  }
  reader.finish();
  const count = part.chunks.end - part.chunks.start;
  if (records !== count) {
    throw new XetTransferError(`Cannot ${action}: got ${records} chunks, not ${count}`);
  }
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
  const uses = new Map<FetchEntry, number>();
  for (const entry of entryOfTerm) uses.set(entry, (uses.get(entry) ?? 0) + 1);
  const slots = new Map<FetchEntry, Slot>();
  for (const entry of entryOfTerm) {
    if (slots.has(entry)) continue;
    const bytes = entry.parts.reduce((sum, part) => sum + part.bytes.end - part.bytes.start, 0);
    const isReadOnce = uses.get(entry) === 1;
    const last = lastUse.get(entry) ?? 0;
    slots.set(entry, { entry, lastUse: last, bytes, isReadOnce, arrival: undefined });
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
