/** From a recipe back to bytes. */
import { readChunk, reusedMemory, type Term, XorbReader } from "@bearhug/xet";
import type { ByteRange } from "../store/blobs/blob-store.ts";
import type { XorbIndex } from "./xorb-index.ts";
import type { XorbStore } from "./xorb-store.ts";

/** The part of a term that a range of a file needs, in whole chunks. */
export interface Piece {
  readonly xorb: string;
  readonly index: XorbIndex;
  /** Chunks, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Where the first chunk's content stands in the file. */
  readonly fileOffset: number;
}

/** The pieces of [range.start, range.end) of a file, in order. Reads an index for each xorb that is needed. */
export async function* piecesOf(
  xorbs: XorbStore,
  terms: readonly Term[],
  range: ByteRange,
): AsyncGenerator<Piece> {
  let offset = 0;
  for (const term of terms) {
    const fileOffset = offset;
    offset += term.size;
    if (offset <= range.start) continue;
    if (fileOffset >= range.end) return;
    const index = await xorbs.index(term.xorb);
    if (!index) throw new Error(`Xorb "${term.xorb}" of a registered file is missing`);
    yield trim({ term, index, fileOffset, range });
  }
}

function trim(part: {
  readonly term: Term;
  readonly index: XorbIndex;
  readonly fileOffset: number;
  readonly range: ByteRange;
}): Piece {
  const { term, index, fileOffset, range } = part;
  const raw = index.rawOffset(term.start);
  const first = Math.max(0, range.start - fileOffset);
  const last = Math.min(term.size, range.end - fileOffset) - 1;
  const start = index.chunkAt(raw + first);
  return {
    xorb: term.xorb,
    index,
    start,
    end: index.chunkAt(raw + last) + 1,
    fileOffset: fileOffset + index.rawOffset(start) - raw,
  };
}

export interface FileBytesOptions {
  /** A chunk is used only until the next is asked for. Default false: it stays as it is. */
  readonly isTransient?: boolean | undefined;
}

/** The bytes [range.start, range.end) of a file, chunk by chunk; the next are read while some are used. */
export async function* fileBytes(
  xorbs: XorbStore,
  { terms, range }: { readonly terms: readonly Term[]; readonly range: ByteRange },
  { isTransient = false }: FileBytesOptions = {},
): AsyncGenerator<Uint8Array> {
  const memory = isTransient ? reusedMemory() : undefined;
  for await (const piece of piecesOf(xorbs, terms, range)) {
    let at = piece.fileOffset;
    const reader = new XorbReader(memory);
    const stored = xorbs.read(piece.xorb, bytesOf(piece), { reuse: isTransient });
    for await (const bytes of readAhead(stored)) {
      for (const record of reader.push(bytes)) {
        const data = readChunk(record);
        const from = Math.max(0, range.start - at);
        const to = Math.min(data.length, range.end - at);
        at += data.length;
        yield data.subarray(from, to);
      }
    }
    reader.finish();
  }
}

/** Where the piece's records lie in the serialized xorb. */
export function bytesOf({ index, start, end }: Piece): ByteRange {
  return { start: index.byteOffset(start), end: index.byteOffset(end) };
}

/** Asks for one item ahead of the reader. */
async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const current = await next;
      if (current.done) return;
      next = iterator.next();
      // A failure is thrown when its turn comes, not as an unhandled rejection before.
      next.catch(() => {});
      yield current.value;
    }
  } finally {
    await iterator.return?.().catch(() => {});
  }
}
