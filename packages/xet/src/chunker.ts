import { concatBytes } from "@bearhug/core";
import { formatHash } from "./hash.ts";
import { AT, type Kernel, kernel } from "./kernel/kernel.ts";

/** Limits of a chunk, in bytes. Only the last of a file may be shorter than the least. */
export const MIN_CHUNK_BYTES = 8192;
export const MAX_CHUNK_BYTES = 131_072;

/** A piece of content, and the hash that names it. */
export interface Chunk {
  readonly hash: string;
  readonly data: Uint8Array;
}

const WINDOW_BYTES = 1 << 20;

/**
 * Cuts a stream of bytes into chunks whose boundaries depend on the content alone: the same bytes give the same
 * chunks wherever they stand in a file and however the stream was split.
 *
 * A chunk's `data` may be a view of what was pushed: use or copy it before that buffer is written again.
 *
 * Source: the Xet protocol's gear hash, 64 KiB a chunk on average. Agrees with hf_xet 1.6.0 (fixtures/xet).
 *
 * @example
 * const chunker = new Chunker();
 * const chunks = [...chunker.push(new TextEncoder().encode("hello world")), ...chunker.finish()];
 */
export class Chunker {
  readonly #pending = new Uint8Array(MAX_CHUNK_BYTES);
  #length = 0;

  /** The chunks that end within `bytes`. */
  push(bytes: Uint8Array): Chunk[] {
    const chunks: Chunk[] = [];
    for (let at = 0; at < bytes.length; at += WINDOW_BYTES) {
      this.#window(bytes.subarray(at, at + WINDOW_BYTES), chunks);
    }
    return chunks;
  }

  /** The last chunk: none for an empty stream. The chunker is then ready for another stream. */
  finish(): Chunk[] {
    if (this.#length === 0) return [];
    const data = this.#pending.slice(0, this.#length);
    this.#length = 0;
    const { bytes, blake3 } = kernel();
    bytes.set(data, AT.input);
    blake3(AT.keys.chunk, AT.input, data.length, AT.hash);
    return [{ hash: formatHash(bytes, AT.hash), data }];
  }

  #window(window: Uint8Array, chunks: Chunk[]): void {
    const instance: Kernel = kernel();
    const before = this.#length;
    instance.bytes.set(this.#pending.subarray(0, before), AT.input);
    instance.bytes.set(window, AT.input + before);
    const count = instance.chunks(AT.input + before, AT.input + before + window.length);
    let start = 0;
    for (let i = 0; i < count; i++) {
      const entry = AT.chunks + 36 * i;
      const end = instance.view.getUint32(entry, true) - AT.input;
      const data =
        start < before
          ? concatBytes([this.#pending.subarray(start, before), window.subarray(0, end - before)])
          : window.subarray(start - before, end - before);
      chunks.push({ hash: formatHash(instance.bytes, entry + 4), data });
      start = end;
    }
    this.#keep(window, start - before);
  }

  /** Remembers what follows the last cut, which lies `from` bytes into the window (before it if negative). */
  #keep(window: Uint8Array, from: number): void {
    const rest = window.subarray(Math.max(0, from));
    const at = from < 0 ? this.#length : 0;
    this.#pending.set(rest, at);
    this.#length = at + rest.length;
  }
}
