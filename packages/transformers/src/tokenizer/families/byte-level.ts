import { specialToken } from "../special-tokens.ts";
import {
  at,
  bpe,
  byteLevel,
  type Family,
  type FamilySettings,
  type Normalizer,
  normalizers,
  type Pipeline,
  type PreTokenizer,
  preTokenizers,
  replace,
  robertaTemplate,
  template,
  textOf,
} from "./family.ts";

/** Classes whose BPE works on bytes. */

const END = "<|endoftext|>";

function byteLevelPipeline(preTokenizer: PreTokenizer, normalizer?: Normalizer): Pipeline {
  return { model: bpe(), normalizer, preTokenizer, decoder: { type: "ByteLevel" } };
}

function plainPipeline(settings: FamilySettings, addPrefixSpace = false): Pipeline {
  return byteLevelPipeline(byteLevel(settings.flag("add_prefix_space", addPrefixSpace)));
}

function splitPipeline(settings: FamilySettings, pattern: string): Pipeline {
  const split = {
    type: "Split",
    pattern: { type: "Regex", source: pattern },
    behavior: "Isolated",
    invert: false,
  } as const;
  const bytes = byteLevel(settings.flag("add_prefix_space", false), false);
  return byteLevelPipeline(preTokenizers(split, bytes), { type: "NFC" });
}

export const gpt2: Family = {
  specialTokens: { bos: END, eos: END, unk: END },
  pipeline: (settings) => plainPipeline(settings),
};

export const codegen: Family = {
  specialTokens: { bos: END, eos: END, unk: END },
  pipeline: (settings) => plainPipeline(settings),
};

export const whisper: Family = {
  specialTokens: { bos: END, eos: END, unk: END },
  pipeline: (settings) => plainPipeline(settings),
};

const ROBERTA_TOKENS = {
  bos: "<s>",
  eos: "</s>",
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
  mask: "<mask>",
} as const;

export const roberta: Family = {
  specialTokens: ROBERTA_TOKENS,
  pipeline: (settings) => plainPipeline(settings),
  postProcessor: (settings) => {
    const addPrefixSpace = settings.flag("add_prefix_space", false);
    const rows = robertaTemplate(settings, textOf(settings, "cls"), textOf(settings, "sep"));
    const trims = settings.flag("trim_offsets", true) ? [{ addPrefixSpace }] : [];
    return { ...rows, trims, typesOverflow: true };
  },
};

export const blenderbot: Family = {
  specialTokens: { ...ROBERTA_TOKENS, mask: specialToken("<mask>", { lstrip: true }) },
  pipeline: (settings) => plainPipeline(settings, true),
};

export const deberta: Family = {
  specialTokens: {
    bos: "[CLS]",
    eos: "[SEP]",
    unk: "[UNK]",
    sep: "[SEP]",
    pad: "[PAD]",
    cls: "[CLS]",
    mask: "[MASK]",
  },
  modelInputNames: ["input_ids", "attention_mask", "token_type_ids"],
  pipeline: (settings) => plainPipeline(settings),
  postProcessor: (settings) =>
    robertaTemplate(settings, textOf(settings, "cls"), textOf(settings, "sep")),
};

export const gptNeoX: Family = {
  specialTokens: { bos: END, eos: END, unk: END, pad: "<|padding|>" },
  pipeline: (settings) => ({ ...plainPipeline(settings), normalizer: { type: "NFC" } }),
  postProcessor: (settings) => {
    const bos = settings.flag("add_bos_token", false) ? [textOf(settings, "bos")] : [];
    const eos = settings.flag("add_eos_token", false) ? [textOf(settings, "eos")] : [];
    const single = at(0, ...bos, "$A", ...eos);
    return template(settings, single, [...single, ...at(1, ...bos, "$B", ...eos)]);
  },
};

const QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const QWEN3_5 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

export const qwen2: Family = {
  specialTokens: { eos: END, unk: END, pad: END },
  pipeline: (settings) => splitPipeline(settings, QWEN2),
};

export const qwen35: Family = {
  specialTokens: { eos: END, unk: END, pad: END },
  pipeline: (settings) => splitPipeline(settings, QWEN3_5),
};

const CLIP =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

export const clip: Family = {
  specialTokens: { bos: "<|startoftext|>", eos: END, unk: END, pad: END },
  pipeline: (settings) => ({
    model: bpe({ unkToken: textOf(settings, "unk"), endOfWordSuffix: "</w>" }),
    normalizer: normalizers({ type: "NFC" }, replace("\\s+", " ", "Regex"), { type: "Lowercase" }),
    preTokenizer: preTokenizers(
      {
        type: "Split",
        pattern: { type: "Regex", source: CLIP },
        behavior: "Removed",
        invert: true,
      },
      byteLevel(false),
    ),
    decoder: { type: "ByteLevel" },
  }),
  postProcessor: (settings) => ({
    ...robertaTemplate(settings, textOf(settings, "bos"), textOf(settings, "eos")),
    typesOverflow: true,
  }),
  endOfWordSuffix: "</w>",
};

export const cohere: Family = {
  specialTokens: {
    bos: "<BOS_TOKEN>",
    eos: "<|END_OF_TURN_TOKEN|>",
    unk: "<UNK>",
    sep: "<SEP>",
    pad: "<PAD>",
    cls: "<CLS>",
    mask: "<MASK_TOKEN>",
  },
  paddingSide: "left",
  pipeline: (settings) =>
    byteLevelPipeline(
      preTokenizers(
        { type: "Digits", individualDigits: true },
        byteLevel(settings.flag("add_prefix_space", false)),
      ),
      { type: "NFC" },
    ),
};
