/**
 * The LZ4 frame format around the kernel's blocks. Reads every frame that the format allows (linked blocks,
 * checksums, content size) but dictionaries; writes independent blocks without checksums.
 */
import { Lz4Error } from "./errors.ts";
import { AT, INPUT_BYTES, kernel, OUTPUT_BYTES } from "./kernel/kernel.ts";
import { xxHash32 } from "./xx-hash.ts";

const MAGIC = 0x184d2204;
const VERSION = 0x40;
const INDEPENDENT = 0x20;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const STORED = 0x80000000;
/** Magic, two descriptor bytes, their checksum, one block's size, end mark. */
const FRAME_OVERHEAD = 15;

/** Most bytes that one frame can hold here. Chunks have at most 128 KiB. */
export const MAX_LZ4_BYTES: number = OUTPUT_BYTES / 2;

/** `content` as an LZ4 frame, or `undefined` when that would not be smaller. At most 256 KiB. */
export function lz4Compress(content: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (content.length > MAX_LZ4_BYTES) {
    throw new RangeError(`can compress at most ${MAX_LZ4_BYTES} bytes, got ${content.length}`);
  }
  kernel().bytes.set(content, AT.input);
  return lz4CompressAt(AT.input, content.length, AT.output);
}

/** As `lz4Compress`, for content in the kernel's memory; `out` must not overlap it. */
export function lz4CompressAt(
  address: number,
  length: number,
  out: number,
): Uint8Array<ArrayBuffer> | undefined {
  const { bytes, lz4Encode } = kernel();
  const size = lz4Encode(address, length, out, length - FRAME_OVERHEAD - 1);
  if (length <= FRAME_OVERHEAD + 1 || size === 0) return undefined;
  const frame = new Uint8Array(size + FRAME_OVERHEAD);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  frame[4] = VERSION | INDEPENDENT;
  frame[5] = length <= 65_536 ? 0x40 : 0x50;
  frame[6] = (xxHash32(frame.subarray(4, 6)) >>> 8) & 255;
  view.setUint32(7, size, true);
  frame.set(bytes.subarray(out, out + size), 11);
  return frame;
}

/**
 * The content of an LZ4 frame.
 *
 * @throws {Lz4Error} when the frame is broken or does not hold exactly `length` bytes.
 */
export function lz4Decompress(frame: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const address = lz4DecompressAt(frame, length);
  return kernel().bytes.slice(address, address + length);
}

/** As `lz4Decompress`, leaving the content in the kernel's memory. Gives its address. */
export function lz4DecompressAt(frame: Uint8Array, length: number): number {
  if (length > MAX_LZ4_BYTES || frame.length > INPUT_BYTES) {
    throw new Lz4Error(`a frame of ${frame.length} bytes with ${length} of content is too large`);
  }
  const header = parseHeader(frame);
  const { bytes } = kernel();
  bytes.set(frame, AT.input);
  const { at, op } = decodeBlocks(frame, header, AT.output + length);
  let end = at;
  if (header.flags & CONTENT_CHECKSUM) {
    checkSum(frame, end, bytes.subarray(AT.output, op));
    end += 4;
  }
  if (end !== frame.length) throw new Lz4Error("bytes follow the end of the LZ4 frame");
  const size = op - AT.output;
  if (size !== length) throw new Lz4Error(`the LZ4 frame holds ${size} bytes, not ${length}`);
  if (header.contentSize !== undefined && header.contentSize !== size) {
    throw new Lz4Error(`the LZ4 frame says ${header.contentSize} bytes and holds ${size}`);
  }
  return AT.output;
}

interface FrameHeader {
  readonly flags: number;
  readonly blockBytes: number;
  readonly contentSize: number | undefined;
  /** Bytes of the header. */
  readonly length: number;
}

function parseHeader(frame: Uint8Array): FrameHeader {
  if (frame.length < 11) throw new Lz4Error("the LZ4 frame is cut short");
  const view = viewOf(frame);
  if (view.getUint32(0, true) !== MAGIC) throw new Lz4Error("not an LZ4 frame");
  const flags = frame[4] ?? 0;
  const block = frame[5] ?? 0;
  if ((flags & 0xc0) !== VERSION || (flags & 3) !== 0) {
    throw new Lz4Error(`LZ4 frame flags 0x${flags.toString(16)} are not supported`);
  }
  if ((block & 0x8f) !== 0 || block < 0x40) throw new Lz4Error("LZ4 block size is not valid");
  const length = flags & CONTENT_SIZE ? 15 : 7;
  if (frame.length < length + 4) throw new Lz4Error("the LZ4 frame is cut short");
  const sum = (xxHash32(frame.subarray(4, length - 1)) >>> 8) & 255;
  if (frame[length - 1] !== sum) throw new Lz4Error("the LZ4 frame header's checksum is wrong");
  const contentSize =
    flags & CONTENT_SIZE ? view.getUint32(6, true) + view.getUint32(10, true) * 2 ** 32 : undefined;
  return { flags, blockBytes: 1 << (8 + 2 * (block >> 4)), contentSize, length };
}

/** Decodes every block to the kernel's output; gives where the frame's blocks and the output end. */
function decodeBlocks(
  frame: Uint8Array,
  header: FrameHeader,
  outEnd: number,
): { readonly at: number; readonly op: number } {
  const view = viewOf(frame);
  let at = header.length;
  let op: number = AT.output;
  for (;;) {
    if (at + 4 > frame.length) throw new Lz4Error("the LZ4 frame is cut short");
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return { at, op };
    const size = word & ~STORED;
    const end = at + size;
    if (size > header.blockBytes || end > frame.length) {
      throw new Lz4Error("an LZ4 block is longer than its frame allows");
    }
    const limit = Math.min(outEnd, op + header.blockBytes);
    op = decodeBlock({ at, end, stored: word >= STORED, op, limit, header });
    at = end;
    if (header.flags & BLOCK_CHECKSUM) {
      checkSum(frame, end, frame.subarray(end - size, end));
      at += 4;
    }
  }
}

interface Block {
  readonly at: number;
  readonly end: number;
  readonly stored: boolean;
  readonly op: number;
  readonly limit: number;
  readonly header: FrameHeader;
}

function decodeBlock({ at, end, stored, op, limit, header }: Block): number {
  const { bytes, lz4Decode } = kernel();
  if (stored) {
    if (op + end - at > limit) throw new Lz4Error("an LZ4 block holds more than was promised");
    bytes.copyWithin(op, AT.input + at, AT.input + end);
    return op + end - at;
  }
  const floor = header.flags & INDEPENDENT ? op : AT.output;
  const next = lz4Decode(AT.input + at, AT.input + end, floor, op, limit);
  if (next === 0) throw new Lz4Error("an LZ4 block does not decompress");
  return next;
}

function checkSum(frame: Uint8Array, at: number, content: Uint8Array): void {
  if (at + 4 > frame.length) throw new Lz4Error("the LZ4 frame is cut short");
  if (viewOf(frame).getUint32(at, true) !== xxHash32(content)) {
    throw new Lz4Error("an LZ4 checksum is wrong");
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
