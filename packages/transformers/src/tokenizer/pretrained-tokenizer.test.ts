import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { EncodeInput } from "@bearhug/tokenizers";
import { afterAll, describe, expect, test } from "vitest";
import { AutoTokenizer } from "./auto-tokenizer.ts";
import type { PaddingStrategy, TokenizeBatchOptions, TruncationChoice } from "./encode-options.ts";
import type { PretrainedTokenizer } from "./pretrained-tokenizer.ts";
import type { TokenizerSettings } from "./tokenizer-options.ts";

const FIXTURES = new URL("../../../../fixtures/transformers/tokenizers/", import.meta.url);
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function fixture(name: string) {
  return JSON.parse(await readFile(new URL(`${name}.json`, FIXTURES), "utf8"));
}

const loading = await fixture("loading");
const calls = await fixture("calls");

/** A folder with these files; in tokenizer.json a model stands by its name. */
async function folderWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bearhug-tokenizer-"));
  folders.push(folder);
  const all: Readonly<Record<string, unknown>> = {
    "config.json": { model_type: "unheard-of" },
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const json = content as { readonly model: string };
    const value = name === "tokenizer.json" ? { ...json, model: loading.models[json.model] } : json;
    await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
  }
  return folder;
}

function settingsOf(options: Readonly<Record<string, unknown>>): TokenizerSettings {
  const camel = (name: string) => name.replace(/_./g, (part) => part.slice(1).toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

/** What the fixture holds of a tokenizer. */
function describeTokenizer(tokenizer: PretrainedTokenizer) {
  const names = new Set(["input_ids", "token_type_ids", "attention_mask"]);
  const pair = tokenizer.encode(loading.pair[0], { pair: loading.pair[1] });
  const limit = tokenizer.modelMaxLength;
  return {
    specialTokensMap: tokenizer.specialTokensMap,
    allSpecialTokens: tokenizer.allSpecialTokens,
    allSpecialIds: tokenizer.allSpecialIds,
    extraSpecialTokens: tokenizer.extraSpecialTokens,
    modelMaxLength: Number.isFinite(limit) ? limit : null,
    paddingSide: tokenizer.config.paddingSide,
    truncationSide: tokenizer.config.truncationSide,
    modelInputNames: tokenizer.config.modelInputNames,
    size: tokenizer.size,
    vocabSize: tokenizer.vocabSize,
    addedTokens: Object.fromEntries(
      tokenizer.backend.addedTokens.map(
        ({ id, content, special, normalized, lstrip, rstrip, singleWord }) => [
          String(id),
          { content, special, normalized, lstrip, rstrip, singleWord },
        ],
      ),
    ),
    chatTemplates: tokenizer.config.chatTemplates,
    rows: (loading.texts as string[]).map((text) => {
      const encoding = tokenizer.encode(text);
      const { ids } = encoding;
      return {
        ids: [...ids],
        tokens: encoding.tokens,
        offsets: encoding.offsetsIn("codePoints"),
        typeIds: [...encoding.typeIds],
        specialTokensMask: [...encoding.specialTokensMask],
        names: tokenizer.config.modelInputNames.filter((name) => names.has(name)).sort(),
        tokenized: tokenizer.tokenize(text),
        decoded: tokenizer.decode(ids),
        skipped: tokenizer.decode(ids, { skipSpecialTokens: true }),
      };
    }),
    pair: { ids: [...pair.ids], typeIds: [...pair.typeIds] },
    unknown: tokenizer.convertTokensToIds(["the", "no such token"]).map((id) => id ?? null),
    special: [tokenizer.countSpecialTokens(), tokenizer.countSpecialTokens(true)],
  };
}

interface LoadingCase {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: ReturnType<typeof describeTokenizer> & {
    readonly className: string;
    readonly padTokenTypeId: number;
  };
}

function wanted({ className: _, padTokenTypeId: __, ...expected }: LoadingCase["expected"]) {
  const rows = expected.rows.map((row) => ({ ...row, names: [...row.names].sort() }));
  return { ...expected, rows };
}

describe("AutoTokenizer.fromPretrained() gives the tokenizer of the reference", () => {
  test.each(loading.cases as LoadingCase[])("$name", async ({ files, options, expected }) => {
    const folder = await folderWith(files);
    const tokenizer = await AutoTokenizer.fromPretrained(folder, settingsOf(options));
    expect(describeTokenizer(tokenizer)).toEqual(wanted(expected));
    expect(expected.padTokenTypeId).toBe(0);
  });
});

describe("savePretrained() keeps everything", () => {
  test.each(loading.cases as LoadingCase[])("$name", async ({ files, options, expected }) => {
    const tokenizer = await AutoTokenizer.fromPretrained(
      await folderWith(files),
      settingsOf(options),
    );
    const folder = await folderWith({});
    await tokenizer.savePretrained(folder);
    const again = await AutoTokenizer.fromPretrained(folder);
    expect(describeTokenizer(again)).toEqual(wanted(expected));
  });
});

interface CallResult {
  readonly kind: "texts" | "pairs" | "words";
  readonly options: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly names: readonly string[];
  readonly expected: Readonly<Record<string, unknown>>;
}

function inputsOf(kind: CallResult["kind"]): readonly EncodeInput[] {
  if (kind === "texts") return calls.texts;
  if (kind === "words") return calls.words;
  return calls.pairs.map(([text, pair]: [string, string]) => ({ text, pair }));
}

describe.each(
  calls.groups as { name: string; files: Record<string, unknown>; results: CallResult[] }[],
)("a call of the $name tokenizer is as the reference's", ({ files, results }) => {
  test.each(
    results.map((result) => [result.kind, JSON.stringify(result.options), result] as const),
  )("%s %s", async (kind, _, { options, error, names, expected }) => {
    const tokenizer = await AutoTokenizer.fromPretrained(await folderWith(files));
    const asked: TokenizeBatchOptions = {
      padding: options["padding"] as PaddingStrategy | undefined,
      truncation: options["truncation"] as TruncationChoice | undefined,
      maxLength: options["max_length"] as number | undefined,
      stride: options["stride"] as number | undefined,
      padToMultipleOf: options["pad_to_multiple_of"] as number | undefined,
      paddingSide: options["padding_side"] as "left" | "right" | undefined,
      addSpecialTokens: options["add_special_tokens"] as boolean | undefined,
      splitSpecialTokens: options["split_special_tokens"] as boolean | undefined,
      returnOverflowingTokens: options["return_overflowing_tokens"] as boolean | undefined,
    };
    const run = () => tokenizer.encodeRows(inputsOf(kind), asked);
    if (error !== undefined) {
      expect(run).toThrow();
      return;
    }
    const { encodings, overflowToSampleMapping } = run();
    const columns = {
      input_ids: encodings.map(({ ids }) => [...ids]),
      token_type_ids: encodings.map(({ typeIds }) => [...typeIds]),
      attention_mask: encodings.map(({ attentionMask }) => [...attentionMask]),
      special_tokens_mask: encodings.map(({ specialTokensMask }) => [...specialTokensMask]),
      offset_mapping: encodings.map((row) => row.offsetsIn("codePoints")),
      length: encodings.map(({ length }) => length),
    };
    const { overflow_to_sample_mapping: samples, ...rest } = expected;
    expect(columns).toEqual(rest);
    if (samples) expect([...overflowToSampleMapping]).toEqual(samples);
    expectSameTensors(tokenizer, { kind, asked, names, columns });
  });
});

interface ChatResult {
  readonly options: Readonly<Record<string, unknown>>;
  readonly ids: readonly number[];
  readonly mask: readonly number[] | null;
}

describe.each(
  calls.groups as { name: string; files: Record<string, unknown>; chats: ChatResult[] }[],
)("applyChatTemplate() of the $name tokenizer is as the reference's", ({ files, chats }) => {
  test.each(chats)("$options", async ({ options, ids, mask }) => {
    const tokenizer = await AutoTokenizer.fromPretrained(await folderWith(files));
    const chat = tokenizer.applyChatTemplate(calls.chat, {
      chatTemplate: calls.chatTemplate,
      ...settingsOf(options),
    });
    expect([...chat.ids]).toEqual(ids);
    if (mask) expect([...chat.assistantTokensMask]).toEqual(mask);
  });
});

/** Where rows have one length, tensors hold the same numbers. */
function expectSameTensors(
  tokenizer: PretrainedTokenizer,
  call: {
    readonly kind: CallResult["kind"];
    readonly asked: TokenizeBatchOptions;
    readonly names: readonly string[];
    readonly columns: Readonly<Record<string, readonly unknown[]>>;
  },
): void {
  const rows = call.columns["input_ids"] as number[][];
  if (new Set(rows.map(({ length }) => length)).size > 1) return;
  const width = rows[0]?.length ?? 0;
  using batch = tokenizer.encodeBatch(inputsOf(call.kind), call.asked);
  expect(batch.inputIds.shape).toEqual([rows.length, width]);
  const flat = (name: string) => (call.columns[name] as number[][]).flat();
  expect([...batch.inputIds.data]).toEqual(flat("input_ids"));
  expect([...batch.attentionMask.data]).toEqual(flat("attention_mask"));
  expect([...batch.tokenTypeIds.data]).toEqual(flat("token_type_ids"));
  expect([...batch.specialTokensMask.data]).toEqual(flat("special_tokens_mask"));
  expect(batch.offsets("codePoints")).toEqual(call.columns["offset_mapping"]);
  const prepared = tokenizer.prepare(inputsOf(call.kind), call.asked);
  expect(Object.keys(prepared).sort()).toEqual([...call.names].sort());
  for (const [name, tensor] of Object.entries(prepared)) {
    expect(tensor.dtype).toBe("int64");
    expect([...tensor.data].map(Number)).toEqual(flat(name));
  }
}
