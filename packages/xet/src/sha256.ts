import { toHex } from "@bearhug/core";
import { AT, kernel } from "./kernel/kernel.ts";

const INITIAL: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const PIECE_BYTES = 1 << 20;

/** Streaming SHA-256, for where the platform has none: browsers hash only what is whole in memory. */
export class Sha256 {
  readonly #state = Uint32Array.from(INITIAL);
  readonly #block = new Uint8Array(64);
  #held = 0;
  #total = 0;

  update(bytes: Uint8Array): this {
    this.#total += bytes.length;
    let at = 0;
    if (this.#held > 0) {
      at = Math.min(64 - this.#held, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#held);
      this.#held += at;
      if (this.#held < 64) return this;
      this.#compress(this.#block);
      this.#held = 0;
    }
    const whole = at + ((bytes.length - at) & ~63);
    for (; at < whole; at += PIECE_BYTES) {
      this.#compress(bytes.subarray(at, Math.min(at + PIECE_BYTES, whole)));
    }
    const rest = bytes.subarray(whole);
    this.#block.set(rest);
    this.#held = rest.length;
    return this;
  }

  /** The digest as 64 hexadecimal digits. Nothing can be added afterwards. */
  digest(): string {
    const tail = new Uint8Array(this.#held < 56 ? 64 : 128);
    tail.set(this.#block.subarray(0, this.#held));
    tail[this.#held] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(this.#total / 2 ** 29));
    view.setUint32(tail.length - 4, (this.#total % 2 ** 29) * 8);
    this.#compress(tail);
    const digest = new DataView(new ArrayBuffer(32));
    this.#state.forEach((word, index) => {
      digest.setUint32(4 * index, word);
    });
    return toHex(new Uint8Array(digest.buffer));
  }

  #compress(blocks: Uint8Array): void {
    const { bytes, view, sha256 } = kernel();
    bytes.set(blocks, AT.input);
    this.#state.forEach((word, index) => {
      view.setUint32(AT.shaState + 4 * index, word, true);
    });
    sha256(AT.input, blocks.length / 64);
    for (let i = 0; i < 8; i++) this.#state[i] = view.getUint32(AT.shaState + 4 * i, true);
  }
}
