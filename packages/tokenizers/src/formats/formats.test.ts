import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import type { UnigramDefinition } from "../models/unigram.ts";
import { parseTokenizer, type TokenizerDefinition } from "../schema.ts";
import { Tokenizer } from "../tokenizer.ts";
import { fromGguf } from "./gguf.ts";
import { fromMarian } from "./marian.ts";
import { fromSentencePiece } from "./sentencepiece.ts";
import { fromTekken, fromTiktoken } from "./tiktoken.ts";
import { fromVocabAndMerges } from "./vocab-merges.ts";
import { fromVocabTxt } from "./vocab-txt.ts";

const FIXTURES = new URL("../../../../fixtures/tokenizers/formats/", import.meta.url);

function bytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FIXTURES)));
}

function text(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "utf8");
}

function digest(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 24);
}

interface Row {
  readonly ids: readonly number[];
  readonly offsets: readonly number[];
  readonly tokens: string;
  readonly decoded: string;
}

interface FormatCase {
  readonly name: string;
  readonly class: string | null;
  readonly files: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a tokenizer.json without its vocabulary
  readonly tokenizer: any;
  readonly cases: readonly Row[];
  readonly pair: { readonly ids: readonly number[]; readonly typeIds: readonly number[] };
}

const golden = JSON.parse(text("cases.json"));
const library = JSON.parse(text("library.json"));

async function convert(item: FormatCase): Promise<TokenizerDefinition> {
  const [file, second] = item.files;
  const options = { config: item.config, tokenizerClass: item.class ?? undefined };
  if (file.endsWith(".txt")) return fromVocabTxt(text(file), options);
  if (file.endsWith(".model")) return fromSentencePiece(bytes(file), options);
  if (file.endsWith(".tiktoken")) return fromTiktoken(bytes(file), options);
  if (file.endsWith(".gguf")) return fromGguf(bytes(file));
  if (file === "tekken.json") return fromTekken(text(file), options);
  return fromVocabAndMerges({ vocab: text(file), merges: text(second) }, options);
}

/** The stages of a tokenizer.json whose model is left out. */
function stages(file: FormatCase["tokenizer"]) {
  const model = { type: "WordLevel", vocab: { a: 0 }, unk_token: "a" };
  const { normalizer, preTokenizer, postProcessor } = parseTokenizer(
    JSON.stringify({ ...file, model }),
  );
  return { normalizer, preTokenizer, postProcessor: { ...postProcessor } };
}

/** Here special tokens of a tiktoken file are in the vocabulary, with their ids; there they come behind it. */
function vocabularyDigest({ model }: TokenizerDefinition, size: number): string {
  const entries = [...model.vocabulary.entries()].filter(([, id]) => id < size);
  if (model.type === "Unigram") return digest(entries.map(([token]) => token).join("\n"));
  const order = ([a, i]: readonly [string, number], [b, j]: readonly [string, number]) =>
    i - j || (a < b ? -1 : 1);
  return digest(
    entries
      .sort(order)
      .map(([token, id]) => `${id} ${token}`)
      .join("\n"),
  );
}

function mergesDigest({ vocabulary, merges }: BpeDefinition): string {
  return digest([...merges.pairs(vocabulary)].map((pair) => pair.join(" ")).join("\n"));
}

function scoresDigest({ scores }: UnigramDefinition): string {
  return digest(new Uint8Array(Float64Array.from(scores).buffer));
}

function checkRows(tokenizer: Tokenizer, rows: readonly Row[], texts: readonly string[]) {
  for (const [i, row] of rows.entries()) {
    const encoding = tokenizer.encode(texts[i]);
    const actual = {
      ids: [...encoding.ids],
      offsets: encoding.offsets.flat(),
      tokens: digest(encoding.tokens.join("\n")),
      decoded: tokenizer.decode(encoding.ids),
    };
    expect(actual, JSON.stringify(texts[i])).toEqual(row);
  }
}

describe("conversions agree with transformers", () => {
  for (const item of golden.cases as readonly FormatCase[]) {
    test(item.name, async () => {
      const definition = await convert(item);
      const tokenizer = new Tokenizer(definition);
      const { model } = item.tokenizer;
      const { normalizer, preTokenizer, postProcessor } = definition;
      expect({ normalizer, preTokenizer, postProcessor }).toEqual(stages(item.tokenizer));
      const added = item.tokenizer.added_tokens.map(
        ({ single_word: singleWord, ...token }: { readonly single_word: boolean }) => ({
          ...token,
          singleWord,
        }),
      );
      expect(tokenizer.addedTokens).toEqual(added);
      expect(definition.model.type).toBe(model.type);
      expect(vocabularyDigest(definition, model.size)).toBe(model.tokens_digest);
      if (definition.model.type === "Unigram") {
        expect(scoresDigest(definition.model)).toBe(model.scores_digest);
        expect(definition.model.unkId).toBe(model.unk_id);
        expect(definition.model.byteFallback).toBe(model.byte_fallback);
      }
      if (definition.model.type === "BPE") {
        expect(mergesDigest(definition.model)).toBe(model.merges_digest);
        expect(definition.model.unkToken ?? null).toBe(model.unk_token);
        expect(definition.model.fuseUnk).toBe(model.fuse_unk);
        expect(definition.model.byteFallback ?? false).toBe(model.byte_fallback);
        expect(definition.model.endOfWordSuffix).toBe(model.end_of_word_suffix ?? "");
      }
      checkRows(tokenizer, item.cases, golden.texts);
      const pair = tokenizer.encode(golden.pair[0], { pair: golden.pair[1] });
      expect([...pair.ids]).toEqual(item.pair.ids);
      expect([...pair.typeIds]).toEqual(item.pair.typeIds);
    });
  }
});

interface LibraryRow {
  /** Index of the text. */
  readonly text: number;
  readonly ids: readonly number[];
  readonly decoded?: string | null;
}

function checkLibrary(tokenizer: Tokenizer, rows: readonly LibraryRow[], texts: readonly string[]) {
  for (const { text: index, ids, decoded } of rows) {
    const actual = [...tokenizer.encode(texts[index]).ids];
    expect(actual, JSON.stringify(texts[index])).toEqual(ids);
    if (typeof decoded === "string") expect(tokenizer.decode(ids)).toBe(decoded);
  }
}

describe("fromSentencePiece() without a class agrees with the SentencePiece library", () => {
  for (const { model, cases } of library.sentencepiece) {
    test(model, () => {
      // There user-defined pieces cut the text: see libraryClass().
      const isLike = ({ text: index }: LibraryRow) =>
        model !== "bpe-user.model" || !library.texts[index].includes("<sym>");
      const tokenizer = new Tokenizer(fromSentencePiece(bytes(model)));
      checkLibrary(tokenizer, cases.filter(isLike), library.texts);
    });
  }
});

describe("fromTiktoken() agrees with the tiktoken library", () => {
  for (const { pattern, cases } of library.tiktoken) {
    test(pattern, () => {
      const options = { pattern, specialTokens: { "<|endoftext|>": 1000 } };
      const tokenizer = new Tokenizer(fromTiktoken(bytes("ranks.tiktoken"), options));
      checkLibrary(tokenizer, cases, library.texts);
    });
  }
});

test("fromMarian() agrees with transformers", () => {
  const files = { model: bytes("unigram.model"), vocab: text("marian-vocab.json") };
  checkLibrary(new Tokenizer(fromMarian(files)), library.marian.cases, library.marian.texts);
});

test("fromGguf() reads WordPiece as vocab.txt has it", async () => {
  const tokenizer = new Tokenizer(await fromGguf(bytes("bert.gguf")));
  const { cases } = golden.cases.find((item: FormatCase) => item.name === "bert");
  checkRows(tokenizer, cases, golden.texts);
});

test("fromGguf() takes digits one by one for smollm, as llama.cpp does", async () => {
  const tokenizer = new Tokenizer(await fromGguf(bytes("bytes-smollm.gguf")));
  const words = tokenizer.encode("ab 123", { addSpecialTokens: false }).wordIds;
  expect(new Set(words).size).toBe(5);
});
