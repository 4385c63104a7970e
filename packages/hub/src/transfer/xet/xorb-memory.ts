import { MAX_SERIALIZED_XORB_BYTES } from "@bearhug/xet";

/**
 * Memory to build xorbs in, used again when a xorb has been sent: 64 MiB that are new cost as much as hashing a
 * third of them. The system gives pages when they are first written to, so what stays empty takes none.
 */
export class XorbMemory {
  readonly #bytes: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /** @param total content bytes that are coming, headers not counted. */
  constructor(total: number) {
    this.#bytes = Math.min(MAX_SERIALIZED_XORB_BYTES, 2 * total);
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.#bytes);
  }

  giveBack(memory: Uint8Array<ArrayBuffer>): void {
    this.#free.push(memory);
  }
}
