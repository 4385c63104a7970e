/** Bytes of one write: those from the network come in pieces of 64 KiB, and a system call for each costs more. */
const BATCH_BYTES = 1 << 20;
/** Pieces of one write: what every system takes. */
const BATCH_PIECES = 512;

/** Writes pieces in a row, or some of them, and gives how many bytes it wrote. */
export type WritePieces = (pieces: readonly Uint8Array[]) => Promise<number>;

/** Collects pieces of bytes and writes them about a MiB at a time, one batch while the next is being collected. */
export class BatchWriter {
  readonly #write: WritePieces;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #size = 0;

  constructor(write: WritePieces) {
    this.#write = write;
  }

  /** Bytes that were added. */
  get size(): number {
    return this.#size;
  }

  /** Adds a piece, which has to stay as it is until it is written. @throws what an earlier write threw. */
  async add(piece: Uint8Array): Promise<void> {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    this.#size += piece.length;
    if (this.#bytes < BATCH_BYTES && this.#pieces.length < BATCH_PIECES) return;
    await this.#writing;
    this.#writing = writeAll(this.#write, this.#take());
    // A failure is thrown by the next call, not as an unhandled rejection before.
    this.#writing.catch(() => {});
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    await this.#writing;
    await writeAll(this.#write, this.#take());
  }

  /** Forgets what is not written yet; waits for what is being written. */
  async drop(): Promise<void> {
    this.#take();
    await this.#writing.catch(() => {});
  }

  #take(): readonly Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }
}

async function writeAll(write: WritePieces, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces;
  while (left.length > 0) left = after(left, await write(left));
}

/** What is left of the pieces behind their first `count` bytes. */
function after(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skip = count;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}
