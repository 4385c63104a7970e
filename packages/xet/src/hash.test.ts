import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { content, type Recipe } from "../../../fixtures/xet/content.ts";
import { Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from "./chunker.ts";
import {
  chunkHash,
  EMPTY_HASH,
  fileHash,
  formatHash,
  keyedHash,
  parseHash,
  verificationHash,
  xorbHash,
} from "./hash.ts";
import { Sha256 } from "./sha256.ts";

const { cases } = JSON.parse(readFileSync("fixtures/xet/hashes.json", "utf8"));

function chunksOf(bytes: Uint8Array, piece = bytes.length || 1) {
  const chunker = new Chunker();
  const chunks: { hash: string; size: number }[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    for (const { hash, data } of chunker.push(bytes.subarray(at, at + piece))) {
      chunks.push({ hash, size: data.length });
    }
  }
  for (const { hash, data } of chunker.finish()) chunks.push({ hash, size: data.length });
  return chunks;
}

test("the committed kernel is what kernel.wat compiles to", () => {
  const check = ["tools/build-xet-kernel.mjs", "--check"];
  expect(() => execFileSync(process.execPath, check, { stdio: "pipe" })).not.toThrow();
});

describe("fileHash() agrees with hf_xet", () => {
  test.each(cases as { name: string; input: Recipe; expected: string }[])("$name", (golden) => {
    expect(fileHash(chunksOf(content(golden.input)))).toBe(golden.expected);
  });
});

describe("vectors of the protocol", () => {
  test("hello world", () => {
    const chunks = chunksOf(new TextEncoder().encode("hello world"));
    const hash = "4e39378b9d359f118190557a1f44130219a54e5fcfa07bd96cf50b466fe651b1";
    expect(chunks).toEqual([{ hash, size: 11 }]);
    expect(xorbHash(chunks)).toBe(hash);
    expect(fileHash(chunks)).toBe(
      "f15edd43b7e85cfd25e2758ffe13b99fdd09dfa817e8d9f6548722a7a126db7f",
    );
    expect(verificationHash([hash])).toBe(
      "22ef2fdcff5cea306e42ad7e15ed8a0c5e789e7d2ec34658c10d2758946847da",
    );
  });

  test("nothing", () => {
    expect(chunksOf(new Uint8Array(0))).toEqual([]);
    expect(xorbHash([])).toBe(EMPTY_HASH);
    expect(fileHash([])).toBe(EMPTY_HASH);
  });

  test("a MiB of zeros", () => {
    const chunks = chunksOf(new Uint8Array(1 << 20));
    expect(chunks.map((chunk) => chunk.size)).toEqual(Array(8).fill(131072));
    expect(xorbHash(chunks)).toBe(
      "8c15d5bfe292d5f8f3b992149581636a5c4078ce9c4349d43f1a762ba0609839",
    );
  });

  test("a million pseudo-random bytes", () => {
    const chunks = chunksOf(content({ kind: "lcg", size: 1_000_000 }));
    expect(chunks.length).toBe(16);
    expect(chunks.slice(0, 4).map((chunk) => chunk.size)).toEqual([57662, 24758, 106673, 13684]);
    expect(chunks[0].hash).toBe("fbc53e2bca238934740b608fb1982e164a293ac91a5b876f18b86b4a5bedbdbb");
    expect(xorbHash(chunks)).toBe(
      "dd73518075d638c003c5be98fd8c5860bc8da8bdfb9a20df242ded229728fb5f",
    );
    expect(verificationHash(chunks.map((chunk) => chunk.hash))).toBe(
      "c39e2e78d5be2ba021df8fce992039cf1ad95e1663fb1960bd6efb5c0db6268b",
    );
  });

  test("ten million pseudo-random bytes", () => {
    const chunks = chunksOf(content({ kind: "lcg", size: 10_000_000 }));
    expect(chunks.length).toBe(158);
    expect(xorbHash(chunks)).toBe(
      "4c880262f8800144980440136f1ecc133a7798b05f25594806c1ab5f02a13b86",
    );
    expect(fileHash(chunks)).toBe(
      "2d70e66d22eb623d366c12243619262b8a7359f30bc688622bd962f4cfe93396",
    );
  });
});

describe("Chunker", () => {
  const bytes = content({ kind: "lcg", size: 700_000, seed: 9 });

  test.each([1000, 8191, 65536, 262_144])("pieces of %i bytes give the same chunks", (piece) => {
    expect(chunksOf(bytes, piece)).toEqual(chunksOf(bytes));
  });

  test("a stream of single bytes gives the same chunks", () => {
    const short = bytes.subarray(0, 90_000);
    expect(chunksOf(short, 1)).toEqual(chunksOf(short));
  });

  test("data adds up to the stream, within the limits", () => {
    const chunker = new Chunker();
    const chunks = [
      ...chunker.push(bytes.subarray(0, 300_001)),
      ...chunker.push(bytes.subarray(300_001)),
    ];
    const all = [...chunks, ...chunker.finish()];
    expect(Buffer.concat(all.map((chunk) => chunk.data)).equals(Buffer.from(bytes))).toBe(true);
    expect(chunks.every(({ data }) => data.length >= MIN_CHUNK_BYTES)).toBe(true);
    expect(all.every(({ data }) => data.length <= MAX_CHUNK_BYTES)).toBe(true);
    for (const { hash, data } of all) expect(chunkHash(data)).toBe(hash);
  });

  test("an insertion at the start changes few chunks", () => {
    const before = new Set(chunksOf(bytes).map((chunk) => chunk.hash));
    const moved = new Uint8Array(bytes.length + 100);
    moved.set(bytes, 100);
    const changed = chunksOf(moved).filter((chunk) => !before.has(chunk.hash));
    expect(changed.length).toBeLessThanOrEqual(3);
  });

  test("two streams at once do not disturb each other", () => {
    const [first, second] = [new Chunker(), new Chunker()];
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += 30_000) {
      found.push(...first.push(bytes.subarray(at, at + 30_000)).map((chunk) => chunk.hash));
      second.push(bytes.subarray(0, 50_000));
    }
    found.push(...first.finish().map((chunk) => chunk.hash));
    expect(found).toEqual(chunksOf(bytes).map((chunk) => chunk.hash));
  });
});

describe("hash strings", () => {
  const raw = Uint8Array.from({ length: 32 }, (_, i) => i);
  const text = "07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918";

  test("each group of eight bytes is one little-endian number", () => {
    expect(formatHash(raw)).toBe(text);
    expect(parseHash(text)).toEqual(raw);
  });

  test.each(["", "abc", text.toUpperCase(), `${text}0`, text.replace("0", "g")])(
    "parseHash() refuses %j",
    (wrong) => {
      expect(() => parseHash(wrong)).toThrow(SyntaxError);
    },
  );

  test("keyedHash() depends on key and hash, and refuses short keys", () => {
    const key = new Uint8Array(32).fill(7);
    expect(keyedHash(key, text)).not.toBe(keyedHash(new Uint8Array(32), text));
    expect(() => keyedHash(new Uint8Array(31), text)).toThrow(RangeError);
  });
});

describe("Sha256", () => {
  test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 3_000_001])("%i bytes", async (size) => {
    const bytes = content({ kind: "lcg", size, seed: 5 });
    const expected = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
    expect(new Sha256().update(bytes).digest()).toBe(expected);
    const streamed = new Sha256();
    for (let at = 0; at < size; at += 100_003) streamed.update(bytes.subarray(at, at + 100_003));
    expect(streamed.digest()).toBe(expected);
  });
});
