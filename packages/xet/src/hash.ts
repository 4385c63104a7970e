/**
 * Hashes of chunks, xorbs and files. In memory a hash is a string in Xet's printed form: 64 hexadecimal digits,
 * each group of eight bytes read as a little-endian number. Raw bytes appear only inside the binary formats.
 */
import { AT, INPUT_BYTES, type Kernel, kernel, MAX_HASH_INPUT } from "./kernel/kernel.ts";

/** The hash of nothing: of an empty file, and of a xorb without chunks. */
export const EMPTY_HASH: string = "0".repeat(64);

/** A hash and the number of content bytes it stands for. */
export interface SizedHash {
  readonly hash: string;
  readonly size: number;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Raw 32 bytes → printed form. */
export function formatHash(bytes: Uint8Array, offset = 0): string {
  let text = "";
  for (let group = offset; group < offset + 32; group += 8) {
    for (let i = group + 7; i >= group; i--) text += HEX[bytes[i] ?? 0];
  }
  return text;
}

/** Whether `text` is a hash in printed form. */
export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/**
 * Printed form → raw 32 bytes.
 *
 * @throws {SyntaxError} when `text` is not 64 lower-case hexadecimal digits.
 */
export function parseHash(text: string): Uint8Array<ArrayBuffer> {
  if (!isHash(text)) throw new SyntaxError(`"${text.slice(0, 80)}" is not a Xet hash`);
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) {
    const at = 2 * ((i & ~7) + 7 - (i & 7));
    bytes[i] = Number.parseInt(text.slice(at, at + 2), 16);
  }
  return bytes;
}

/** The hash that names a chunk. At most 1 MiB; chunks have at most 128 KiB. */
export function chunkHash(data: Uint8Array): string {
  return hashInput(AT.keys.chunk, put(data));
}

/** The chunk hash of bytes that lie in the kernel's memory already. */
export function chunkHashAt(address: number, length: number): string {
  const { bytes, blake3 } = kernel();
  blake3(AT.keys.chunk, address, length, AT.hash);
  return formatHash(bytes, AT.hash);
}

/**
 * What proves, in a shard, that the uploader knows the chunks of a term: hashes the chunks' own hashes.
 * A term lies in one xorb, so there are at most 8192.
 */
export function verificationHash(chunkHashes: Iterable<string>): string {
  const { bytes } = kernel();
  let at = AT.input;
  for (const hash of chunkHashes) {
    if (at + 32 > AT.input + MAX_HASH_INPUT)
      throw new RangeError("a term has at most 32768 chunks");
    bytes.set(parseHash(hash), at);
    at += 32;
  }
  return hashInput(AT.keys.verification, at - AT.input);
}

/** `hash` under a key of 32 bytes, as deduplication replies show it to those who know the chunk already. */
export function keyedHash(key: Uint8Array, hash: string): string {
  setKey(key);
  return hashInput(AT.keys.custom, put(parseHash(hash)));
}

/** The hash that names a xorb: the root of the tree over its chunks. */
export function xorbHash(chunks: Iterable<SizedHash>): string {
  const tree = new HashTree();
  for (const { hash, size } of chunks) tree.add(hash, size);
  return tree.root();
}

/** The hash that names a file: the root of the tree over its chunks, under a key of zeros. */
export function fileHash(chunks: Iterable<SizedHash>): string {
  const tree = new HashTree();
  for (const { hash, size } of chunks) tree.add(hash, size);
  return tree.fileHash();
}

/**
 * The tree over a sequence of chunks, built as they come: it holds a few nodes of each level, however long
 * the file.
 *
 * Source: the Xet protocol's aggregated hashes. A node has two to nine children, and ends early after a child
 * whose last number is a multiple of 4, so that an insertion moves few nodes.
 */
export class HashTree {
  readonly #levels: Level[] = [];
  #size = 0;
  #root: SizedHash | undefined;

  /** Content bytes so far. */
  get size(): number {
    return this.#size;
  }

  add(hash: string, size: number): void {
    this.#size += size;
    this.#push(0, { hash, size });
  }

  /** The root hash. Nothing can be added afterwards. */
  root(): string {
    this.#root ??= this.#finish();
    return this.#root.hash;
  }

  /** The hash of a file that has these chunks. Nothing can be added afterwards. */
  fileHash(): string {
    const root = this.root();
    return root === EMPTY_HASH ? root : keyedHash(new Uint8Array(32), root);
  }

  #push(height: number, node: SizedHash): void {
    this.#levels[height] ??= { nodes: [], groups: 0 };
    const level = this.#levels[height];
    if (!level) return;
    level.nodes.push(node);
    // With nine nodes at hand the group is decided, whatever follows.
    if (level.nodes.length >= MAX_CHILDREN) this.#group(height, level);
  }

  #group(height: number, level: Level): void {
    const children = level.nodes.splice(0, groupLength(level.nodes));
    level.groups++;
    this.#push(height + 1, parentOf(children));
  }

  #finish(): SizedHash {
    for (let height = 0; height < this.#levels.length; height++) {
      const level = this.#levels[height];
      if (!level) break;
      const [only] = level.nodes;
      if (level.groups === 0 && level.nodes.length === 1 && only) return only;
      while (level.nodes.length > 0) this.#group(height, level);
    }
    return { hash: EMPTY_HASH, size: 0 };
  }
}

interface Level {
  readonly nodes: SizedHash[];
  /** Groups made of this level's nodes so far. */
  groups: number;
}

const MAX_CHILDREN = 9;

function groupLength(nodes: readonly SizedHash[]): number {
  if (nodes.length <= 2) return nodes.length;
  const end = Math.min(MAX_CHILDREN, nodes.length);
  for (let i = 2; i < end - 1; i++) {
    // The last digit of the printed form holds the lowest bits of the fourth number.
    const digit = Number.parseInt(nodes[i]?.hash.slice(-1) ?? "", 16);
    if ((digit & 3) === 0) return i + 1;
  }
  return end;
}

const encoder = new TextEncoder();

function parentOf(children: readonly SizedHash[]): SizedHash {
  let text = "";
  let size = 0;
  for (const child of children) {
    text += `${child.hash} : ${child.size}\n`;
    size += child.size;
  }
  const { bytes } = kernel();
  const { written } = encoder.encodeInto(text, bytes.subarray(AT.input, AT.input + INPUT_BYTES));
  return { hash: hashInput(AT.keys.node, written), size };
}

/**
 * Whether clients ask the server about this chunk, and the server therefore remembers where it is. So is the
 * first chunk of each file, whatever its hash.
 */
export function isDedupEligible(hash: string): boolean {
  return (Number.parseInt(hash.slice(-3), 16) & 1023) === 0;
}

function put(data: Uint8Array): number {
  if (data.length > MAX_HASH_INPUT) {
    throw new RangeError(`can hash at most ${MAX_HASH_INPUT} bytes at once, got ${data.length}`);
  }
  kernel().bytes.set(data, AT.input);
  return data.length;
}

function setKey(key: Uint8Array): void {
  if (key.length !== 32) throw new RangeError(`a key has 32 bytes, got ${key.length}`);
  kernel().bytes.set(key, AT.keys.custom);
}

function hashInput(key: number, length: number): string {
  const instance: Kernel = kernel();
  instance.blake3(key, AT.input, length, AT.hash);
  return formatHash(instance.bytes, AT.hash);
}
