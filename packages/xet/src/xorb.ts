/** Xorbs: up to 64 MiB of chunks in a row, each compressed on its own and preceded by a header of eight bytes. */
import { type Chunk, MAX_CHUNK_BYTES } from "./chunker.ts";
import { compressChunk, expandAt, SCHEMES, type Scheme } from "./compression.ts";
import { Lz4Error, XetHashMismatchError, XorbFormatError } from "./errors.ts";
import { chunkHashAt, HashTree } from "./hash.ts";
import { kernel } from "./kernel/kernel.ts";

export const MAX_XORB_CHUNKS = 8192;
/** Most content that a builder puts into one xorb, in bytes before compression. */
export const MAX_XORB_BYTES: number = 64 * 1024 * 1024;
export const CHUNK_HEADER_BYTES = 8;
/** Most bytes of a xorb as it travels: incompressible content and its headers. */
export const MAX_SERIALIZED_XORB_BYTES: number =
  MAX_XORB_BYTES + MAX_XORB_CHUNKS * CHUNK_HEADER_BYTES;

const FOOTER_START = "XETBLOB";
/** A broken compressor may make chunks longer; the reference accepts up to twice. */
const MAX_PAYLOAD_BYTES = 2 * MAX_CHUNK_BYTES;

/** What is known of a chunk in a xorb. */
export interface XorbChunk {
  readonly hash: string;
  /** Bytes of content. */
  readonly size: number;
}

export interface Xorb {
  readonly hash: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly chunks: readonly XorbChunk[];
  /** Bytes of content before compression. */
  readonly rawBytes: number;
}

/** Bytes that a builder without memory of its own starts with. */
const FIRST_BYTES = 1 << 20;

/** Collects chunks into a xorb, compressing each as it comes. */
export class XorbBuilder {
  #memory: Uint8Array<ArrayBuffer>;
  #length = 0;
  readonly #chunks: XorbChunk[] = [];
  #rawBytes = 0;

  /**
   * @param memory where to build: `MAX_SERIALIZED_XORB_BYTES` that nobody else writes to while the xorb is in use.
   * Whoever makes many xorbs saves the making of memory. Default: its own, which grows.
   */
  constructor(memory: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES)) {
    this.#memory = memory;
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  get rawBytes(): number {
    return this.#rawBytes;
  }

  /** Whether a chunk of `size` bytes still has room. */
  fits(size: number): boolean {
    return this.#chunks.length < MAX_XORB_CHUNKS && this.#rawBytes + size <= MAX_XORB_BYTES;
  }

  /**
   * Adds a chunk; its data is copied. Gives its index.
   *
   * @throws {RangeError} when the chunk is empty, too long, or has no room.
   */
  add({ hash, data }: Chunk): number {
    if (data.length === 0 || data.length > MAX_CHUNK_BYTES || !this.fits(data.length)) {
      throw new RangeError(`a chunk of ${data.length} bytes does not fit into the xorb`);
    }
    const { scheme, payload } = compressChunk(data);
    const bytes = this.#take(CHUNK_HEADER_BYTES + payload.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, CHUNK_HEADER_BYTES);
    // Version 0 and the 24-bit payload length in one word, scheme and raw length in the next.
    view.setUint32(0, payload.length << 8, true);
    view.setUint32(4, (data.length << 8) | scheme, true);
    bytes.set(payload, CHUNK_HEADER_BYTES);
    this.#rawBytes += data.length;
    return this.#chunks.push({ hash, size: data.length }) - 1;
  }

  /** The xorb. Its bytes are views of the builder's memory. */
  finish(): Xorb {
    const tree = new HashTree();
    for (const { hash, size } of this.#chunks) tree.add(hash, size);
    return {
      hash: tree.root(),
      bytes: this.#memory.subarray(0, this.#length),
      chunks: this.#chunks,
      rawBytes: this.#rawBytes,
    };
  }

  /** The next `count` bytes. */
  #take(count: number): Uint8Array<ArrayBuffer> {
    const end = this.#length + count;
    if (end > this.#memory.length) {
      const larger = new Uint8Array(Math.min(2 * end, MAX_SERIALIZED_XORB_BYTES));
      larger.set(this.#memory.subarray(0, this.#length));
      this.#memory = larger;
    }
    const taken = this.#memory.subarray(this.#length, end);
    this.#length = end;
    return taken;
  }
}

/** A chunk as it lies in a xorb. */
export interface ChunkRecord {
  /** Where the record starts and ends in what was pushed, header included, in bytes. */
  readonly start: number;
  readonly end: number;
  readonly scheme: Scheme;
  /** Bytes of content. */
  readonly size: number;
  readonly payload: Uint8Array;
}

/**
 * Takes a xorb, or any run of whole chunk records, apart as its bytes arrive. Holds one record at most.
 * A footer that old writers append is skipped.
 */
export class XorbReader {
  readonly #memory: RecordMemory;
  /** A header that has not come whole yet. */
  readonly #head = new Uint8Array(CHUNK_HEADER_BYTES);
  /** The record whose header has come, once it has. */
  #open: { readonly header: RecordHeader; readonly bytes: Uint8Array } | undefined;
  /** Bytes of the unfinished header or record that are there. */
  #held = 0;
  #at = 0;
  #inFooter = false;

  /** @param memory where a record is put together whose bytes came in several pieces. Default: memory of its own. */
  constructor(memory: RecordMemory = ownMemory) {
    this.#memory = memory;
  }

  /** Bytes of complete records so far: where a footer, if any, starts. */
  get position(): number {
    return this.#at;
  }

  /** How many of the pushed bytes belong to chunk records for sure: not to a footer. */
  get recordBytes(): number {
    return this.#open ? this.#at + this.#held : this.#at;
  }

  /**
   * The records that end within `bytes`. Their payloads may be views of it.
   *
   * @throws {XorbFormatError}
   */
  push(bytes: Uint8Array): ChunkRecord[] {
    const records: ChunkRecord[] = [];
    let at = this.#held > 0 ? this.#goOn(bytes, records) : 0;
    while (!this.#inFooter && bytes.length - at >= CHUNK_HEADER_BYTES) {
      const header = this.#readHeader(bytes, at);
      if (!header) break;
      const end = at + CHUNK_HEADER_BYTES + header.payloadBytes;
      if (end > bytes.length) break;
      this.#finishRecord(header, bytes.subarray(at, end), records);
      at = end;
    }
    if (!this.#inFooter && at < bytes.length) this.#hold(bytes.subarray(at));
    return records;
  }

  /** @throws {XorbFormatError} when the last record is cut short. */
  finish(): void {
    if (this.#held > 0) {
      throw new XorbFormatError(`the xorb ends within a chunk`, { offset: this.#at });
    }
  }

  /** Adds to what is held. Gives how many bytes it took. */
  #goOn(bytes: Uint8Array, records: ChunkRecord[]): number {
    let at = 0;
    if (!this.#open) {
      at = this.#fill(this.#head, bytes);
      if (this.#held < CHUNK_HEADER_BYTES) return at;
      const header = this.#readHeader(this.#head, 0);
      if (!header) return bytes.length;
      this.#start(header, this.#head);
    }
    if (!this.#open) return at;
    const { header, bytes: record } = this.#open;
    at += this.#fill(record, bytes.subarray(at));
    if (this.#held < record.length) return at;
    this.#held = 0;
    this.#open = undefined;
    this.#finishRecord(header, record, records);
    return at;
  }

  #fill(target: Uint8Array, bytes: Uint8Array): number {
    const part = bytes.subarray(0, target.length - this.#held);
    target.set(part, this.#held);
    this.#held += part.length;
    return part.length;
  }

  /** Keeps the beginning of a record. */
  #hold(rest: Uint8Array): void {
    this.#held = rest.length;
    if (rest.length < CHUNK_HEADER_BYTES) this.#head.set(rest);
    else this.#start(parseRecordHeader(rest, 0, this.#at), rest);
  }

  #start(header: RecordHeader, beginning: Uint8Array): void {
    const bytes = this.#memory(CHUNK_HEADER_BYTES + header.payloadBytes);
    bytes.set(beginning);
    this.#open = { header, bytes };
  }

  #finishRecord(header: RecordHeader, bytes: Uint8Array, records: ChunkRecord[]): void {
    const start = this.#at;
    this.#at += bytes.length;
    const { scheme, size } = header;
    records.push({
      start,
      end: this.#at,
      scheme,
      size,
      payload: bytes.subarray(CHUNK_HEADER_BYTES),
    });
  }

  /** `undefined` when a footer begins there. */
  #readHeader(input: Uint8Array, at: number): RecordHeader | undefined {
    if (input[at] === 0) return parseRecordHeader(input, at, this.#at);
    for (let i = 0; i < FOOTER_START.length; i++) {
      if (input[at + i] === FOOTER_START.charCodeAt(i)) continue;
      throw new XorbFormatError(`chunk header version ${input[at]} is not supported`, {
        offset: this.#at,
      });
    }
    this.#inFooter = true;
    this.#held = 0;
    return undefined;
  }
}

/** Gives memory for a record of `length` bytes. */
export type RecordMemory = (length: number) => Uint8Array;

const ownMemory: RecordMemory = (length) => new Uint8Array(length);

/** The same two pieces of memory in turns: for readers that are done with a record at the next push. */
export function reusedMemory(): RecordMemory {
  let [next, other] = [new Uint8Array(0), new Uint8Array(0)];
  return (length) => {
    [next, other] = [other, next];
    if (other.length < length) other = new Uint8Array(length + (length >> 1));
    return other.subarray(0, length);
  };
}

interface RecordHeader {
  readonly payloadBytes: number;
  readonly scheme: Scheme;
  readonly size: number;
}

function parseRecordHeader(input: Uint8Array, at: number, offset: number): RecordHeader {
  const view = new DataView(input.buffer, input.byteOffset + at, CHUNK_HEADER_BYTES);
  const payloadBytes = view.getUint32(0, true) >>> 8;
  const size = view.getUint32(4, true) >>> 8;
  const scheme = parseScheme(view.getUint8(4), offset);
  if (size === 0 || size > MAX_CHUNK_BYTES) {
    throw new XorbFormatError(`a chunk has 1 to ${MAX_CHUNK_BYTES} bytes, not ${size}`, { offset });
  }
  if (payloadBytes === 0 || payloadBytes > MAX_PAYLOAD_BYTES) {
    throw new XorbFormatError(`a stored chunk of ${payloadBytes} bytes is not valid`, { offset });
  }
  return { payloadBytes, scheme, size };
}

function parseScheme(value: number, offset: number): Scheme {
  if (value === SCHEMES.none || value === SCHEMES.lz4 || value === SCHEMES.groupedLz4) return value;
  throw new XorbFormatError(`compression scheme ${value} is not supported`, { offset });
}

/**
 * The content of a stored chunk: of one that is stored as it is, the record's payload itself.
 *
 * @throws {XorbFormatError} when it does not decompress.
 */
export function readChunk(record: ChunkRecord): Uint8Array {
  const { scheme, payload, size } = record;
  if (scheme === SCHEMES.none && payload.length === size) return payload;
  const address = expand(record);
  return kernel().bytes.slice(address, address + record.size);
}

/**
 * The hash of a stored chunk's content, without copying the content out.
 *
 * @throws {XorbFormatError} when it does not decompress.
 */
export function hashChunk(record: ChunkRecord): string {
  return chunkHashAt(expand(record), record.size);
}

function expand(record: ChunkRecord): number {
  try {
    return expandAt(record.scheme, record.payload, record.size);
  } catch (cause) {
    if (!(cause instanceof Lz4Error)) throw cause;
    const { start: offset } = record;
    throw new XorbFormatError(`Cannot read a chunk: ${cause.message}`, { offset, cause });
  }
}

/** A chunk's place in a xorb, as far as readers need it. */
export interface IndexedChunk extends XorbChunk {
  /** Where its record ends in the serialized xorb, in bytes. */
  readonly end: number;
}

/**
 * Checks a xorb as its bytes arrive: every chunk decompresses, the limits hold, and the hash over all is right.
 * Holds one chunk and the list of hashes.
 */
export class XorbVerifier {
  readonly chunks: IndexedChunk[] = [];
  readonly #reader = new XorbReader(reusedMemory());
  readonly #tree = new HashTree();

  /** Bytes of chunk records so far. */
  get serializedBytes(): number {
    return this.#reader.position;
  }

  /** How many of the pushed bytes belong to chunk records for sure: not to a footer. */
  get recordBytes(): number {
    return this.#reader.recordBytes;
  }

  get rawBytes(): number {
    return this.#tree.size;
  }

  /** @throws {XorbFormatError} */
  push(bytes: Uint8Array): void {
    for (const record of this.#reader.push(bytes)) {
      const offset = record.start;
      if (this.chunks.length === MAX_XORB_CHUNKS) {
        throw new XorbFormatError(`a xorb has at most ${MAX_XORB_CHUNKS} chunks`, { offset });
      }
      // Some clients count 64 MiB before compression, some after: the content may be longer.
      if (record.end > MAX_SERIALIZED_XORB_BYTES) {
        throw new XorbFormatError(`a xorb has at most ${MAX_SERIALIZED_XORB_BYTES} bytes`, {
          offset,
        });
      }
      const hash = hashChunk(record);
      this.#tree.add(hash, record.size);
      this.chunks.push({ hash, size: record.size, end: record.end });
    }
  }

  /**
   * @throws {XorbFormatError} when the last chunk is cut short or there is none.
   * @throws {XetHashMismatchError} when the hash is not `expected`.
   */
  finish(expected: string): void {
    this.#reader.finish();
    if (this.chunks.length === 0) throw new XorbFormatError("a xorb is not empty", { offset: 0 });
    const actual = this.#tree.root();
    if (actual !== expected) throw new XetHashMismatchError("the xorb", { expected, actual });
  }
}
