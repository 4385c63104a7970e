/**
 * The typed face of kernel.wat. It knows where things lie in the kernel's memory; nothing else does.
 * Every function here is synchronous and leaves nothing behind, so all users share one instance.
 */
import { fromBase64 } from "@bearhug/core";
import { GEAR_TABLE } from "./gear-table.ts";
import { KERNEL_BYTES } from "./kernel-bytes.ts";

interface KernelExports {
  readonly memory: WebAssembly.Memory;
  chunks(from: number, end: number): number;
  blake3(key: number, start: number, length: number, out: number): void;
  lz4Encode(start: number, length: number, out: number, capacity: number): number;
  lz4Decode(start: number, end: number, floor: number, out: number, outEnd: number): number;
  group(start: number, length: number, out: number): void;
  ungroup(start: number, length: number, out: number): void;
  sha256(start: number, blocks: number): void;
}

export interface Kernel extends KernelExports {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
}

/** Addresses in the kernel's memory. */
export const AT = {
  keys: { chunk: 0x900, node: 0x920, verification: 0x940, custom: 0x960 },
  shaState: 0x1300,
  /** Chunk entries: end address u32, hash 32 bytes. */
  chunks: 0x2000,
  hash: 0x9e0,
  input: 0x10000,
  output: 0x130000,
} as const;

/** Bytes that fit at `AT.input`; hashing takes at most `MAX_HASH_INPUT` of them. */
export const INPUT_BYTES = 0x120000;
export const MAX_HASH_INPUT = 0x100000;
/** Bytes that fit at `AT.output`, slack for wide copies left out. */
export const OUTPUT_BYTES = 0x80000;

const KEYS: readonly (readonly [address: number, key: string])[] = [
  [AT.keys.chunk, "6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229"],
  [AT.keys.node, "017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f"],
  [AT.keys.verification, "7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3"],
];

let instance: Kernel | undefined;

/** The kernel, compiled on first use. */
export function kernel(): Kernel {
  instance ??= instantiate();
  return instance;
}

function instantiate(): Kernel {
  const module = new WebAssembly.Module(fromBase64(KERNEL_BYTES.join("")));
  // The exports are those of kernel.wat, whose compiled bytes a test compares.
  const exports = new WebAssembly.Instance(module).exports as unknown as KernelExports;
  const bytes = new Uint8Array(exports.memory.buffer as ArrayBuffer);
  const view = new DataView(bytes.buffer);
  GEAR_TABLE.forEach((value, byte) => {
    view.setBigUint64(8 * byte, BigInt(`0x${value}`), true);
  });
  for (const [address, key] of KEYS) {
    for (let i = 0; i < 32; i++) {
      bytes[address + i] = Number.parseInt(key.slice(2 * i, 2 * i + 2), 16);
    }
  }
  return { ...exports, bytes, view };
}
