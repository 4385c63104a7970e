/** Pieces of a Blob's stream are small; who hashes or cuts likes them larger. */
const PIECE_BYTES = 1 << 20;

/** A Blob's bytes in pieces of a MiB, each valid until the next is asked for. */
export async function* streamPieces(blob: Blob): AsyncGenerator<Uint8Array> {
  const held = new Uint8Array(Math.min(PIECE_BYTES, blob.size));
  let length = 0;
  const reader = blob.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      for (let at = 0; at < next.value.length; ) {
        const part = next.value.subarray(at, at + held.length - length);
        held.set(part, length);
        length += part.length;
        at += part.length;
        if (length < held.length) continue;
        yield held;
        length = 0;
      }
    }
    if (length > 0) yield held.subarray(0, length);
  } finally {
    await reader.cancel().catch(() => {});
  }
}
