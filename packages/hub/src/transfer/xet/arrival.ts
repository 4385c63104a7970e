import type { ChunkRecord } from "@bearhug/xet";
import { XetTransferError } from "./errors.ts";

/** The chunks of one address as they come, in order within each of its parts; who reads them may be ahead. */
export class Arrival {
  readonly #parts: readonly ChunkRecord[][];
  #end: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  constructor(parts: number) {
    this.#parts = Array.from({ length: parts }, () => []);
  }

  /** The chunk with this index in this part, once it is there. */
  async record(part: number, index: number): Promise<ChunkRecord> {
    for (;;) {
      const found = this.#parts[part]?.[index];
      if (found) return found;
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Takes a part's chunks from its first on. Those that came before a connection broke are not taken twice. */
  writer(part: number): (record: ChunkRecord) => void {
    const records = this.#parts[part] ?? [];
    let index = 0;
    return (record) => {
      if (index++ < records.length) return;
      records.push(record);
      this.#wake();
    };
  }

  end(): void {
    this.fail(new XetTransferError("The storage sent fewer chunks than were asked for"));
  }

  /** What readers of chunks that have not come will get. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
