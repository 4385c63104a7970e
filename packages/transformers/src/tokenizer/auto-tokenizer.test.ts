import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UnsupportedComponentError } from "@bearhug/tokenizers";
import { afterEach, describe, expect, test } from "vitest";
import { PretrainedFileMissingError } from "../errors.ts";
import { AutoTokenizer } from "./auto-tokenizer.ts";
import type { TokenizeBatchOptions } from "./encode-options.ts";
import { PadTokenMissingError, RaggedBatchError, TokenizerConfigError } from "./errors.ts";

const FIXTURES = new URL("../../../../fixtures/transformers/", import.meta.url);
const TOKENIZER = new URL("../tokenizers/tiny-bert-tokenizer.json", FIXTURES);
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
    const folder = await folderWith({ "config.json": {} });
    const loading = AutoTokenizer.fromPretrained(folder);
    await expect(loading).rejects.toThrow(PretrainedFileMissingError);
    await expect(loading).rejects.toMatchObject({ model: folder, file: "tokenizer.json" });
    const gguf = AutoTokenizer.fromPretrained(folder, { ggufFile: "model.gguf" });
    await expect(gguf).rejects.toMatchObject({ file: "model.gguf" });
  });

  const flags = { lstrip: false, rstrip: false, single_word: false, normalized: false };
  test.each([
    ["tokenizer_config.json", "{", /tokenizer_config\.json is not JSON/],
    ["tokenizer_config.json", [], /tokenizer_config\.json must be an object/],
    ["tokenizer_config.json", { do_lower_case: 1 }, /tokenizer_config\.do_lower_case must be true/],
    ["tokenizer_config.json", { pad_token: 5 }, /tokenizer_config\.pad_token must be a string/],
    [
      "tokenizer_config.json",
      { pad_token: { content: "<p>", lstrip: "no" } },
      /tokenizer_config\.pad_token\.lstrip must be true or false/,
    ],
    [
      "tokenizer_config.json",
      { padding_side: "up" },
      /tokenizer_config\.padding_side must be one of "left", "right"/,
    ],
    [
      "tokenizer_config.json",
      { model_max_length: "512" },
      /tokenizer_config\.model_max_length must be a number/,
    ],
    [
      "tokenizer_config.json",
      { extra_special_tokens: ["<x>", 1] },
      /tokenizer_config\.extra_special_tokens\[1\] must be a string/,
    ],
    [
      "tokenizer_config.json",
      { added_tokens_decoder: { 7: { ...flags, content: null } } },
      /tokenizer_config\.added_tokens_decoder\["7"\]\.content must be a string/,
    ],
    [
      "tokenizer_config.json",
      { added_tokens_decoder: { 7: "<x>" } },
      /tokenizer_config\.added_tokens_decoder\["7"\] must be an object/,
    ],
    [
      "tokenizer_config.json",
      { chat_template: [{ name: "default" }] },
      /tokenizer_config\.chat_template\[0\]\.template must be a string/,
    ],
    [
      "tokenizer_config.json",
      { chat_template: 1 },
      /tokenizer_config\.chat_template must be an array/,
    ],
    ["tokenizer_config.json", { model_input_names: "x" }, /model_input_names must be an array/],
    ["special_tokens_map.json", { cls_token: [] }, /tokenizer_config\.cls_token must be a string/],
    ["added_tokens.json", { "<x>": "7" }, /added_tokens\["<x>"\] must be an id/],
    ["config.json", "nothing", /config\.json is not JSON/],
  ])("%s with %j", async (name, content, reason) => {
    const tokenizer = await readFile(TOKENIZER, "utf8");
    const config = { tokenizer_class: "BertTokenizer" };
    const folder = await folderWith({
      "tokenizer.json": tokenizer,
      "tokenizer_config.json": config,
      ...(isFields(content) && name === "tokenizer_config.json"
        ? { [name]: { ...config, ...content } }
        : { [name]: content }),
    });
    const loading = AutoTokenizer.fromPretrained(folder);
    await expect(loading).rejects.toThrow(TokenizerConfigError);
    await expect(loading).rejects.toThrow(reason);
    await expect(loading).rejects.toThrow(`Cannot load the tokenizer of "${folder}"`);
  });

  test("a class whose rows need a token that the vocabulary lacks", async () => {
    const model = { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] };
    const folder = await folderWith({
      "tokenizer.json": { version: "1.0", model },
      "tokenizer_config.json": { tokenizer_class: "HerbertTokenizer", cls_token: null },
    });
    const loading = AutoTokenizer.fromPretrained(folder);
    await expect(loading).rejects.toThrow(
      /HerbertTokenizer needs more special tokens than are named/,
    );
  });

  test("a vocab.txt without special tokens", async () => {
    const loading = AutoTokenizer.fromPretrained(await folderWith({ "vocab.txt": "a\nb\n" }));
    await expect(loading).rejects.toThrow(TokenizerConfigError);
    await expect(loading).rejects.toThrow(/vocab\.txt has no /);
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

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

describe("AutoTokenizer.fromPretrained() reads the files that came before tokenizer.json", () => {
  test("vocab.json and merges.txt", async () => {
    const tokenizer = await AutoTokenizer.fromPretrained(
      await folderWith({
        "vocab.json": { a: 0, b: 1, ab: 2, Ġ: 3, Ġab: 4, "<|endoftext|>": 5 },
        "merges.txt": "#version: 0.2\na b\nĠ ab\n",
      }),
    );
    expect([...tokenizer.encode("ab ab").ids]).toEqual([2, 4]);
    expect(tokenizer.eosToken).toBe("<|endoftext|>");
    expect(tokenizer.traits.className).toBe("GPT2Tokenizer");
  });

  test("a tiktoken file under SentencePiece's name", async () => {
    const bytes = Array.from({ length: 256 }, (_, i) => Uint8Array.of(i));
    const lines = [...bytes, new TextEncoder().encode("ab")].map(
      (token, rank) => `${Buffer.from(token).toString("base64")} ${rank}`,
    );
    const tokenizer = await AutoTokenizer.fromPretrained(
      await folderWith({ "tokenizer.model": `${lines.join("\n")}\n` }),
    );
    expect([...tokenizer.encode("abc").ids]).toEqual([256, 99]);
  });
});

describe("PretrainedTokenizer", () => {
  const load = async (config: object = {}) =>
    AutoTokenizer.fromPretrained(
      await folderWith({
        "tokenizer.json": await readFile(TOKENIZER, "utf8"),
        "tokenizer_config.json": { tokenizer_class: "BertTokenizer", ...config },
      }),
    );

  test("without a padding token fills nothing up, and says so", async () => {
    const tokenizer = await load({ pad_token: null });
    expect(() => tokenizer.encodeBatch(["a", "a b"])).toThrow(PadTokenMissingError);
    expect(() => tokenizer.encodeRows(["a", "a b"], { padding: true })).toThrow(
      PadTokenMissingError,
    );
    expect(tokenizer.encodeBatch(["a", "b"]).inputIds.shape).toEqual([2, 3]);
    const padded = tokenizer.addSpecialTokens({ padToken: tokenizer.sepToken ?? "" });
    expect(padded.padTokenId).toBe(tokenizer.sepTokenId);
    expect(padded.size).toBe(tokenizer.size);
    expect(padded.encodeBatch(["a", "a b"]).inputIds.shape).toEqual([2, 4]);
  });

  test("makes no tensor of rows that differ in length when padding is off", async () => {
    const tokenizer = await load();
    const run = () => tokenizer.encodeBatch(["a", "a b"], { padding: false });
    expect(run).toThrow(RaggedBatchError);
    expect(run).toThrow("Cannot make a tensor of rows of 3 to 4 tokens: padding is off");
    expect(tokenizer.encodeRows(["a", "a b"]).encodings.map(({ length }) => length)).toEqual([
      3, 4,
    ]);
  });

  test.each([
    [{ maxLength: 0 }, /maxLength must be an integer of 1 or more, got 0/],
    [{ maxLength: 2.5 }, /maxLength/],
    [{ stride: -1 }, /stride must be an integer of 0 or more/],
    [{ padToMultipleOf: 0 }, /padToMultipleOf must be an integer of 1 or more/],
    [
      { truncation: true, padding: true, maxLength: 9, padToMultipleOf: 8 },
      /maxLength must be a multiple of padToMultipleOf \(8\)/,
    ],
    [{ padding: "most" }, /padding must be true, false, "longest" or "max-length", got "most"/],
    [{ truncation: "first", maxLength: 4 }, /truncation must be true, false, "longest-first"/],
  ])("refuses %j", async (options, reason) => {
    const tokenizer = await load();
    // What a caller without types might pass.
    const run = () => tokenizer.encodeRows(["a"], options as TokenizeBatchOptions);
    expect(run).toThrow(RangeError);
    expect(run).toThrow(reason);
  });

  test("addTokens() and addSpecialTokens() leave the tokenizer as it was", async () => {
    const tokenizer = await load();
    const more = tokenizer.addTokens(["<new>"]).addSpecialTokens({
      extraSpecialTokens: ["<extra>"],
      maskToken: "<mask>",
    });
    expect(more.size).toBe(tokenizer.size + 3);
    expect(tokenizer.tokenToId("<new>")).toBeUndefined();
    expect(more.tokenize("a<new>b<extra><mask>")).toEqual(["a", "<new>", "b", "<extra>", "<mask>"]);
    expect(more.maskToken).toBe("<mask>");
    expect(more.allSpecialTokens).toContain("<extra>");
    expect(more.allSpecialTokens).not.toContain("<new>");
    const { ids } = more.encode("a<new><extra>");
    expect(more.decode(ids, { skipSpecialTokens: true })).toBe("a <new>");
    expect([...more.specialTokensMask(ids)]).toEqual([1, 0, 0, 1, 1]);
    expect(more.convertIdsToTokens(ids, { skipSpecialTokens: true })).toEqual(["a", "<new>"]);
    const folder = await folderWith({});
    await more.savePretrained(folder);
    const again = await AutoTokenizer.fromPretrained(folder);
    expect(again.encode("a<new><extra><mask>").ids).toEqual(more.encode("a<new><extra><mask>").ids);
    expect(again.allSpecialTokens).toEqual(more.allSpecialTokens);
  });

  test("with() changes settings, and rows of tensors decode", async () => {
    const tokenizer = (await load()).with({ paddingSide: "left", modelMaxLength: 4 });
    const batch = tokenizer.encodeBatch(["a b c d", "a"], { truncation: true });
    expect(batch.inputIds.shape).toEqual([2, 4]);
    expect(batch.starts).toEqual([0, 1]);
    expect(tokenizer.batchDecode(batch.inputIds)).toEqual([
      "[CLS] a b [SEP]",
      "[PAD] [CLS] a [SEP]",
    ]);
    const wide = tokenizer.prepare(["a"], { padding: "max-length" });
    expect(wide["input_ids"]?.data).toBeInstanceOf(BigInt64Array);
    expect(tokenizer.batchDecode(wide["input_ids"] ?? [], { skipSpecialTokens: true })).toEqual([
      "a",
    ]);
    const narrow = tokenizer.prepare(["a"], { dtype: "int32" });
    expect(narrow["attention_mask"]?.data).toEqual(Int32Array.of(1, 1, 1));
  });

  test("savePretrained() refuses a template whose name leads out of the folder", async () => {
    const tokenizer = (await load()).with({ chatTemplates: { "../evil": "x" } });
    await expect(tokenizer.savePretrained(await folderWith({}))).rejects.toThrow(RangeError);
  });

  test("applyChatTemplate() gives ids, and which the assistant wrote", async () => {
    const chat_template =
      "{% for m in messages %}[{{ m.role }}] {% generation %}{{ m.content if m.role == 'assistant' }}{% endgeneration %}{{ m.content if m.role != 'assistant' }} {% endfor %}";
    const tokenizer = await load({ chat_template });
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b c" },
      { role: "user", content: "d" },
    ];
    const { text, ids, encoding, assistantTokensMask } = tokenizer.applyChatTemplate(messages);
    expect(text).toBe("[user] a [assistant] b c [user] d ");
    expect(ids).toEqual(tokenizer.encode(text, { addSpecialTokens: false }).ids);
    const marked = encoding.tokens.filter((_, i) => assistantTokensMask[i] === 1);
    expect(marked).toEqual(["b", "c"]);
    const cut = tokenizer.applyChatTemplate(messages, { maxLength: 4, truncation: true });
    expect(cut.ids).toEqual(ids.subarray(0, 4));
    expect([...cut.assistantTokensMask]).toEqual([0, 0, 0, 0]);
    const other = tokenizer.renderChatTemplate(messages, { chatTemplate: "{{ sep_token }}" });
    expect(other).toBe("[SEP]");
  });
});
