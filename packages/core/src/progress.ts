/** How far a piece of long work is. Counts are of `unit`; `total` is absent while it is not known. */
export interface ProgressEvent {
  /** What is being done, e.g. `"download"`, `"upload"`, `"hash"`, `"load"`. */
  readonly phase: string;
  readonly done: number;
  readonly total?: number | undefined;
  readonly unit: "bytes" | "files" | "items";
  /** The file or item concerned, when there is one. */
  readonly path?: string | undefined;
}

/** Options of every operation that can last over a second. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ProgressEvent) => void) | undefined;
}

/** Runs a generator of events to its end and gives what it returns. */
export async function drain<Event, Result>(
  generator: AsyncGenerator<Event, Result>,
  onEvent?: (event: Event) => void,
): Promise<Result> {
  for (;;) {
    const next = await generator.next();
    if (next.done) return next.value;
    onEvent?.(next.value);
  }
}
