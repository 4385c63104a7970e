/** What each kind of GGUF vocabulary does with text. */
import { toBase64 } from "@bearhug/core";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import { Merges } from "../models/bpe/merges.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import { parseCharsMap } from "../normalizers/precompiled.ts";
import { BYTE_CHARACTERS } from "../unicode/byte-alphabet.ts";
import type { Pipeline } from "./assemble.ts";
import { deriveMerges } from "./derive-merges.ts";
import { ggufPreTokenizer, ggufSplit } from "./gguf-pre-tokenizers.ts";
import type { GgufVocabulary } from "./gguf-vocabulary.ts";
import { bytePieces, metaspace, sequence, toUnigram, words } from "./sentencepiece-parts.ts";
import { specialToken } from "./special-tokens.ts";

/** Stages of a tokenizer, and what is so when the file does not say otherwise. */
interface GgufStages extends Omit<Pipeline, "specials" | "file"> {
  readonly addsBos?: boolean;
  /** Special tokens that a vocabulary has by these names unless it names others. */
  readonly specials?: Readonly<Record<string, string>>;
}

export type GgufBuilder = (vocabulary: GgufVocabulary) => GgufStages;

const SPACE_TO_MARK = {
  type: "Replace",
  pattern: { type: "String", source: " " },
  content: "▁",
} as const;

/** Byte-level BPE. A token that is not written in the byte alphabet counts by its bytes, unless text is cut at it. */
const byteLevel: GgufBuilder = (vocabulary) => {
  const name = vocabulary.pre ?? "default";
  const split = ggufSplit(name);
  if (!split) throw new UnsupportedComponentError("tokenizer.ggml.pre", name);
  const entries = vocabulary.tokens.map((token, id): [string, number] => {
    const type = vocabulary.types[id];
    const isWhole = type === "control" || type === "user" || isSpelled(token);
    return [isWhole ? token : spell(token), id];
  });
  return {
    model: bpe(vocabulary, Vocabulary.from(entries), { ignoreMerges: split.ignoreMerges ?? false }),
    preTokenizer: ggufPreTokenizer(split),
    decoder: { type: "ByteLevel" },
    specials: { unk: "<|endoftext|>", bos: "<|endoftext|>", eos: "<|endoftext|>" },
  };
};

const llama: GgufBuilder = (vocabulary) => {
  const prefix = vocabulary.addSpacePrefix ?? true;
  return {
    model: bpe(vocabulary, numbered(vocabulary.tokens), { byteFallback: true, fuseUnk: true }),
    preTokenizer: metaspace(prefix ? "first" : "never", false),
    decoder: bytePieces(prefix ? 1 : 0),
    specials: { unk: "<unk>", bos: "<s>", eos: "</s>" },
    addsBos: true,
  };
};

/** Phi-3 puts a mark in front even where the text begins with a space. */
const phi3: GgufBuilder = (vocabulary) => ({
  ...llama(vocabulary),
  normalizer: sequence([{ type: "Prepend", prepend: "▁" }, SPACE_TO_MARK]),
  preTokenizer: undefined,
});

/** Merges are those of the file, or follow the order of the tokens: Gemma's scores do not. */
const gemma: GgufBuilder = (vocabulary) => {
  const tokens = vocabulary.tokens.map((token) =>
    /^ +$/u.test(token) ? "▁".repeat(token.length) : token,
  );
  const byPosition = new Map(tokens.map((token, id) => [token, -id]));
  const own = { ...vocabulary, tokens, ids: new Map(tokens.map((token, id) => [token, id])) };
  const options = { byteFallback: true, fuseUnk: true, scores: byPosition };
  const hasUnknown = own.ids.has("<unk>");
  return {
    model: bpe(own, numbered(tokens), { ...options, unkToken: hasUnknown ? "<unk>" : undefined }),
    normalizer: SPACE_TO_MARK,
    preTokenizer: {
      type: "Split",
      pattern: { type: "String", source: " " },
      behavior: "MergedWithPrevious",
      invert: false,
    },
    decoder: bytePieces(0),
    specials: { unk: "<unk>", bos: "<bos>", eos: "<eos>", pad: "<pad>", mask: "<mask>" },
    addsBos: vocabulary.kind === "llama",
  };
};

/** T5: the file calls the blanks of a text `[PAD32000]` and so on. */
const unigram: GgufBuilder = (vocabulary) => {
  const { scores, precompiledCharsmap: bytes } = vocabulary;
  if (!scores) throw new TokenizerFormatError("tokenizer.ggml.scores is missing");
  let blank = BLANKS;
  const pieces = vocabulary.tokens.map((token, id) => {
    const isBlank = blank > 0 && /^\[PAD\d+\]$/u.test(token);
    if (isBlank) blank--;
    return { text: isBlank ? `<extra_id_${blank}>` : token, score: scores[id] };
  });
  const path = "tokenizer.ggml.precompiled_charsmap";
  const saysEnds = vocabulary.addBos !== undefined || vocabulary.addEos !== undefined;
  return {
    model: toUnigram(pieces, Math.max(0, vocabulary.ids.get("<unk>") ?? 2)),
    normalizer: bytes && { type: "Precompiled", charsMap: parseCharsMap(toBase64(bytes), path) },
    ...words("always"),
    extra: pieces.flatMap(({ text }) => (EXTRA_ID.test(text) ? [specialToken(text)] : [])),
    rows: saysEnds ? undefined : { single: "A eos", pair: "A eos B eos" },
    specials: { unk: "<unk>", eos: "</s>", pad: "<pad>" },
  };
};

const BLANKS = 100;
const EXTRA_ID = /^<extra_id_\d+>$/u;

/** WordPiece: the file marks the beginnings of words with "▁", where vocab.txt marks what goes on with "##". */
const wordPiece: GgufBuilder = (vocabulary) => {
  const entries = vocabulary.tokens.map((token, id): [string, number] => [unmark(token), id]);
  const unkToken = vocabulary.named["unk_token"] ?? "[UNK]";
  const hasCls = vocabulary.named["cls_token"] !== undefined;
  const begin = hasCls ? "cls" : "bos";
  return {
    model: {
      type: "WordPiece",
      vocabulary: Vocabulary.from(entries),
      unkToken,
      continuingSubwordPrefix: "##",
      maxInputCharsPerWord: 100,
    },
    normalizer: {
      type: "BertNormalizer",
      cleanText: true,
      handleChineseChars: true,
      stripAccents: vocabulary.stripAccents,
      lowercase: vocabulary.lowercase ?? true,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    rows: { single: `${begin} A sep`, pair: `${begin} A sep B:1 sep:1` },
    specials: { unk: "[UNK]", bos: "[CLS]", sep: "[SEP]", pad: "[PAD]", mask: "[MASK]" },
  };
};

function unmark(token: string): string {
  if (token.startsWith("▁") && token.length > 1) return token.slice(1);
  return token.startsWith("[") && token.endsWith("]") ? token : `##${token}`;
}

/** By `tokenizer.ggml.model`; "llama" goes by the architecture too. */
export const GGUF_BUILDERS: ReadonlyMap<string, GgufBuilder> = new Map([
  ["gpt2", byteLevel],
  ["t5", unigram],
  ["unigram", unigram],
  ["gemma4", gemma],
  ["bert", wordPiece],
]);

export function sentencePieceBuilder(architecture: string): GgufBuilder {
  if (architecture === "phi3") return phi3;
  return ["gemma", "gemma2", "gemma3"].includes(architecture) ? gemma : llama;
}

interface BpeFlags
  extends Partial<Pick<BpeDefinition, "byteFallback" | "fuseUnk" | "ignoreMerges" | "unkToken">> {
  /** Scores that order the merges where the file has none. Default: the file's scores. */
  readonly scores?: ReadonlyMap<string, number>;
}

function bpe(source: GgufVocabulary, vocabulary: Vocabulary, flags: BpeFlags): BpeDefinition {
  const { scores, ...own } = flags;
  return {
    type: "BPE",
    vocabulary,
    merges: mergesOf(source, vocabulary, scores),
    unkToken: undefined,
    continuingSubwordPrefix: "",
    endOfWordSuffix: "",
    fuseUnk: false,
    ignoreMerges: false,
    ...own,
  };
}

function mergesOf(
  { merges, tokens, ids, scores }: GgufVocabulary,
  vocabulary: Vocabulary,
  own: ReadonlyMap<string, number> | undefined,
): Merges {
  merges?.forEach(([left, right], rank) => {
    const missing = [left, right, left + right].find((token) => vocabulary.id(token) === undefined);
    if (missing === undefined) return;
    throw new TokenizerFormatError(
      `tokenizer.ggml.merges[${rank}] needs ${JSON.stringify(missing)}, which tokenizer.ggml.tokens lacks`,
    );
  });
  if (merges) return Merges.fromPairs(merges, vocabulary);
  if (!own && !scores) {
    throw new TokenizerFormatError("tokenizer.ggml.merges and tokenizer.ggml.scores are missing");
  }
  const byToken = own ?? new Map(tokens.map((token, id) => [token, scores?.[id] ?? 0]));
  return deriveMerges(ids, byToken);
}

function numbered(tokens: readonly string[]): Vocabulary {
  return Vocabulary.from(tokens.map((token, id) => [token, id]));
}

const ALPHABET: ReadonlySet<string> = new Set(BYTE_CHARACTERS);
const encoder = new TextEncoder();

function isSpelled(token: string): boolean {
  for (const character of token) if (!ALPHABET.has(character)) return false;
  return true;
}

function spell(token: string): string {
  return Array.from(encoder.encode(token), (byte) => BYTE_CHARACTERS[byte]).join("");
}
