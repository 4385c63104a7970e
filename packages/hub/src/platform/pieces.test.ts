import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as browser from "./browser.ts";
import * as node from "./node.ts";

const MIB = 1 << 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-pieces-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileBlob(name: string, bytes: Uint8Array): Promise<Blob> {
  await writeFile(join(folder, name), bytes);
  const blob = await node.fileSystem?.openBlob(join(folder, name));
  if (!blob) throw new Error("Node has a file system");
  return blob;
}

/** Copies: a piece is valid until the next. */
async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return copies;
}

describe.each([
  [
    "of a file",
    async (bytes: Uint8Array<ArrayBuffer>) => node.piecesOf(await fileBlob("a", bytes)),
  ],
  ["of memory", async (bytes: Uint8Array<ArrayBuffer>) => node.piecesOf(new Blob([bytes]))],
  ["in browsers", async (bytes: Uint8Array<ArrayBuffer>) => browser.piecesOf(new Blob([bytes]))],
])("piecesOf() a Blob %s", (_, piecesOf) => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 12_345])("gives its %i bytes", async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 2_654_435_761) >>> 24);
    const pieces = await collect(await piecesOf(bytes));
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(MIB);
  });
});

test("piecesOf() refuses a file that was changed after its Blob was made", async () => {
  const blob = await fileBlob("b", new Uint8Array(3 * MIB));
  await utimes(join(folder, "b"), 1, 1);
  await expect(collect(node.piecesOf(blob))).rejects.toMatchObject({ name: "NotReadableError" });
  const other = await fileBlob("c", new Uint8Array(3 * MIB));
  const reading = (async () => {
    for await (const _ of node.piecesOf(other)) await utimes(join(folder, "c"), 1, 1);
  })();
  await expect(reading).rejects.toMatchObject({ name: "NotReadableError" });
});
