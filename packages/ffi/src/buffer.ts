import type { NativeLibrary } from "./library.ts";

/** Cache lines and the widest vector registers of today's processors are 64 bytes. */
const ALIGNMENT = 64;

/**
 * Zeroed bytes that begin at an address divisible by 64, where vector code is fastest. The garbage
 * collector frees them: keep the view referenced while native code uses it.
 */
export function alignedBytes(library: NativeLibrary, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes + ALIGNMENT);
  const misaligned = Number(library.addressOf(bytes) % BigInt(ALIGNMENT));
  const start = misaligned === 0 ? 0 : ALIGNMENT - misaligned;
  return bytes.subarray(start, start + sizeBytes);
}
