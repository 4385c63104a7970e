import { formatHash, type IndexedChunk, parseHash } from "@bearhug/xet";

/** Per chunk: hash 32 bytes, end in the serialized xorb u32, content bytes u32. */
const ENTRY_BYTES = 40;
/** Chunk count u32, version u32, magic 8 bytes. */
const TRAILER_BYTES = 16;
const VERSION = 1;
const MAGIC = "BHXORBIX";

/**
 * Where a xorb's chunks lie, and their hashes. It is stored behind the chunk records in the same blob, so that
 * a xorb is either there with its index or not at all.
 */
export class XorbIndex {
  readonly chunkCount: number;
  readonly #hashes: Uint8Array;
  /** `ends[i]`: where chunk i − 1 ends and chunk i starts; one longer than the chunks. */
  readonly #ends: Float64Array;
  readonly #rawEnds: Float64Array;

  constructor(hashes: Uint8Array, ends: Float64Array, rawEnds: Float64Array) {
    this.chunkCount = ends.length - 1;
    this.#hashes = hashes;
    this.#ends = ends;
    this.#rawEnds = rawEnds;
  }

  hash(chunk: number): string {
    return formatHash(this.#hashes, 32 * chunk);
  }

  *hashes(start: number, end: number): Generator<string> {
    for (let chunk = start; chunk < end; chunk++) yield this.hash(chunk);
  }

  /** Where the chunk's record starts in the serialized xorb; for `chunkCount`, where the last one ends. */
  byteOffset(chunk: number): number {
    return this.#ends[chunk] ?? 0;
  }

  /** Bytes of content before the chunk. */
  rawOffset(chunk: number): number {
    return this.#rawEnds[chunk] ?? 0;
  }

  size(chunk: number): number {
    return this.rawOffset(chunk + 1) - this.rawOffset(chunk);
  }

  get serializedBytes(): number {
    return this.byteOffset(this.chunkCount);
  }

  get rawBytes(): number {
    return this.rawOffset(this.chunkCount);
  }

  /** The chunk that holds byte `offset` of the xorb's content. */
  chunkAt(offset: number): number {
    let low = 0;
    let high = this.chunkCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rawOffset(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The bytes that follow a xorb's chunk records in its blob. */
export function serializeIndex(chunks: readonly IndexedChunk[]): Uint8Array {
  const bytes = new Uint8Array(ENTRY_BYTES * chunks.length + TRAILER_BYTES);
  const view = new DataView(bytes.buffer);
  chunks.forEach(({ hash, end, size }, index) => {
    const at = ENTRY_BYTES * index;
    bytes.set(parseHash(hash), at);
    view.setUint32(at + 32, end, true);
    view.setUint32(at + 36, size, true);
  });
  const at = ENTRY_BYTES * chunks.length;
  view.setUint32(at, chunks.length, true);
  view.setUint32(at + 4, VERSION, true);
  bytes.set(new TextEncoder().encode(MAGIC), at + 8);
  return bytes;
}

/** Bytes of index and trailer, as the last 16 bytes of the blob say. */
export function indexBytes(trailer: Uint8Array): number {
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  const magic = new TextDecoder().decode(trailer.subarray(8));
  if (trailer.length !== TRAILER_BYTES || magic !== MAGIC || view.getUint32(4, true) !== VERSION) {
    throw new Error("A stored xorb has no index: the blob store was changed by something else");
  }
  return ENTRY_BYTES * view.getUint32(0, true) + TRAILER_BYTES;
}

/** Reads what `serializeIndex` wrote, trailer included. */
export function parseIndex(bytes: Uint8Array): XorbIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = (bytes.length - TRAILER_BYTES) / ENTRY_BYTES;
  const hashes = new Uint8Array(32 * count);
  const ends = new Float64Array(count + 1);
  const rawEnds = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    const at = ENTRY_BYTES * i;
    hashes.set(bytes.subarray(at, at + 32), 32 * i);
    ends[i + 1] = view.getUint32(at + 32, true);
    rawEnds[i + 1] = (rawEnds[i] ?? 0) + view.getUint32(at + 36, true);
  }
  return new XorbIndex(hashes, ends, rawEnds);
}

export { TRAILER_BYTES as INDEX_TRAILER_BYTES };
