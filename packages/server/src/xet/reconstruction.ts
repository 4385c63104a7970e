/** Recipes as clients get them: which chunks make the file, and where to fetch them. */
import type { ByteRange } from "../store/blobs/blob-store.ts";
import { type Piece, piecesOf } from "./file-content.ts";
import type { XetStorage } from "./storage.ts";
import type { DataAddress } from "./tokens.ts";
import type { XorbIndex } from "./xorb-index.ts";

interface Interval {
  readonly start: number;
  readonly end: number;
}

/** A part of a xorb to fetch: chunks with an exclusive end, bytes with an inclusive one. */
export interface FetchRange {
  readonly chunks: Interval;
  readonly bytes: Interval;
  readonly url: string;
}

export interface ReconstructionTerm {
  readonly hash: string;
  readonly unpacked_length: number;
  readonly range: Interval;
}

export interface Reconstruction {
  /** How many bytes of the first term come before the requested range. */
  readonly offset: number;
  readonly terms: readonly ReconstructionTerm[];
  readonly fetch: ReadonlyMap<string, readonly FetchRange[]>;
}

/** The recipe of [range.start, range.end) of a registered file. */
export async function reconstruct(
  storage: XetStorage,
  file: { readonly hash: string; readonly range: ByteRange },
  addressOf: (data: DataAddress) => string,
): Promise<Reconstruction> {
  const terms: ReconstructionTerm[] = [];
  const needs = new Map<string, Need>();
  let offset = 0;
  const recipe = await storage.files.terms(file.hash);
  for await (const piece of piecesOf(storage.xorbs, recipe, file.range)) {
    if (terms.length === 0) offset = file.range.start - piece.fileOffset;
    terms.push(termOf(piece));
    const need = needs.get(piece.xorb) ?? { index: piece.index, intervals: [] };
    need.intervals.push({ start: piece.start, end: piece.end });
    needs.set(piece.xorb, need);
  }
  const fetch = new Map<string, readonly FetchRange[]>();
  for (const [xorb, { index, intervals }] of needs) {
    const ranges = joined(intervals).map((chunks) => {
      const bytes = {
        start: index.byteOffset(chunks.start),
        end: index.byteOffset(chunks.end) - 1,
      };
      return { chunks, bytes, url: addressOf({ xorb, ...bytes }) };
    });
    fetch.set(xorb, ranges);
  }
  return { offset, terms, fetch };
}

interface Need {
  readonly index: XorbIndex;
  readonly intervals: Interval[];
}

function termOf({ xorb, index, start, end }: Piece): ReconstructionTerm {
  const unpacked_length = index.rawOffset(end) - index.rawOffset(start);
  return { hash: xorb, unpacked_length, range: { start, end } };
}

/** Overlapping and touching intervals become one. */
function joined(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => a.start - b.start);
  const result: Interval[] = [];
  for (const interval of sorted) {
    const last = result.at(-1);
    if (!last || interval.start > last.end) result.push(interval);
    else result[result.length - 1] = { start: last.start, end: Math.max(last.end, interval.end) };
  }
  return result;
}

/** The shape of `/v1/reconstructions`. */
export function fetchInfoV1({ fetch }: Reconstruction): Readonly<Record<string, unknown>> {
  return mapFetch(fetch, ({ chunks, bytes, url }) => ({ range: chunks, url, url_range: bytes }));
}

/** The shape of `/v2/reconstructions`: one range an entry, so that no client needs multipart replies. */
export function xorbsV2({ fetch }: Reconstruction): Readonly<Record<string, unknown>> {
  return mapFetch(fetch, ({ chunks, bytes, url }) => ({ url, ranges: [{ chunks, bytes }] }));
}

function mapFetch(
  fetch: Reconstruction["fetch"],
  shape: (range: FetchRange) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...fetch].map(([xorb, ranges]) => [xorb, ranges.map(shape)]));
}
