import { readFileSync } from "node:fs";
import { concatBytes, fromBase64, toHex } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { content, type Recipe } from "../../../fixtures/xet/content.ts";
import { Chunker } from "./chunker.ts";
import { compressChunk, expandAt, SCHEMES } from "./compression.ts";
import { Lz4Error, XetHashMismatchError, XorbFormatError } from "./errors.ts";
import { chunkHash } from "./hash.ts";
import { kernel } from "./kernel/kernel.ts";
import { lz4Compress, lz4Decompress } from "./lz4.ts";
import {
  MAX_SERIALIZED_XORB_BYTES,
  MAX_XORB_CHUNKS,
  readChunk,
  XorbBuilder,
  XorbReader,
  XorbVerifier,
} from "./xorb.ts";
import { xxHash32 } from "./xx-hash.ts";

const golden = JSON.parse(readFileSync("fixtures/xet/upload.json", "utf8"));
const reference = fromBase64(golden.xorb);
const files: readonly Uint8Array[] = golden.input.map((recipes: Recipe[]) =>
  concatBytes(recipes.map(content)),
);

function verify(bytes: Uint8Array, expected: string, piece = bytes.length): XorbVerifier {
  const verifier = new XorbVerifier();
  for (let at = 0; at < bytes.length; at += piece) verifier.push(bytes.subarray(at, at + piece));
  verifier.finish(expected);
  return verifier;
}

function build(bytes: Uint8Array) {
  const chunker = new Chunker();
  const builder = new XorbBuilder();
  for (const chunk of [...chunker.push(bytes), ...chunker.finish()]) builder.add(chunk);
  return builder.finish();
}

describe("a xorb that hf_xet wrote", () => {
  test.each([1, 7, 1000, 65536, reference.length])("verifies in pieces of %i bytes", (piece) => {
    const verifier = verify(reference, golden.xorbHash, piece);
    expect(verifier.serializedBytes).toBe(reference.length);
    expect(verifier.chunks.at(-1)?.end).toBe(reference.length);
  });

  test("holds all three schemes, and each file's bytes", () => {
    const records = new XorbReader().push(reference);
    expect(new Set(records.map((record) => record.scheme)).size).toBeGreaterThanOrEqual(2);
    const all = Buffer.concat(records.map(readChunk));
    for (const file of files) expect(all.includes(Buffer.from(file))).toBe(true);
  });

  test("with an old writer's footer is the same xorb", () => {
    const footer = new TextEncoder().encode("XETBLOB\u0001 and whatever follows");
    const verifier = verify(concatBytes([reference, footer]), golden.xorbHash, 999);
    expect(verifier.serializedBytes).toBe(reference.length);
  });

  test.each([1, 3, 8, 65536])("pushed in pieces of %i bytes, knows what is no footer", (piece) => {
    const footer = new TextEncoder().encode("XETBLOB\u0001 and whatever follows");
    const bytes = concatBytes([reference, footer]);
    const verifier = new XorbVerifier();
    for (let at = 0; at < bytes.length; at += piece) {
      verifier.push(bytes.subarray(at, at + piece));
      const pushed = Math.min(at + piece, bytes.length);
      expect(verifier.recordBytes).toBeLessThanOrEqual(Math.min(pushed, reference.length));
      // All but what may still be the beginning of a footer.
      if (pushed <= reference.length) expect(pushed - verifier.recordBytes).toBeLessThan(8);
    }
    expect(verifier.recordBytes).toBe(reference.length);
  });

  test("comes back from records that stay as they are when more is pushed", () => {
    const reader = new XorbReader();
    const records = [];
    for (let at = 0; at < reference.length; at += 5000) {
      records.push(...reader.push(reference.subarray(at, at + 5000)));
    }
    const all = Buffer.concat(records.map(readChunk));
    expect(all.equals(Buffer.concat(new XorbReader().push(reference).map(readChunk)))).toBe(true);
  });

  test("under another name is refused", () => {
    expect(() => verify(reference, "0".repeat(64))).toThrow(XetHashMismatchError);
  });
});

describe("XorbBuilder", () => {
  test.each(["text", "lcg", "weights", "zeros", "floats"] as const)("%s round-trips", (kind) => {
    const bytes = content({ kind, size: 400_000 });
    const xorb = build(bytes);
    const verifier = verify(xorb.bytes, xorb.hash, 10_000);
    expect(verifier.rawBytes).toBe(bytes.length);
    expect(xorb.rawBytes).toBe(bytes.length);
    expect(verifier.chunks.map(({ hash, size }) => ({ hash, size }))).toEqual(xorb.chunks);
    const records = new XorbReader().push(xorb.bytes);
    expect(Buffer.concat(records.map(readChunk)).equals(Buffer.from(bytes))).toBe(true);
  });

  test("builds in memory that it is given, again and again", () => {
    const memory = new Uint8Array(MAX_SERIALIZED_XORB_BYTES);
    for (const [size, kind] of [
      [300_000, "lcg"],
      [200_000, "text"],
    ] as const) {
      const builder = new XorbBuilder(memory);
      const chunker = new Chunker();
      const bytes = content({ kind, size });
      for (const chunk of [...chunker.push(bytes), ...chunker.finish()]) builder.add(chunk);
      const xorb = builder.finish();
      expect(xorb.bytes.buffer).toBe(memory.buffer);
      expect(xorb.hash).toBe(build(bytes).hash);
      expect(Buffer.from(xorb.bytes).equals(Buffer.from(build(bytes).bytes))).toBe(true);
    }
  });

  test("groups the bytes of weights and stores noise as it is", () => {
    const scheme = (kind: "weights" | "lcg") =>
      compressChunk(content({ kind, size: 65536 })).scheme;
    expect(scheme("weights")).toBe(SCHEMES.groupedLz4);
    expect(scheme("lcg")).toBe(SCHEMES.none);
    const source = readFileSync("packages/xet/src/kernel/kernel.wat").subarray(0, 60_000);
    expect(compressChunk(source).scheme).toBe(SCHEMES.lz4);
  });

  test("refuses empty and over-long chunks, and the 8193rd", () => {
    const builder = new XorbBuilder();
    const hash = chunkHash(new Uint8Array(1));
    expect(() => builder.add({ hash, data: new Uint8Array(0) })).toThrow(RangeError);
    expect(() => builder.add({ hash, data: new Uint8Array(131_073) })).toThrow(RangeError);
    for (let i = 0; i < MAX_XORB_CHUNKS; i++) builder.add({ hash, data: new Uint8Array(1) });
    expect(builder.fits(1)).toBe(false);
    expect(() => builder.add({ hash, data: new Uint8Array(1) })).toThrow(RangeError);
  });
});

describe("XorbVerifier refuses", () => {
  const xorb = build(content({ kind: "text", size: 100_000 }));
  const broken = (change: (bytes: Uint8Array) => void): Uint8Array => {
    const bytes = xorb.bytes.slice();
    change(bytes);
    return bytes;
  };
  const set = (at: number, ...values: number[]) => broken((bytes) => bytes.set(values, at));

  test.each([
    ["an empty one", new Uint8Array(0)],
    ["one that is cut short", xorb.bytes.subarray(0, -1)],
    ["a header that is cut short", xorb.bytes.subarray(0, 5)],
    ["another version", set(0, 1)],
    ["an unknown scheme", set(4, 3)],
    ["a chunk of no bytes", set(5, 0, 0, 0)],
    ["a chunk above 128 KiB", set(5, 1, 0, 2)],
    ["a stored chunk of no bytes", set(1, 0, 0, 0)],
    ["a stored chunk above 256 KiB", set(1, 1, 0, 4)],
    ["another length than is stored", set(5, 1, 0, 0)],
    ["bytes that are no LZ4", set(8, 0)],
    ["trailing garbage", concatBytes([xorb.bytes, new Uint8Array([9])])],
    ["trailing garbage of a header's length", concatBytes([xorb.bytes, new Uint8Array(9).fill(9)])],
  ])("%s", (_, bytes) => {
    expect(() => verify(bytes, xorb.hash, 5000)).toThrow(XorbFormatError);
  });

  test("changed content", () => {
    const plain = build(content({ kind: "lcg", size: 20_000 }));
    const bytes = plain.bytes.slice();
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    expect(() => verify(bytes, plain.hash)).toThrow(XetHashMismatchError);
  });

  test("more than 8192 chunks", () => {
    const record = concatBytes([new Uint8Array([0, 1, 0, 0, 0, 1, 0, 0]), new Uint8Array([7])]);
    const verifier = new XorbVerifier();
    for (let i = 0; i < MAX_XORB_CHUNKS; i++) verifier.push(record);
    expect(() => verifier.push(record)).toThrow(XorbFormatError);
  });

  test("more than 64 MiB as stored, however little a reader holds", () => {
    const size = 131_072;
    const header = Uint8Array.of(0, 0, 0, 2, SCHEMES.none, 0, 0, 2);
    const record = concatBytes([header, new Uint8Array(size)]);
    const verifier = new XorbVerifier();
    expect(() => {
      for (let i = 0; i < 513; i++) verifier.push(record);
    }).toThrow(/at most 67174400 bytes/);
  });

  test("any single changed byte, or notices it", () => {
    const small = build(content({ kind: "text", size: 9000 }));
    for (let at = 0; at < small.bytes.length; at += 3) {
      const bytes = small.bytes.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      let accepted = true;
      try {
        verify(bytes, small.hash);
      } catch (error) {
        accepted = false;
        expect(error instanceof XorbFormatError || error instanceof XetHashMismatchError).toBe(
          true,
        );
      }
      expect(accepted, `byte ${at}`).toBe(false);
    }
  });
});

describe("LZ4 frames", () => {
  /** Blocks given as [stored, bytes]; the frame says what `flags` say. */
  function frame(flags: number, blocks: readonly (readonly [boolean, Uint8Array])[], extra = {}) {
    const { content: whole, size } = extra as { content?: Uint8Array; size?: number };
    const word = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
    const descriptor = concatBytes([
      Uint8Array.of(flags, 0x40),
      flags & 8 ? concatBytes([word(size ?? 0), word(0)]) : new Uint8Array(0),
    ]);
    const parts: Uint8Array[] = [
      word(0x184d2204),
      descriptor,
      Uint8Array.of((xxHash32(descriptor) >>> 8) & 255),
    ];
    for (const [stored, bytes] of blocks) {
      parts.push(word(stored ? bytes.length + 0x80000000 : bytes.length), bytes);
      if (flags & 0x10) parts.push(word(xxHash32(bytes)));
    }
    parts.push(word(0));
    if (flags & 4) parts.push(word(xxHash32(whole ?? new Uint8Array(0))));
    return concatBytes(parts);
  }
  const text = new TextEncoder().encode("abcdefgh");

  test.each([0, 1, 12, 13, 100, 65536, 65537, 131072])("%i bytes of text round-trip", (size) => {
    const bytes = content({ kind: "text", size: 140_000 }).subarray(0, size);
    const compressed = lz4Compress(bytes);
    if (size < 100) expect(compressed).toBeUndefined();
    else expect(toHex(lz4Decompress(compressed!, size))).toBe(toHex(bytes));
  });

  test("stored blocks, checksums and the content size are read", () => {
    const all = frame(0x7c, [[true, text]], { content: text, size: 8 });
    expect(lz4Decompress(all, 8)).toEqual(text);
  });

  test("a linked block may look back into the one before; an independent one may not", () => {
    // Token: no literals, a match of 8 at distance 8; then five literals, as a block must end.
    const back = Uint8Array.of(0x04, 8, 0, 0x50, 1, 2, 3, 4, 5);
    const expected = concatBytes([text, text, Uint8Array.of(1, 2, 3, 4, 5)]);
    expect(
      lz4Decompress(
        frame(0x40, [
          [true, text],
          [false, back],
        ]),
        21,
      ),
    ).toEqual(expected);
    expect(() =>
      lz4Decompress(
        frame(0x60, [
          [true, text],
          [false, back],
        ]),
        21,
      ),
    ).toThrow(Lz4Error);
  });

  test("overlapping matches of every distance", () => {
    for (let distance = 1; distance <= 20; distance++) {
      const seed = Uint8Array.from({ length: distance }, (_, i) => i + 1);
      const expected = Uint8Array.from({ length: 300 }, (_, i) => (i % distance) + 1);
      const compressed = lz4Compress(expected);
      expect(compressed!.length).toBeLessThan(60);
      expect(lz4Decompress(compressed!, 300), String(seed)).toEqual(expected);
    }
  });

  test.each([
    ["no frame", text],
    ["a wrong header checksum", frame(0x60, [[true, text]]).with(6, 0)],
    ["reserved flags", frame(0x62, [[true, text]])],
    ["a dictionary", frame(0x61, [[true, text]])],
    ["a missing end mark", frame(0x60, [[true, text]]).subarray(0, -4)],
    ["bytes after the end", concatBytes([frame(0x60, [[true, text]]), text])],
    ["a wrong content checksum", frame(0x64, [[true, text]], { content: new Uint8Array(1) })],
    ["a wrong content size", frame(0x68, [[true, text]], { size: 9 })],
    ["too little content", frame(0x60, [[true, text.subarray(1)]])],
    [
      "too much content",
      frame(0x60, [
        [true, text],
        [true, text],
      ]),
    ],
    ["a match before the start", frame(0x60, [[false, Uint8Array.of(0x14, 1, 2, 0, 0)]])],
    ["a match at distance 0", frame(0x60, [[false, Uint8Array.of(0x14, 1, 0, 0, 0)]])],
    ["literals beyond the block", frame(0x60, [[false, Uint8Array.of(0xf0, 255, 255)]])],
    ["an offset that is cut short", frame(0x60, [[false, Uint8Array.of(0x10, 1, 1)]])],
  ])("%s is refused", (_, bytes) => {
    expect(() => lz4Decompress(bytes, 8)).toThrow(Lz4Error);
  });

  test("grouped bytes of every length come back", () => {
    const bytes = content({ kind: "weights", size: 5000 });
    const { group, ungroup, bytes: memory } = kernel();
    for (const size of [0, 1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 63, 64, 4999, 5000]) {
      memory.set(bytes.subarray(0, size), 0x10000);
      group(0x10000, size, 0x30000);
      ungroup(0x30000, size, 0x50000);
      expect(memory.slice(0x50000, 0x50000 + size)).toEqual(bytes.slice(0, size));
    }
  });

  test("expandAt() refuses a stored chunk of another length", () => {
    expect(() => expandAt(SCHEMES.none, text, 7)).toThrow(Lz4Error);
  });
});
