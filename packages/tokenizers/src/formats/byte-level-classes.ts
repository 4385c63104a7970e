import type { DecoderDefinition } from "../decoders/decoder.ts";
import { TokenizerFormatError } from "../errors.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { Rows } from "./assemble.ts";
import type { ClassConfig } from "./conversion-options.ts";
import { type SpecialDefaults, specialToken } from "./special-tokens.ts";
import { CLIP, QWEN2, QWEN35 } from "./split-patterns.ts";

/** What a class with vocab.json and merges.txt does with text. */
export interface MergesClass {
  readonly specials: SpecialDefaults;
  readonly normalizer?: NormalizerDefinition;
  readonly preTokenizer: (config: ClassConfig) => PreTokenizerDefinition;
  readonly decoder: DecoderDefinition;
  readonly rows?: (config: ClassConfig) => Rows;
  readonly endOfWordSuffix?: string;
  /** Whether unknown characters become the unknown token; otherwise they vanish. */
  readonly hasUnknown?: boolean;
}

const BYTE_LEVEL: DecoderDefinition = { type: "ByteLevel" };

/** `add_prefix_space` of the config. */
const byteLevel =
  (addsPrefixSpace = false) =>
  (config: ClassConfig): PreTokenizerDefinition => ({
    type: "ByteLevel",
    addPrefixSpace: config.flag("add_prefix_space", addsPrefixSpace),
    useRegex: true,
  });

/** A pattern, and then the bytes of what it cuts. */
export function splitToBytes(pattern: string, addPrefixSpace = false): PreTokenizerDefinition {
  return {
    type: "Sequence",
    preTokenizers: [
      {
        type: "Split",
        pattern: { type: "Regex", source: pattern },
        behavior: "Isolated",
        invert: false,
      },
      { type: "ByteLevel", addPrefixSpace, useRegex: false },
    ],
  };
}

/** The same special token in several places. */
function endOfText(content: string): SpecialDefaults {
  return { bos: content, eos: content, unk: content };
}

const ROBERTA_SPECIALS: SpecialDefaults = {
  bos: "<s>",
  eos: "</s>",
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
  mask: "<mask>",
};

const GPT2: MergesClass = {
  specials: endOfText("<|endoftext|>"),
  preTokenizer: byteLevel(),
  decoder: BYTE_LEVEL,
};

const ROBERTA: MergesClass = {
  specials: ROBERTA_SPECIALS,
  preTokenizer: byteLevel(),
  decoder: BYTE_LEVEL,
  rows: (config) => ({
    single: "cls A sep",
    pair: "cls A sep sep B sep",
    typesOverflow: true,
    trims: config.flag("trim_offsets", true)
      ? [{ addPrefixSpace: config.flag("add_prefix_space", false) }]
      : [],
  }),
};

const BLENDERBOT: MergesClass = {
  specials: { ...ROBERTA_SPECIALS, mask: specialToken("<mask>", { lstrip: true }) },
  preTokenizer: byteLevel(true),
  decoder: BYTE_LEVEL,
};

const qwen = (pattern: string, specials: SpecialDefaults): MergesClass => ({
  specials,
  normalizer: { type: "NFC" },
  preTokenizer: (config) => splitToBytes(pattern, config.flag("add_prefix_space", false)),
  decoder: BYTE_LEVEL,
});

const QWEN_SPECIALS = { unk: "<|endoftext|>", eos: "<|endoftext|>", pad: "<|endoftext|>" };

const CLIP_CLASS: MergesClass = {
  specials: {
    bos: "<|startoftext|>",
    eos: "<|endoftext|>",
    unk: "<|endoftext|>",
    pad: "<|endoftext|>",
  },
  normalizer: {
    type: "Sequence",
    normalizers: [
      { type: "NFC" },
      { type: "Replace", pattern: { type: "Regex", source: String.raw`\s+` }, content: " " },
      { type: "Lowercase" },
    ],
  },
  preTokenizer: () => ({
    type: "Sequence",
    preTokenizers: [
      {
        type: "Split",
        pattern: { type: "Regex", source: CLIP },
        behavior: "Removed",
        invert: true,
      },
      { type: "ByteLevel", addPrefixSpace: false, useRegex: true },
    ],
  }),
  // The reference ends words with spaces after decoding; here the decoder does.
  decoder: {
    type: "Sequence",
    decoders: [
      BYTE_LEVEL,
      { type: "Replace", pattern: { type: "String", source: "</w>" }, content: " " },
      { type: "Strip", content: " ", start: 0, stop: 1 },
    ],
  },
  rows: () => ({ single: "bos A eos", pair: "bos A eos eos B eos", typesOverflow: true }),
  endOfWordSuffix: "</w>",
  hasUnknown: true,
};

/** Language and task stand before the text, where the config chooses them. */
function whisperRows(config: ClassConfig): Rows {
  const tokens = ["startoftranscript"];
  const language = config.text("language");
  if (language !== undefined && !/^[a-z]{2,3}$/u.test(language)) {
    throw new TokenizerFormatError(
      `tokenizer_config.language must be a language code such as "en", got ${JSON.stringify(language)}`,
    );
  }
  if (language !== undefined) tokens.push(language);
  const task = config.text("task");
  if (task !== undefined) tokens.push(task === "transcribe" ? "transcribe" : "translate");
  if (!config.flag("predict_timestamps", false)) tokens.push("notimestamps");
  const prefix = tokens.map((token) => `=<|${token}|>`).join(" ");
  return { single: `${prefix} A eos`, pair: `${prefix} A B:1 eos:1` };
}

/** BPE over words as BERT cuts them. */
const words = (
  specials: SpecialDefaults,
  flags: { readonly lowercase: boolean; readonly stripAccents: boolean | undefined },
): MergesClass => ({
  specials,
  normalizer: { type: "BertNormalizer", cleanText: true, handleChineseChars: true, ...flags },
  preTokenizer: () => ({ type: "BertPreTokenizer" }),
  decoder: { type: "BPEDecoder", suffix: "</w>" },
  endOfWordSuffix: "</w>",
  hasUnknown: true,
});

const OPENAI_GPT = words({ unk: "<unk>" }, { lowercase: true, stripAccents: undefined });

const HERBERT: MergesClass = {
  ...words(
    { unk: "<unk>", sep: "</s>", pad: "<pad>", cls: "<s>", mask: "<mask>" },
    { lowercase: false, stripAccents: false },
  ),
  rows: () => ({ single: "cls A sep", pair: "cls A sep B:1 sep:1" }),
};

const DEBERTA: MergesClass = {
  specials: {
    bos: "[CLS]",
    eos: "[SEP]",
    unk: "[UNK]",
    sep: "[SEP]",
    pad: "[PAD]",
    cls: "[CLS]",
    mask: "[MASK]",
  },
  preTokenizer: byteLevel(),
  decoder: BYTE_LEVEL,
  rows: () => ({ single: "cls A sep", pair: "cls A sep sep B sep" }),
};

const GPT_NEOX: MergesClass = {
  ...GPT2,
  specials: { ...GPT2.specials, pad: "<|padding|>" },
  normalizer: { type: "NFC" },
};

const COHERE: MergesClass = {
  specials: {
    bos: "<BOS_TOKEN>",
    eos: "<|END_OF_TURN_TOKEN|>",
    unk: "<UNK>",
    sep: "<SEP>",
    pad: "<PAD>",
    cls: "<CLS>",
    mask: "<MASK_TOKEN>",
  },
  normalizer: { type: "NFC" },
  preTokenizer: (config) => ({
    type: "Sequence",
    preTokenizers: [{ type: "Digits", individualDigits: true }, byteLevel()(config)],
  }),
  decoder: BYTE_LEVEL,
};

/** By class, without "Fast". Source: transformers 5, `models/*\/tokenization_*.py`. */
export const MERGES_CLASSES: ReadonlyMap<string, MergesClass> = new Map([
  ["GPT2Tokenizer", GPT2],
  ["CodeGenTokenizer", GPT2],
  ["WhisperTokenizer", { ...GPT2, rows: whisperRows }],
  ["RobertaTokenizer", ROBERTA],
  ["BartTokenizer", ROBERTA],
  ["LEDTokenizer", ROBERTA],
  ["LongformerTokenizer", ROBERTA],
  ["MvpTokenizer", ROBERTA],
  ["BlenderbotTokenizer", BLENDERBOT],
  ["Qwen2Tokenizer", qwen(QWEN2, QWEN_SPECIALS)],
  ["Qwen3_5Tokenizer", qwen(QWEN35, QWEN_SPECIALS)],
  ["CLIPTokenizer", CLIP_CLASS],
  ["OpenAIGPTTokenizer", OPENAI_GPT],
  ["HerbertTokenizer", HERBERT],
  ["DebertaTokenizer", DEBERTA],
  ["GPTNeoXTokenizer", GPT_NEOX],
  ["CohereTokenizer", COHERE],
]);
