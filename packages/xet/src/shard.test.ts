import { readFileSync } from "node:fs";
import { fromBase64 } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { ShardFormatError } from "./errors.ts";
import { fileHash, verificationHash } from "./hash.ts";
import { Shard, type ShardContent, serializeShard } from "./shard.ts";
import { XorbVerifier } from "./xorb.ts";

const golden = JSON.parse(readFileSync("fixtures/xet/upload.json", "utf8"));
const reference = fromBase64(golden.shard);
const hash = (digit: string) => digit.repeat(64);

const sample: ShardContent = {
  files: [
    {
      hash: hash("1"),
      terms: [
        { xorb: hash("2"), start: 0, end: 3, size: 100 },
        { xorb: hash("3"), start: 4, end: 5, size: 20 },
      ],
      verification: [hash("4"), hash("5")],
      sha256: hash("6"),
    },
    { hash: hash("0"), terms: [], verification: undefined, sha256: undefined },
  ],
  xorbs: [
    {
      hash: hash("2"),
      chunks: [
        { hash: hash("7"), size: 60 },
        { hash: hash("8"), size: 40 },
      ],
      rawBytes: 100,
      serializedBytes: 90,
    },
  ],
};

function contentOf(shard: Shard): ShardContent {
  return { files: [...shard.files()], xorbs: [...shard.xorbs()], footer: shard.footer };
}

describe("a shard that hf_xet wrote", () => {
  const shard = Shard.parse(reference);
  const verifier = new XorbVerifier();
  verifier.push(fromBase64(golden.xorb));

  test("describes the xorb's chunks", () => {
    expect(shard.footer).toBeUndefined();
    const [xorb] = shard.xorbs();
    expect(xorb?.hash).toBe(golden.xorbHash);
    expect(xorb?.chunks).toEqual(
      verifier.chunks.map((chunk) => ({ hash: chunk.hash, size: chunk.size })),
    );
    expect(xorb?.rawBytes).toBe(verifier.rawBytes);
  });

  test("registers the files, with hashes that follow from the chunks", () => {
    const files = [...shard.files()];
    expect(files.map((file) => file.hash).sort()).toEqual([...golden.files].sort());
    for (const file of files) {
      const pieces = file.terms.map((term) => verifier.chunks.slice(term.start, term.end));
      expect(fileHash(pieces.flat())).toBe(file.hash);
      expect(file.verification).toEqual(
        pieces.map((chunks) => verificationHash(chunks.map((chunk) => chunk.hash))),
      );
      expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  test("is written back byte for byte but for unused fields", () => {
    const written = serializeShard(contentOf(shard));
    expect(contentOf(Shard.parse(written))).toEqual(contentOf(shard));
    expect(written.length).toBe(reference.length);
  });
});

describe("serializeShard()", () => {
  test("round-trips without a footer", () => {
    expect(contentOf(Shard.parse(serializeShard(sample)))).toEqual({
      ...sample,
      footer: undefined,
    });
  });

  test("round-trips with a footer", () => {
    const footer = {
      key: new Uint8Array(32).fill(3),
      createdAt: 1_800_000_000,
      expiresAt: 1_900_000_000,
    };
    const bytes = serializeShard({ ...sample, footer });
    expect(contentOf(Shard.parse(bytes))).toEqual({ ...sample, footer });
    const view = new DataView(bytes.buffer, bytes.length - 200);
    expect(Number(view.getBigUint64(192, true))).toBe(bytes.length - 200);
    expect(Number(view.getBigUint64(24, true))).toBe(bytes.length - 200);
  });

  test("a footer without key and expiry says so", () => {
    const { footer } = Shard.parse(serializeShard({ ...sample, footer: { createdAt: 5 } }));
    expect(footer).toEqual({ key: undefined, createdAt: 5, expiresAt: undefined });
  });
});

describe("Shard.parse() refuses", () => {
  const bytes = serializeShard({ ...sample, footer: { createdAt: 1 } });
  const set = (at: number, ...values: number[]) => {
    const copy = bytes.slice();
    copy.set(values, at < 0 ? bytes.length + at : at);
    return copy;
  };
  test.each([
    ["nothing", new Uint8Array(0)],
    ["other bytes", set(0, 0)],
    ["another version", set(32, 3)],
    ["a footer of another length", set(40, 100)],
    ["another footer version", set(-200, 2)],
    ["a missing footer", bytes.subarray(0, -200)],
    ["a missing bookend", bytes.subarray(0, -300)],
    ["more terms than there is room for", set(48 + 36, 255, 255, 255, 255)],
  ])("%s", (_, broken) => {
    expect(() => Shard.parse(broken)).toThrow(ShardFormatError);
  });

  test("a term without chunks, once it is read", () => {
    const shard = Shard.parse(set(48 + 48 + 44, 0));
    expect(() => [...shard.files()]).toThrow(ShardFormatError);
  });

  test("chunks of a xorb that do not follow each other, once it is read", () => {
    const [file, empty] = [48 * (1 + 2 + 2 + 1), 48];
    const at = 48 + file + empty + 48 + 48 + 48 + 32;
    const shard = Shard.parse(set(at, 61));
    expect(() => [...shard.xorbs()]).toThrow(ShardFormatError);
  });
});
