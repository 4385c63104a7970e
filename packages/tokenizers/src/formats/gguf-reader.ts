import { isObject } from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";

/** A file that is read in parts, such as one on a server that answers ranges. */
export interface RangedFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes [start, end). */
  read(
    start: number,
    end: number,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
}

/** A value of GGUF metadata. Arrays of numbers are typed; 64-bit integers lose digits beyond 2^53. */
export type GgufValue =
  | number
  | boolean
  | string
  | readonly string[]
  | readonly boolean[]
  | ArrayLike<number>;

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

export interface ReadGgufOptions {
  readonly signal?: AbortSignal | undefined;
  /** Keys that are wanted; the others are passed over. Default: all. */
  readonly wants?: ((key: string) => boolean) | undefined;
}

/** Keys and strings that no real file has: a hostile one may not make more work than this. */
const MAX_KEYS = 100_000;
const MAX_STRING = 1 << 28;

/**
 * Reads the metadata at the head of a GGUF file, versions 2 and 3. Weights behind it are not read.
 *
 * Source: ggml, "GGUF specification".
 *
 * @throws {TokenizerFormatError} naming the key whose value is cut off or broken.
 */
export async function readGgufMetadata(
  file: Uint8Array | Blob | RangedFile,
  { signal, wants = () => true }: ReadGgufOptions = {},
): Promise<GgufMetadata> {
  const source = new Source(toRanged(file), signal);
  await source.want(24, "GGUF header");
  if (source.text(4, "GGUF header") !== "GGUF") {
    throw new TokenizerFormatError("The file does not begin with the letters GGUF");
  }
  const version = source.uint32();
  if (version !== 2 && version !== 3) {
    throw new TokenizerFormatError(`GGUF version ${version} is not one of 2 and 3`);
  }
  source.uint64(); // tensors
  const count = source.uint64();
  if (count > MAX_KEYS) throw new TokenizerFormatError(`The GGUF header claims ${count} keys`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = await source.string(`GGUF key ${i}`);
    await source.want(4, key);
    const value = await readValue(source, source.uint32(), { key, isWanted: wants(key) });
    if (value !== undefined) metadata.set(key, value);
  }
  return metadata;
}

interface ValueContext {
  readonly key: string;
  readonly isWanted: boolean;
}

const STRING = 8;
const ARRAY = 9;

/** Fixed-size types by number: bytes, and how one is read. */
const NUMBERS: ReadonlyMap<
  number,
  readonly [size: number, read: (view: DataView, at: number) => number]
> = new Map([
  [0, [1, (view, at) => view.getUint8(at)]],
  [1, [1, (view, at) => view.getInt8(at)]],
  [2, [2, (view, at) => view.getUint16(at, true)]],
  [3, [2, (view, at) => view.getInt16(at, true)]],
  [4, [4, (view, at) => view.getUint32(at, true)]],
  [5, [4, (view, at) => view.getInt32(at, true)]],
  [6, [4, (view, at) => view.getFloat32(at, true)]],
  [7, [1, (view, at) => view.getUint8(at)]],
  [10, [8, (view, at) => Number(view.getBigUint64(at, true))]],
  [11, [8, (view, at) => Number(view.getBigInt64(at, true))]],
  [12, [8, (view, at) => view.getFloat64(at, true)]],
]);

const BOOLEAN = 7;

async function readValue(
  source: Source,
  type: number,
  { key, isWanted }: ValueContext,
): Promise<GgufValue | undefined> {
  if (type === STRING) {
    if (isWanted) return source.string(key);
    await source.skipString(key);
    return undefined;
  }
  if (type === ARRAY) return readArray(source, { key, isWanted });
  const format = NUMBERS.get(type);
  if (!format) throw new TokenizerFormatError(`${key} has the unknown GGUF type ${type}`);
  await source.want(format[0], key);
  const value = source.number(format);
  if (!isWanted) return undefined;
  return type === BOOLEAN ? value !== 0 : value;
}

async function readArray(
  source: Source,
  { key, isWanted }: ValueContext,
): Promise<GgufValue | undefined> {
  await source.want(12, key);
  const type = source.uint32();
  const count = source.uint64();
  if (type === STRING) return readStrings(source, count, { key, isWanted });
  const format = NUMBERS.get(type);
  if (!format)
    throw new TokenizerFormatError(`${key} is an array of the unknown GGUF type ${type}`);
  const [size] = format;
  source.check(count * size, key);
  if (!isWanted) {
    await source.skip(count * size, key);
    return undefined;
  }
  await source.want(count * size, key);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = source.number(format);
  return values;
}

async function readStrings(
  source: Source,
  count: number,
  { key, isWanted }: ValueContext,
): Promise<readonly string[] | undefined> {
  source.check(8 * count, key);
  const values: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = `${key}[${i}]`;
    if (isWanted)
      values.push(source.hasString() ? source.nextString(path) : await source.string(path));
    else await source.skipString(path);
  }
  return isWanted ? values : undefined;
}

function toRanged(file: Uint8Array | Blob | RangedFile): RangedFile {
  if (file instanceof Uint8Array) {
    return { size: file.length, read: async (start, end) => file.subarray(start, end) };
  }
  if (typeof Blob !== "undefined" && file instanceof Blob) {
    const read = async (start: number, end: number) =>
      new Uint8Array(await file.slice(start, end).arrayBuffer());
    return { size: file.size, read };
  }
  if (isObject(file)) return file as RangedFile; // what the type leaves
  throw new TypeError("A GGUF file must be bytes, a Blob or a file that is read in ranges");
}

/** Bytes that are fetched at once: a vocabulary of 128,000 tokens needs three or four of these. */
const WINDOW = 1 << 20;

/** A window that slides over the file. */
class Source {
  readonly #file: RangedFile;
  readonly #signal: AbortSignal | undefined;
  #window: DataView = new DataView(new ArrayBuffer(0));
  /** Where in the file the window begins, and where in the window reading is. */
  #start = 0;
  #at = 0;

  constructor(file: RangedFile, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#signal = signal;
  }

  /** @throws {TokenizerFormatError} when the file has no `length` bytes more. */
  check(length: number, path: string): void {
    const left = this.#file.size - this.#start - this.#at;
    if (length <= left) return;
    throw new TokenizerFormatError(`${path} is cut off: it needs ${length} bytes and has ${left}`);
  }

  /** Has the window hold the next `length` bytes. */
  async want(length: number, path: string): Promise<void> {
    if (length <= this.#window.byteLength - this.#at) return;
    this.check(length, path);
    this.#signal?.throwIfAborted();
    const start = this.#start + this.#at;
    const end = Math.min(this.#file.size, start + Math.max(length, WINDOW));
    const bytes = await this.#file.read(start, end, { signal: this.#signal });
    if (bytes.length !== end - start) {
      throw new TokenizerFormatError(
        `${path} is cut off: a read of ${end - start} bytes gave ${bytes.length}`,
      );
    }
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = start;
    this.#at = 0;
  }

  async skip(length: number, path: string): Promise<void> {
    this.check(length, path);
    this.#at += length;
    if (this.#at <= this.#window.byteLength) return;
    this.#start += this.#at;
    this.#at = 0;
    this.#window = new DataView(new ArrayBuffer(0));
  }

  uint32(): number {
    this.#at += 4;
    return this.#window.getUint32(this.#at - 4, true);
  }

  uint64(): number {
    this.#at += 8;
    return Number(this.#window.getBigUint64(this.#at - 8, true));
  }

  number([size, read]: readonly [number, (view: DataView, at: number) => number]): number {
    this.#at += size;
    return read(this.#window, this.#at - size);
  }

  /** Whether the window holds the next string: then nothing has to be awaited. */
  hasString(): boolean {
    const left = this.#window.byteLength - this.#at;
    if (left < 8) return false;
    return Number(this.#window.getBigUint64(this.#at, true)) + 8 <= left;
  }

  nextString(path: string): string {
    return this.text(this.uint64(), path);
  }

  async string(path: string): Promise<string> {
    const length = await this.#stringLength(path);
    await this.want(length, path);
    return this.text(length, path);
  }

  async skipString(path: string): Promise<void> {
    await this.skip(await this.#stringLength(path), path);
  }

  text(length: number, path: string): string {
    const { buffer, byteOffset } = this.#window;
    const bytes = new Uint8Array(buffer, byteOffset + this.#at, length);
    this.#at += length;
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new TokenizerFormatError(`${path} is not UTF-8`, { cause });
    }
  }

  async #stringLength(path: string): Promise<number> {
    await this.want(8, path);
    const length = this.uint64();
    if (length > MAX_STRING) throw new TokenizerFormatError(`${path} is longer than any string`);
    return length;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
