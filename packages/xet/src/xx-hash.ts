const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

/** xxHash, 32 bits, seed 0: the checksum of LZ4 frames. Source: the xxHash specification, version 0.1.1. */
export function xxHash32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let sum = PRIME_5;
  if (bytes.length >= 16) {
    const lanes = [(PRIME_1 + PRIME_2) | 0, PRIME_2 | 0, 0, -PRIME_1 | 0];
    for (; at + 16 <= bytes.length; at += 16) {
      for (let lane = 0; lane < 4; lane++) {
        const word = view.getUint32(at + 4 * lane, true);
        const mixed = ((lanes[lane] ?? 0) + Math.imul(word, PRIME_2)) | 0;
        lanes[lane] = Math.imul(rotate(mixed, 13), PRIME_1);
      }
    }
    const [a = 0, b = 0, c = 0, d = 0] = lanes;
    sum = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  }
  sum = (sum + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    sum = (sum + Math.imul(view.getUint32(at, true), PRIME_3)) | 0;
    sum = Math.imul(rotate(sum, 17), PRIME_4);
  }
  for (; at < bytes.length; at++) {
    sum = (sum + Math.imul(bytes[at] ?? 0, PRIME_5)) | 0;
    sum = Math.imul(rotate(sum, 11), PRIME_1);
  }
  sum = Math.imul(sum ^ (sum >>> 15), PRIME_2);
  sum = Math.imul(sum ^ (sum >>> 13), PRIME_3);
  return (sum ^ (sum >>> 16)) >>> 0;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
