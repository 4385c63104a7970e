// The tokenizers that are compared: files as their packages ship them, files made here from vocabularies that
// packages ship in another form, and well-known variations of the pipelines around these vocabularies.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { BYTE_CHARACTERS } from "@bearhug/tokenizers";
import { ROOT } from "../paths.ts";

const ASSETS = join(ROOT, ".assets");

export interface ParitySubject {
  readonly name: string;
  /** Folder in `.assets` and the file in it. */
  readonly source: readonly [asset: string, file: string];
  /** From the file's bytes to a tokenizer.json; absent where it is one. */
  readonly build?: (bytes: Buffer) => object;
}

type Json = Readonly<Record<string, unknown>>;

const SHIPPED = [
  "gpt2",
  "gpt35turbo",
  "gpt4",
  "gpt4o",
  "gptoss",
  "llama2",
  "llama3",
  "llama3-1",
  "llama3-2",
  "qwen1-5",
  "qwen2-5",
  "qwen3",
  "mistral-nemo",
  "deepseek-v3",
  "deepseek-v4",
  "claude",
  "gemma",
  "gemma2",
  "gemma3",
  "gemini",
  "command-r-plus",
  "aya-expanse",
  "yi",
  "baichuan2",
  "chatglm3",
  "internlm2",
  "rampart",
  "multilingual-e5",
];

export const SUBJECTS: readonly ParitySubject[] = [
  ...SHIPPED.map(
    (name): ParitySubject => ({ name, source: [`tokenizer-${name}`, "tokenizer.json"] }),
  ),
  { name: "minilm", source: ["all-MiniLM-L6-v2", "tokenizer.json"] },
  { name: "clip", source: ["tokenizer-clip-merges", "bpe_simple_vocab_16e6.txt.gz"], build: clip },
  {
    name: "bert-uncased",
    source: ["tokenizer-bert-vocabulary", "vocab.json"],
    build: (bytes) => bert(bytes, true),
  },
  {
    name: "universal-sentence-encoder",
    source: ["tokenizer-unigram-vocabulary", "vocab.json"],
    build: unigram,
  },
  {
    name: "bert, cased",
    source: ["tokenizer-bert-vocabulary", "vocab.json"],
    build: (bytes) => bert(bytes, false),
  },
  { name: "gpt2, as RoBERTa", source: ["tokenizer-gpt2", "tokenizer.json"], build: roberta },
  {
    name: "llama2, not legacy",
    source: ["tokenizer-llama2", "tokenizer.json"],
    build: (bytes) => metaspace(bytes, { prepend_scheme: "first", split: false }),
  },
  {
    name: "llama2, words",
    source: ["tokenizer-llama2", "tokenizer.json"],
    build: (bytes) => metaspace(bytes, { prepend_scheme: "always", split: true }),
  },
];

export function isPresent({ source: [asset, file] }: ParitySubject): boolean {
  return existsSync(join(ASSETS, asset, file));
}

export async function subjectJson({
  source: [asset, file],
  build,
}: ParitySubject): Promise<string> {
  const bytes = await readFile(join(ASSETS, asset, file));
  return build ? JSON.stringify(build(bytes)) : bytes.toString("utf8");
}

/** What a tokenizer looks for in the text itself. */
export function addedContents(json: string): readonly string[] {
  const { added_tokens: tokens = [] } = JSON.parse(json) as {
    readonly added_tokens?: readonly { readonly content: string }[];
  };
  return tokens.map(({ content }) => content);
}

const special = (content: string, id: number): Json => ({
  ...{ id, content, special: true },
  ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
});

/** Source: transformers' converter of CLIP, and OpenAI's reading of its merges. */
function clip(bytes: Buffer): object {
  const lines = gunzipSync(bytes)
    .toString("utf8")
    .split("\n")
    .slice(1, 49152 - 256 - 2 + 1);
  // The printable bytes come first in this vocabulary.
  const printable = BYTE_CHARACTERS.filter((character) => (character.codePointAt(0) ?? 0) < 256);
  const letters = [
    ...printable,
    ...BYTE_CHARACTERS.filter((character) => !printable.includes(character)),
  ];
  const tokens = [
    ...letters,
    ...letters.map((letter) => `${letter}</w>`),
    ...lines.map((line) => line.replace(" ", "")),
    "<|startoftext|>",
    "<|endoftext|>",
  ];
  const [start, end] = [tokens.length - 2, tokens.length - 1];
  return {
    version: "1.0",
    added_tokens: [special("<|startoftext|>", start), special("<|endoftext|>", end)],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        {
          type: "Split",
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: "Removed",
          invert: true,
        },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: ["<|endoftext|>", end],
      cls: ["<|startoftext|>", start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      unk_token: "<|endoftext|>",
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: lines,
    },
  };
}

/** The package marks pieces that begin a word, where BERT marks the others. */
function bert(bytes: Buffer, lowercase: boolean): object {
  const vocab: Record<string, number> = {};
  const pieces = JSON.parse(bytes.toString("utf8")) as readonly string[];
  for (const [id, piece] of pieces.entries()) {
    const isWhole = piece.startsWith("[") && piece.length > 2;
    const token =
      isWhole || piece === "▁" ? piece : piece.startsWith("▁") ? piece.slice(1) : `##${piece}`;
    vocab[token] ??= id;
  }
  const id = (token: string) => vocab[token] ?? 0;
  const names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
  return {
    version: "1.0",
    added_tokens: names.map((name) => special(name, id(name))),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "BertProcessing",
      sep: ["[SEP]", id("[SEP]")],
      cls: ["[CLS]", id("[CLS]")],
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

function unigram(bytes: Buffer): object {
  const pieces = JSON.parse(bytes.toString("utf8")) as readonly (readonly [
    string,
    number | null,
  ])[];
  // The package leaves the score of one piece out.
  const vocab = pieces.map(([piece, score]) => [piece, score ?? -20]);
  return {
    version: "1.0",
    normalizer: { type: "NFKC" },
    pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
    decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
    model: { type: "Unigram", unk_id: 0, byte_fallback: false, vocab },
  };
}

function roberta(bytes: Buffer): object {
  const file = JSON.parse(bytes.toString("utf8")) as Json;
  const end = ["<|endoftext|>", 50256];
  return {
    ...file,
    pre_tokenizer: {
      type: "ByteLevel",
      add_prefix_space: true,
      trim_offsets: true,
      use_regex: true,
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: end,
      cls: end,
      trim_offsets: true,
      add_prefix_space: true,
    },
  };
}

function metaspace(bytes: Buffer, options: Json): object {
  const file = JSON.parse(bytes.toString("utf8")) as Json;
  const definition = { type: "Metaspace", replacement: "▁", ...options };
  return { ...file, normalizer: null, pre_tokenizer: definition };
}
