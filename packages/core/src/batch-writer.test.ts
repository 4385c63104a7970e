import { describe, expect, test } from "vitest";
import { BatchWriter } from "./batch-writer.ts";
import { concatBytes } from "./bytes.ts";

const piece = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe("BatchWriter", () => {
  test("writes everything in order, however little each write takes", async () => {
    const written: Uint8Array[] = [];
    const writer = new BatchWriter(async (pieces) => {
      const all = concatBytes(pieces).slice(0, 100_001);
      written.push(all);
      return all.length;
    });
    const pieces = Array.from({ length: 50 }, (_, i) => piece(i % 7 === 0 ? 0 : 60_000 + i, i));
    for (const bytes of pieces) await writer.add(bytes);
    await writer.flush();
    await writer.flush();
    const expected = concatBytes(pieces);
    expect(Buffer.compare(concatBytes(written), expected)).toBe(0);
    expect(writer.size).toBe(expected.length);
  });

  test("joins small pieces into few writes, and runs one write at a time", async () => {
    let writes = 0;
    let running = 0;
    const writer = new BatchWriter(async (pieces) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      writes++;
      return concatBytes(pieces).length;
    });
    for (let i = 0; i < 64; i++) await writer.add(piece(65_536, i));
    await writer.flush();
    expect(writes).toBe(4);
  });

  test("throws a write's failure at a later call, and nowhere else", async () => {
    const writer = new BatchWriter(() => Promise.reject(new Error("disk full")));
    await writer.add(piece(2 << 20, 1));
    await expect(writer.flush()).rejects.toThrow("disk full");
    await writer.drop();
  });

  test("drop() forgets what was not written", async () => {
    const written: number[] = [];
    const writer = new BatchWriter(async (pieces) => {
      written.push(...pieces.map((bytes) => bytes.length));
      return concatBytes(pieces).length;
    });
    await writer.add(piece(10, 1));
    await writer.drop();
    await writer.add(piece(20, 2));
    await writer.flush();
    expect(written).toEqual([20]);
  });
});
