import type { ChunkRecord } from "@bearhug/xet";
import { XetTransferError } from "./errors.ts";

/** How far the network may be ahead of who reads, in bytes. */
export const AHEAD_BYTES: number = 8 << 20;

/** The chunks of one address as they come, in order within each of its parts; who reads them may be ahead, or behind. */
export class Arrival {
  readonly #parts: readonly Part[];
  readonly #isReadOnce: boolean;
  #ahead = 0;
  #end: { readonly error: unknown } | undefined;
  /** Who waits for a chunk. */
  #readers: (() => void)[] = [];
  /** Who waits for room. */
  #writers: (() => void)[] = [];

  /** @param options.isReadOnce each chunk is read at most once, in order: it is let go then. */
  constructor(parts: number, { isReadOnce }: { readonly isReadOnce: boolean }) {
    this.#parts = Array.from({ length: parts }, () => ({ records: [], read: 0 }));
    this.#isReadOnce = isReadOnce;
  }

  /** The chunk with this index in this part, once it is there. */
  async record(partIndex: number, index: number): Promise<ChunkRecord> {
    const part = this.#parts[partIndex];
    if (!part) throw new RangeError(`there is no part ${partIndex}`);
    while (part.records.length <= index) {
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => {
        this.#readers.push(resolve);
        // Whatever lies unread, what somebody waits for has to come.
        wake(this.#writers);
      });
    }
    const found = part.records[index];
    if (!found) throw new RangeError(`chunk ${index} has been read already`);
    this.#noteRead(part, index);
    return found;
  }

  /** Takes a part's chunks from its first on. Those that came before a connection broke are not taken twice. */
  writer(partIndex: number): (record: ChunkRecord) => void {
    const part = this.#parts[partIndex] ?? { records: [], read: 0 };
    let index = 0;
    return (record) => {
      if (index++ < part.records.length) return;
      part.records.push(record);
      this.#ahead += record.payload.length;
      wake(this.#readers);
    };
  }

  /** Waits until little lies unread. @throws what ended it, when nobody will read any more. */
  async room(): Promise<void> {
    while (this.#ahead > AHEAD_BYTES && this.#readers.length === 0) {
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => this.#writers.push(resolve));
    }
  }

  /** No more chunks will come, or be read. */
  end(): void {
    this.fail(new XetTransferError("The storage sent fewer chunks than were asked for"));
  }

  /** What readers of chunks that have not come will get. */
  fail(error: unknown): void {
    this.#end ??= { error };
    wake(this.#readers);
    wake(this.#writers);
  }

  /** Chunks up to `index` are not ahead any more. */
  #noteRead(part: Part, index: number): void {
    for (; part.read <= index; part.read++) {
      this.#ahead -= part.records[part.read]?.payload.length ?? 0;
      if (this.#isReadOnce) part.records[part.read] = undefined;
    }
    if (this.#ahead <= AHEAD_BYTES) wake(this.#writers);
  }
}

interface Part {
  readonly records: (ChunkRecord | undefined)[];
  /** How many have been read, or passed over. */
  read: number;
}

function wake(waiting: (() => void)[]): void {
  for (const resolve of waiting.splice(0)) resolve();
}
