import { toHex } from "@bearhug/core";
import type { Hash } from "./platform.ts";

/**
 * SHA-1 over pieces, in TypeScript: WebCrypto only hashes what is whole in memory. Git names blobs by it.
 *
 * Source: FIPS 180-4, section 6.1. Agrees with node:crypto (browser.test.ts).
 */
export function createScriptSha1(): Hash {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
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
    const out = new DataView(new ArrayBuffer(20));
    state.forEach((word, index) => {
      out.setUint32(4 * index, word);
    });
    return toHex(new Uint8Array(out.buffer));
  };

  return { update, digestHex };
}

const words = new Uint32Array(80);

function compress(state: Uint32Array, block: DataView): void {
  for (let i = 0; i < 16; i++) words[i] = block.getUint32(4 * i);
  for (let i = 16; i < 80; i++) {
    words[i] = rotateLeft(word(i - 3) ^ word(i - 8) ^ word(i - 14) ^ word(i - 16), 1);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let i = 0; i < 80; i++) {
    const next = (rotateLeft(a, 5) + mix(i, b, { c, d }) + e + word(i)) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  [a, b, c, d, e].forEach((value, index) => {
    state[index] = (state[index] ?? 0) + value;
  });
}

function mix(round: number, b: number, { c, d }: { c: number; d: number }): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function word(index: number): number {
  return words[index] ?? 0;
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
