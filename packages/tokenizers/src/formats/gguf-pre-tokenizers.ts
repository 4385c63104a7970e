import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import { CL100K, GPT2, KIMI, O200K, QWEN2, QWEN35, TEKKEN } from "./split-patterns.ts";

/** How the pieces of text are found that a vocabulary's merges were learned on. */
interface GgufSplit {
  /** Each cuts what the one before left, from the first to the last. */
  readonly patterns: readonly string[];
  /** Whether a piece that is a token is taken without merging. */
  readonly ignoreMerges?: boolean;
}

const DIGIT = String.raw`\p{N}`;
const BLOOM = String.raw` ?[^(\s|.,!?…。，、।۔،)]+`;
const DEEPSEEK3 = String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${"`"}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

const GPT2_SPLIT: GgufSplit = { patterns: [GPT2] };
const DIGITS_SPLIT: GgufSplit = { patterns: [DIGIT, GPT2] };
const LLAMA3_SPLIT: GgufSplit = { patterns: [CL100K], ignoreMerges: true };
const QWEN2_SPLIT: GgufSplit = { patterns: [QWEN2] };
const O200K_SPLIT: GgufSplit = { patterns: [O200K] };
const DEEPSEEK3_SPLIT: GgufSplit = {
  patterns: [String.raw`\p{N}{1,3}`, "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK3],
};
const BAILING_SPLIT: GgufSplit = {
  patterns: [
    String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`,
  ],
};
const BLOOM_SPLIT: GgufSplit = { patterns: [BLOOM] };
const AYA_SPLIT: GgufSplit = { patterns: [String.raw`\d{1,3}(?=(?:\d{3})*\b)`, O200K] };

/** Files from before the name was written. */
const DEFAULT_SPLIT: GgufSplit = {
  patterns: [String.raw`[\p{P}\$\+<=>\^~\|]+`, GPT2, String.raw`\p{N}+`, "[0-9][0-9][0-9]"],
};

/** `tokenizer.ggml.pre` → split. Source: llama.cpp, `llama-vocab.cpp`; transformers 5, `gguf_tokenizer_mapping.py`. */
const SPLITS: readonly (readonly [split: GgufSplit, names: string])[] = [
  [DEFAULT_SPLIT, "default"],
  [
    GPT2_SPLIT,
    "gpt-2 gpt2 phi-2 mpt olmo jais trillion granite-docling exaone4 gigachat a.x-4.0 mellum modern-bert " +
      "jina-es jina-de jina-v1-en jina-v2-es jina-v2-de jina-v2-code roberta-bpe",
  ],
  [DIGITS_SPLIT, "smollm starcoder refact command-r codeshell exaone minerva-7b mellum2"],
  [LLAMA3_SPLIT, "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano"],
  [{ patterns: [CL100K] }, "dbrx smaug-bpe glm4 chatglm-bpe"],
  [QWEN2_SPLIT, "qwen2 deepseek-r1-qwen kormo f2llmv2 megrez stablelm2 hunyuan grok-2 solar-open"],
  [{ patterns: [QWEN35] }, "qwen35"],
  [O200K_SPLIT, "gpt-4o llama4 kanana2 talkie minimax-m2"],
  [{ patterns: [TEKKEN], ignoreMerges: true }, "tekken"],
  [{ patterns: [KIMI] }, "kimi-k2"],
  [DEEPSEEK3_SPLIT, "deepseek-v3 hunyuan-dense joyai-llm"],
  [BAILING_SPLIT, "bailingmoe bailingmoe2 llada-moe"],
  [BLOOM_SPLIT, "bloom poro-chat gpt3-finnish"],
  [{ patterns: [BLOOM, DIGIT] }, "viking"],
  [AYA_SPLIT, "tiny_aya cohere2moe"],
  [{ patterns: [String.raw`\p{N}+`, String.raw`(?=(\d{3})+(?!\d))`] }, "superbpe"],
  [
    {
      patterns: [
        String.raw`[\p{P}\$\+<=>\^~\|${"`"}]+`,
        String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)`,
        "[0-9][0-9][0-9]",
      ],
    },
    "falcon",
  ],
  [
    {
      patterns: [
        String.raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+`,
      ],
    },
    "seed-coder",
  ],
  [
    {
      patterns: [
        String.raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`,
      ],
    },
    "exaone-moe",
  ],
];

const BY_NAME: ReadonlyMap<string, GgufSplit> = new Map(
  SPLITS.flatMap(([split, names]) => names.split(" ").map((name) => [name, split] as const)),
);

/** `undefined` for a name that is not known. */
export function ggufSplit(name: string): GgufSplit | undefined {
  return BY_NAME.get(name);
}

/** The split as a pre-tokenizer that ends in bytes, which brings GPT-2's own pattern with it. */
export function ggufPreTokenizer({ patterns }: GgufSplit): PreTokenizerDefinition {
  const useRegex = patterns.at(-1) === GPT2;
  const toBytes = { type: "ByteLevel", addPrefixSpace: false, useRegex } as const;
  const splits = (useRegex ? patterns.slice(0, -1) : patterns).map(isolate);
  if (splits.length === 0) return toBytes;
  return { type: "Sequence", preTokenizers: [...splits, toBytes] };
}

function isolate(source: string): PreTokenizerDefinition {
  if (source === DIGIT) return { type: "Digits", individualDigits: true };
  const pattern = { type: "Regex", source } as const;
  return { type: "Split", pattern, behavior: "Isolated", invert: false };
}
