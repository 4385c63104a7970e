import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsupportedComponentError } from "@bearhug/tokenizers";
import { afterEach, describe, expect, test } from "vitest";
import { PretrainedFileMissingError } from "../errors.ts";
import { AutoTokenizer } from "./auto-tokenizer.ts";
import { TokenizerConfigError } from "./errors.ts";

const FIXTURES = new URL("../../../../fixtures/transformers/", import.meta.url);
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function folderWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bearhug-tokenizer-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  return folder;
}

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly input: readonly string[];
  readonly truncation: boolean;
  readonly expected: {
    readonly inputIds: readonly (readonly number[])[];
    readonly attentionMask: readonly (readonly number[])[];
    readonly tokenTypeIds: readonly (readonly number[])[];
    readonly decoded: readonly string[];
    readonly skipped: readonly string[];
    readonly maskTokenId: number;
    readonly padTokenId: number;
  };
}

const text = await readFile(new URL("pipelines-tokenizers.json", FIXTURES), "utf8");
const cases: readonly Case[] = JSON.parse(text).cases;

describe("AutoTokenizer.fromPretrained() agrees with the reference", () => {
  test.each(cases)("$name", async ({ files, input, truncation, expected }) => {
    const tokenizer = await AutoTokenizer.fromPretrained(await folderWith(files));
    using batch = tokenizer.encodeBatch(input, { truncation });
    const rows = ({ data, shape }: { data: Int32Array; shape: readonly number[] }) =>
      Array.from({ length: shape[0] ?? 0 }, (_, row) => {
        const width = shape[1] ?? 0;
        return [...data.subarray(row * width, (row + 1) * width)];
      });
    const ids = rows(batch.inputIds);
    expect(ids).toEqual(expected.inputIds);
    expect(rows(batch.attentionMask)).toEqual(expected.attentionMask);
    expect(rows(batch.tokenTypeIds)).toEqual(expected.tokenTypeIds);
    expect(ids.map((row) => tokenizer.decode(row))).toEqual(expected.decoded);
    const skipped = ids.map((row) => tokenizer.decode(row, { skipSpecialTokens: true }));
    expect(skipped).toEqual(expected.skipped);
    expect(tokenizer.maskTokenId).toBe(expected.maskTokenId);
    expect(tokenizer.padTokenId).toBe(expected.padTokenId);
  });
});

describe("AutoTokenizer.fromPretrained() names what is wrong", () => {
  test("no tokenizer at all", async () => {
    const loading = AutoTokenizer.fromPretrained(await folderWith({ "config.json": {} }));
    await expect(loading).rejects.toThrow(PretrainedFileMissingError);
  });

  test("a field of tokenizer_config.json", async () => {
    const vocabulary = "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n";
    const files = { "vocab.txt": vocabulary, "tokenizer_config.json": { do_lower_case: 1 } };
    const loading = AutoTokenizer.fromPretrained(await folderWith(files));
    await expect(loading).rejects.toThrow(TokenizerConfigError);
    await expect(loading).rejects.toThrow(/tokenizer_config\.do_lower_case must be true or false/);
  });

  test("a vocab.txt without special tokens", async () => {
    const loading = AutoTokenizer.fromPretrained(await folderWith({ "vocab.txt": "a\nb\n" }));
    await expect(loading).rejects.toThrow(/vocab\.txt has no line "\[CLS\]"/);
  });

  test("a component that is not supported", async () => {
    const model = { type: "WordLevel", vocab: { a: 0 }, unk_token: "a" };
    const normalizers = [{ type: "NFC" }, { type: "Simplify" }];
    const json = { version: "1.0", model, normalizer: { type: "Sequence", normalizers } };
    const loading = AutoTokenizer.fromPretrained(await folderWith({ "tokenizer.json": json }));
    await expect(loading).rejects.toThrow(UnsupportedComponentError);
    await expect(loading).rejects.toMatchObject({ path: "normalizer.normalizers[1]" });
  });
});
