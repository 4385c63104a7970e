import { toHex } from "@bearhug/core";
import type { Hash, HashAlgorithm } from "./platform.ts";

/**
 * SHA-1 and SHA-256 over pieces, in TypeScript: WebCrypto only hashes what is whole in memory.
 *
 * Source: FIPS 180-4, sections 5 and 6. Agrees with node:crypto (script-hash.test.ts).
 */
export function createScriptHash(algorithm: HashAlgorithm): Hash {
  const state = Uint32Array.from(algorithm === "sha1" ? SHA1_START : SHA256_START);
  const compress = algorithm === "sha1" ? compressSha1 : compressSha256;
  const block = new Uint8Array(64);
  const view = new DataView(block.buffer);
  let filled = 0;
  let length = 0;

  const update = (bytes: Uint8Array): void => {
    length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(64 - filled, bytes.length - at);
      block.set(bytes.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled === 64) {
        compress(state, view);
        filled = 0;
      }
    }
  };

  const digestHex = (): string => {
    block[filled++] = 0x80;
    block.fill(0, filled);
    if (filled > 56) {
      compress(state, view);
      block.fill(0);
    }
    view.setUint32(56, Math.floor(length / 2 ** 29));
    view.setUint32(60, (length * 8) % 2 ** 32);
    compress(state, view);
    const out = new DataView(new ArrayBuffer(state.length * 4));
    state.forEach((word, index) => {
      out.setUint32(4 * index, word);
    });
    return toHex(new Uint8Array(out.buffer));
  };

  return { update, digestHex };
}

const SHA1_START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

const SHA256_START = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

const words = new Uint32Array(80);

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function compressSha1(state: Uint32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) words[i] = block.getUint32(4 * i);
  for (let i = 16; i < 80; i++) {
    words[i] = rotateLeft(word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16), 1);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const next = (rotateLeft(a, 5) + sha1Mix(i, b, { c, d }) + e + word(i)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  add(state, [a, b, c, d, e]);
}

function sha1Mix(round: number, b: number, { c, d }: { c: number; d: number }): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function compressSha256(state: Uint32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) words[i] = block.getUint32(4 * i);
  for (let i = 16; i < 64; i++) {
    const early = word(i - 15);
    const late = word(i - 2);
    const mixedEarly = rotateLeft(early, 25) ^ rotateLeft(early, 14) ^ (early >>> 3);
    const mixedLate = rotateLeft(late, 15) ^ rotateLeft(late, 13) ^ (late >>> 10);
    words[i] = (word(i - 16) + mixedEarly + word(i - 7) + mixedLate) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const mixedE = rotateLeft(e, 26) ^ rotateLeft(e, 21) ^ rotateLeft(e, 7);
    const first = (h + mixedE + ((e & f) ^ (~e & g)) + (ROUNDS[i] ?? 0) + word(i)) | 0;
    const mixedA = rotateLeft(a, 30) ^ rotateLeft(a, 19) ^ rotateLeft(a, 10);
    const second = (mixedA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  add(state, [a, b, c, d, e, f, g, h]);
}

function word(index: number): number {
  return words[index] ?? 0;
}

function add(state: Uint32Array, values: readonly number[]): void {
  for (let i = 0; i < state.length; i++) state[i] = (state[i] ?? 0) + (values[i] ?? 0);
}

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUNDS: Uint32Array = new Uint32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
