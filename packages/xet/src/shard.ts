/**
 * Shards: the tables that register files (which chunks of which xorbs they are) and describe xorbs (which chunks
 * they hold). Records of 48 bytes in two sections, each ended by a bookend, and an optional footer of 200 bytes.
 */
import { ShardFormatError } from "./errors.ts";
import { EMPTY_HASH, formatHash, parseHash } from "./hash.ts";

/** Chunks `start` up to, not including, `end` of a xorb: a piece of a file. */
export interface Term {
  readonly xorb: string;
  readonly start: number;
  readonly end: number;
  /** Bytes of content. */
  readonly size: number;
}

export interface ShardFile {
  readonly hash: string;
  readonly terms: readonly Term[];
  /** One hash for each term. */
  readonly verification?: readonly string[] | undefined;
  /** SHA-256 of the content, 64 hexadecimal digits. */
  readonly sha256?: string | undefined;
}

export interface ShardXorb {
  readonly hash: string;
  /** In order; under the footer's key if there is one. */
  readonly chunks: readonly { readonly hash: string; readonly size: number }[];
  readonly rawBytes: number;
  readonly serializedBytes: number;
}

export interface ShardFooter {
  /** 32 bytes; the xorbs' chunk hashes are under this key. */
  readonly key?: Uint8Array | undefined;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** Seconds since 1970. Default: never. */
  readonly expiresAt?: number | undefined;
}

export interface ShardContent {
  readonly files: readonly ShardFile[];
  readonly xorbs: readonly ShardXorb[];
  readonly footer?: ShardFooter | undefined;
}

export const MAX_SHARD_BYTES: number = 64 * 1024 * 1024;

const RECORD = 48;
const FOOTER_BYTES = 200;
const VERSION = 2n;
const TAG = "HFRepoMetaData\0";
const TAG_END = [
  0x55, 0x69, 0x67, 0x45, 0x6a, 0x7b, 0x81, 0x57, 0x83, 0xa5, 0xbd, 0xd9, 0x5c, 0xcd, 0xd1, 0x4a,
  0xa9,
];
const MAGIC = Uint8Array.from([...new TextEncoder().encode(TAG), ...TAG_END]);
const HAS_VERIFICATION = 0x80000000;
const HAS_METADATA = 0x40000000;
const FOREVER = 0xffffffffffffffffn;

/** A shard whose layout has been checked. Its records are read as they are asked for, one file or xorb at a time. */
export class Shard {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #layout: Layout;

  private constructor(bytes: Uint8Array, view: DataView, layout: Layout) {
    this.#bytes = bytes;
    this.#view = view;
    this.#layout = layout;
  }

  /** @throws {ShardFormatError} */
  static parse(bytes: Uint8Array): Shard {
    if (bytes.length < RECORD) throw new ShardFormatError("the shard is cut short");
    if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
      throw new ShardFormatError("not a shard: it starts with other bytes");
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getBigUint64(32, true);
    if (version !== VERSION)
      throw new ShardFormatError(`shard version ${version} is not supported`);
    const files = scan(bytes, RECORD, (at) => fileRecords(view, at));
    const xorbs = scan(bytes, files.end, (at) => view.getUint32(at + 36, true));
    const footer = parseFooter(bytes, view, xorbs.end);
    return new Shard(bytes, view, { files: files.offsets, xorbs: xorbs.offsets, footer });
  }

  /** Absent in a shard that an upload sends. */
  get footer(): ShardFooter | undefined {
    return this.#layout.footer;
  }

  get fileCount(): number {
    return this.#layout.files.length;
  }

  get xorbCount(): number {
    return this.#layout.xorbs.length;
  }

  /** @throws {ShardFormatError} */
  *files(): Generator<ShardFile> {
    for (const offset of this.#layout.files) yield this.#file(offset);
  }

  /** @throws {ShardFormatError} */
  *xorbs(): Generator<ShardXorb> {
    for (const offset of this.#layout.xorbs) yield this.#xorb(offset);
  }

  #file(offset: number): ShardFile {
    const flags = this.#view.getUint32(offset + 32, true);
    const count = this.#view.getUint32(offset + 36, true);
    let at = offset + RECORD;
    const terms: Term[] = [];
    const known = new Map<string, string>();
    for (let i = 0; i < count; i++, at += RECORD) terms.push(this.#term(at, known));
    const verification: string[] = [];
    if (flags & HAS_VERIFICATION) {
      for (let i = 0; i < count; i++, at += RECORD) verification.push(formatHash(this.#bytes, at));
    }
    return {
      hash: formatHash(this.#bytes, offset),
      terms,
      verification: flags & HAS_VERIFICATION ? verification : undefined,
      sha256: flags & HAS_METADATA ? formatHash(this.#bytes, at) : undefined,
    };
  }

  /** Most terms name the same few xorbs: each name is kept once. */
  #term(at: number, known: Map<string, string>): Term {
    const text = formatHash(this.#bytes, at);
    const xorb = known.get(text) ?? text;
    known.set(xorb, xorb);
    const size = this.#view.getUint32(at + 36, true);
    const start = this.#view.getUint32(at + 40, true);
    const end = this.#view.getUint32(at + 44, true);
    if (end <= start) throw new ShardFormatError(`a term has no chunks: ${start} to ${end}`);
    return { xorb, start, end, size };
  }

  #xorb(offset: number): ShardXorb {
    const count = this.#view.getUint32(offset + 36, true);
    const chunks: { hash: string; size: number }[] = [];
    let rawBytes = 0;
    for (let i = 0; i < count; i++) {
      const at = offset + RECORD * (i + 1);
      const size = this.#view.getUint32(at + 36, true);
      if (this.#view.getUint32(at + 32, true) !== rawBytes) {
        throw new ShardFormatError("a xorb's chunks do not follow each other");
      }
      chunks.push({ hash: formatHash(this.#bytes, at), size });
      rawBytes += size;
    }
    const serializedBytes = this.#view.getUint32(offset + 44, true);
    return { hash: formatHash(this.#bytes, offset), chunks, rawBytes, serializedBytes };
  }
}

/** Where the headers of files and xorbs stand. */
interface Layout {
  readonly files: readonly number[];
  readonly xorbs: readonly number[];
  readonly footer: ShardFooter | undefined;
}

/** Records after a file's header. */
function fileRecords(view: DataView, at: number): number {
  const flags = view.getUint32(at + 32, true);
  const count = view.getUint32(at + 36, true);
  return count * (flags & HAS_VERIFICATION ? 2 : 1) + (flags & HAS_METADATA ? 1 : 0);
}

/** Offsets of a section's headers, and where the section ends. */
function scan(
  bytes: Uint8Array,
  from: number,
  recordsAfter: (at: number) => number,
): { readonly offsets: readonly number[]; readonly end: number } {
  const offsets: number[] = [];
  let at = from;
  for (;;) {
    if (at + RECORD > bytes.length) throw new ShardFormatError("the shard is cut short");
    if (isBookend(bytes, at)) return { offsets, end: at + RECORD };
    offsets.push(at);
    at += RECORD * (1 + recordsAfter(at));
  }
}

function isBookend(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 32; i++) if (bytes[i] !== 0xff) return false;
  return true;
}

function parseFooter(bytes: Uint8Array, view: DataView, end: number): ShardFooter | undefined {
  const length = view.getBigUint64(40, true);
  if (length === 0n) return undefined;
  if (length !== BigInt(FOOTER_BYTES) || end + FOOTER_BYTES > bytes.length) {
    throw new ShardFormatError(`a shard's footer has ${FOOTER_BYTES} bytes, not ${length}`);
  }
  const at = bytes.length - FOOTER_BYTES;
  const version = view.getBigUint64(at, true);
  if (version !== 1n) throw new ShardFormatError(`footer version ${version} is not supported`);
  const key = bytes.slice(at + 72, at + 104);
  const expiry = view.getBigUint64(at + 112, true);
  return {
    key: key.some((byte) => byte !== 0) ? key : undefined,
    createdAt: Number(view.getBigUint64(at + 104, true)),
    expiresAt: expiry === 0n || expiry === FOREVER ? undefined : Number(expiry),
  };
}

/** The bytes of a shard. Without a footer it is what uploads send; a deduplication reply has one. */
export function serializeShard({ files, xorbs, footer }: ShardContent): Uint8Array<ArrayBuffer> {
  const records =
    files.reduce((sum, file) => sum + recordsOf(file), 0) +
    xorbs.reduce((sum, xorb) => sum + 1 + xorb.chunks.length, 0);
  const writer = new ShardWriter(RECORD * (3 + records) + (footer ? FOOTER_BYTES : 0));
  writer.header(footer ? FOOTER_BYTES : 0);
  for (const file of files) writer.file(file);
  writer.bookend();
  const xorbOffset = writer.at;
  for (const xorb of xorbs) writer.xorb(xorb);
  writer.bookend();
  if (footer) writer.footer(footer, xorbOffset);
  return writer.bytes;
}

/** Bytes that a file adds to a shard. */
export function shardBytesOf(file: ShardFile): number {
  return RECORD * recordsOf(file);
}

function recordsOf(file: ShardFile): number {
  const each = file.verification ? 2 : 1;
  return 1 + each * file.terms.length + (file.sha256 === undefined ? 0 : 1);
}

class ShardWriter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  header(footerBytes: number): void {
    this.bytes.set(MAGIC);
    this.#view.setBigUint64(32, VERSION, true);
    this.#view.setBigUint64(40, BigInt(footerBytes), true);
    this.at = RECORD;
  }

  file({ hash, terms, verification, sha256 }: ShardFile): void {
    const flags = (verification ? HAS_VERIFICATION : 0) + (sha256 === undefined ? 0 : HAS_METADATA);
    this.#record(hash, [flags, terms.length, 0, 0]);
    for (const { xorb, size, start, end } of terms) this.#record(xorb, [0, size, start, end]);
    for (const entry of verification ?? []) this.#record(entry, []);
    if (sha256 !== undefined) this.#record(sha256, []);
  }

  xorb({ hash, chunks, rawBytes, serializedBytes }: ShardXorb): void {
    this.#record(hash, [0, chunks.length, rawBytes, serializedBytes]);
    let start = 0;
    for (const chunk of chunks) {
      this.#record(chunk.hash, [start, chunk.size, 0, 0]);
      start += chunk.size;
    }
  }

  bookend(): void {
    this.bytes.fill(0xff, this.at, this.at + 32);
    this.at += RECORD;
  }

  footer({ key, createdAt, expiresAt }: ShardFooter, xorbOffset: number): void {
    const at = this.at;
    const put = (offset: number, value: number | bigint): void => {
      this.#view.setBigUint64(at + offset, BigInt(value), true);
    };
    put(0, 1);
    put(8, RECORD);
    put(16, xorbOffset);
    // The three lookup tables are empty: each would start where the footer does.
    for (const offset of [24, 40, 56]) put(offset, at);
    if (key) this.bytes.set(key, at + 72);
    put(104, createdAt);
    put(112, expiresAt ?? FOREVER);
    put(192, at);
  }

  #record(hash: string, numbers: readonly number[]): void {
    if (hash !== EMPTY_HASH) this.bytes.set(parseHash(hash), this.at);
    for (const [index, value] of numbers.entries()) {
      this.#view.setUint32(this.at + 32 + 4 * index, value, true);
    }
    this.at += RECORD;
  }
}
