import { Lz4Error } from "./errors.ts";
import { AT, kernel } from "./kernel/kernel.ts";
import { lz4CompressAt, lz4DecompressAt } from "./lz4.ts";

/** How a chunk's bytes are stored in a xorb. */
export const SCHEMES = { none: 0, lz4: 1, groupedLz4: 2 } as const;
export type Scheme = (typeof SCHEMES)[keyof typeof SCHEMES];

export interface CompressedChunk {
  readonly scheme: Scheme;
  readonly payload: Uint8Array;
}

/** Where grouped bytes stand: behind the longest chunk and its slack. */
const GROUPED = AT.input + 0x40000;
const SAMPLE_BYTES = 16_384;
/** Grouping also costs time when reading: it has to gain at least this much more. */
const WORTH_GROUPING = 0.95;

/**
 * A chunk as it is stored: LZ4, LZ4 over its bytes in groups of every fourth (weights compress so: exponents
 * stand beside exponents), or as it is when neither saves anything. At most 128 KiB.
 */
export function compressChunk(data: Uint8Array): CompressedChunk {
  const { bytes, group } = kernel();
  bytes.set(data, AT.input);
  if (prefersGrouping(data.length)) {
    group(AT.input, data.length, GROUPED);
    const payload = lz4CompressAt(GROUPED, data.length, AT.output);
    if (payload) return { scheme: SCHEMES.groupedLz4, payload };
  }
  const payload = lz4CompressAt(AT.input, data.length, AT.output);
  return payload ? { scheme: SCHEMES.lz4, payload } : { scheme: SCHEMES.none, payload: data };
}

/** Tries both ways on a sample from the middle. */
function prefersGrouping(length: number): boolean {
  const { group, lz4Encode } = kernel();
  const sample = Math.min(length, SAMPLE_BYTES) & ~15;
  if (sample === 0) return false;
  const from = AT.input + (((length - sample) >> 1) & ~15);
  group(from, sample, GROUPED);
  const grouped = lz4Encode(GROUPED, sample, AT.output, sample);
  if (grouped === 0) return false;
  const plain = lz4Encode(from, sample, AT.output, sample) || sample;
  return grouped < plain * WORTH_GROUPING;
}

/**
 * Decompresses a stored chunk into the kernel's memory and gives its address there; it stays until the next
 * call of anything in this package.
 *
 * @throws {Lz4Error} when it does not decompress to exactly `length` bytes.
 */
export function expandAt(scheme: Scheme, payload: Uint8Array, length: number): number {
  const { bytes, ungroup } = kernel();
  if (scheme === SCHEMES.none) {
    if (payload.length !== length) {
      throw new Lz4Error(`the chunk holds ${payload.length} bytes, not ${length}`);
    }
    bytes.set(payload, AT.input);
    return AT.input;
  }
  const address = lz4DecompressAt(payload, length);
  if (scheme === SCHEMES.lz4) return address;
  ungroup(address, length, AT.input);
  return AT.input;
}
