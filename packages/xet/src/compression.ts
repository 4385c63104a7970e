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
const SAMPLE_BYTES = 8192;
/** Reading pays for what writing saved: below this gain, or this further gain by grouping, it is left. */
const WORTH_COMPRESSING = 0.97;
const WORTH_GROUPING = 0.95;

/**
 * A chunk as it is stored: LZ4, LZ4 over its bytes in groups of every fourth (weights compress so: exponents
 * stand beside exponents), or as it is when neither saves much. At most 128 KiB.
 */
export function compressChunk(data: Uint8Array): CompressedChunk {
  const { bytes, group } = kernel();
  bytes.set(data, AT.input);
  const scheme = chooseScheme(data.length);
  if (scheme === SCHEMES.none) return { scheme, payload: data };
  let from: number = AT.input;
  if (scheme === SCHEMES.groupedLz4) {
    from = GROUPED;
    group(AT.input, data.length, from);
  }
  const payload = lz4CompressAt(from, data.length, AT.output);
  return payload ? { scheme, payload } : { scheme: SCHEMES.none, payload: data };
}

/** Tries both ways on two samples, at a quarter and at three quarters of the chunk. */
function chooseScheme(length: number): Scheme {
  const sample = Math.min(length >> 1, SAMPLE_BYTES) & ~15;
  if (sample === 0) return SCHEMES.lz4;
  let plain = 0;
  let grouped = 0;
  for (const middle of [length / 4, (3 * length) / 4]) {
    const from = AT.input + (Math.floor(middle - sample / 2) & ~3);
    plain += compressedSize(from, sample);
    kernel().group(from, sample, GROUPED);
    grouped += compressedSize(GROUPED, sample);
  }
  if (Math.min(plain, grouped) > 2 * sample * WORTH_COMPRESSING) return SCHEMES.none;
  return grouped < plain * WORTH_GROUPING ? SCHEMES.groupedLz4 : SCHEMES.lz4;
}

function compressedSize(from: number, length: number): number {
  return kernel().lz4Encode(from, length, AT.output, length) || length;
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
