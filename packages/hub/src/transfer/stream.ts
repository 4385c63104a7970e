import { piecesOf } from "#platform";
import type { Hash } from "../platform/platform.ts";

/** The pieces of a stream; cancels it when the loop ends early. Not every browser's streams are iterable. */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** Feeds a blob through a hash. `onBytes` gets the size of each piece. */
export async function hashBlob(
  blob: Blob,
  hash: Hash,
  {
    signal,
    onBytes,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onBytes?: ((count: number) => void) | undefined;
  } = {},
): Promise<void> {
  for await (const chunk of piecesOf(blob)) {
    signal?.throwIfAborted();
    hash.update(chunk);
    onBytes?.(chunk.length);
  }
}
