import { type FileHandle, open } from "node:fs/promises";

/** A file as it was when a Blob was made of it. */
export interface BlobOrigin {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

const PIECE_BYTES = 1 << 20;

/**
 * A file's bytes in pieces of a MiB, each valid until the next is asked for; that one is read meanwhile.
 *
 * @throws {DOMException} "NotReadableError", as reading the Blob would, when the file has changed since.
 */
export async function* filePieces(origin: BlobOrigin): AsyncGenerator<Uint8Array> {
  const file = await open(origin.path, "r");
  let reading: Promise<Uint8Array> | undefined;
  try {
    await checkUnchanged(file, origin);
    let [memory, other] = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)];
    let read = 0;
    reading = file.read(memory, 0, PIECE_BYTES, 0).then(filled);
    while (read < origin.size) {
      const piece = await reading;
      if (piece.length === 0) throw changed(origin);
      read += piece.length;
      [memory, other] = [other, memory];
      reading = file.read(memory, 0, PIECE_BYTES, read).then(filled);
      reading.catch(() => {});
      yield piece;
    }
    await checkUnchanged(file, origin);
  } finally {
    await reading?.catch(() => {});
    await file.close();
  }
}

function filled(result: { readonly bytesRead: number; readonly buffer: Buffer }): Uint8Array {
  return result.buffer.subarray(0, result.bytesRead);
}

async function checkUnchanged(file: FileHandle, origin: BlobOrigin): Promise<void> {
  const { size, mtimeMs } = await file.stat();
  if (size !== origin.size || mtimeMs !== origin.mtimeMs) throw changed(origin);
}

function changed({ path }: BlobOrigin): DOMException {
  return new DOMException(`"${path}" was changed while it was read`, "NotReadableError");
}
