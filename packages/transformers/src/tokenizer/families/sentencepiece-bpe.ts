import { NLLB_LANGUAGES } from "@bearhug/tokenizers";
import { specialToken } from "../special-tokens.ts";
import {
  at,
  bpe,
  type Decoder,
  decoders,
  type Family,
  type FamilySettings,
  metaspace,
  metaspaceDecoder,
  normalizers,
  type Pipeline,
  type PostProcessor,
  type PrependScheme,
  replace,
  template,
  textOf,
} from "./family.ts";

/** Classes whose vocabulary comes from SentencePiece and whose words are cut by BPE. */

const BYTES: readonly Decoder[] = [replace("▁", " "), { type: "ByteFallback" }, { type: "Fuse" }];
const STRIP: Decoder = { type: "Strip", content: " ", start: 1, stop: 0 };

function llamaPipeline(scheme: PrependScheme): Pipeline {
  const strips = scheme === "never" ? [] : [STRIP];
  return {
    model: bpe({ fuseUnk: true, byteFallback: true }),
    normalizer: undefined,
    preTokenizer: metaspace(scheme, false),
    decoder: decoders(...BYTES, ...strips),
  };
}

export const llama: Family = {
  specialTokens: { bos: "<s>", eos: "</s>", unk: "<unk>" },
  paddingSide: "left",
  pipeline: (settings) => {
    if (!settings.flag("add_prefix_space", true)) return llamaPipeline("never");
    return llamaPipeline(settings.flag("legacy", false) ? "always" : "first");
  },
};

const INFILLING = {
  prefix_token: "▁<PRE>",
  middle_token: "▁<MID>",
  suffix_token: "▁<SUF>",
  eot_token: "▁<EOT>",
  fill_token: "<FILL_ME>",
} as const;

export const codeLlama: Family = {
  specialTokens: { bos: "<s>", eos: "</s>", unk: "<unk>" },
  extraSpecialTokens: Object.values(INFILLING),
  modelTokens: INFILLING,
  paddingSide: "left",
  pipeline: (settings) => ({
    ...llamaPipeline(settings.flag("add_prefix_space", true) ? "first" : "never"),
    model: bpe({ unkToken: textOf(settings, "unk"), fuseUnk: true, byteFallback: true }),
    decoder: decoders(...BYTES, STRIP),
  }),
  postProcessor: (settings) => {
    const bos = settings.flag("add_bos_token", true) ? [textOf(settings, "bos")] : [];
    const eos = settings.flag("add_eos_token", false) ? [textOf(settings, "eos")] : [];
    const single = at(0, ...bos, "$A", ...eos);
    return template(settings, single, [...single, ...at(1, ...bos, "$B", ...eos)]);
  },
};

const GEMMA_TOKENS = {
  bos: "<bos>",
  eos: "<eos>",
  unk: "<unk>",
  pad: "<pad>",
  mask: "<mask>",
} as const;

function gemmaPipeline(settings: FamilySettings): Pipeline {
  return {
    model: bpe({ unkToken: textOf(settings, "unk"), fuseUnk: true, byteFallback: true }),
    normalizer: replace(" ", "▁"),
    preTokenizer: {
      type: "Split",
      pattern: { type: "String", source: " " },
      behavior: "MergedWithPrevious",
      invert: false,
    },
    decoder: decoders(...BYTES),
  };
}

export const gemma: Family = {
  specialTokens: GEMMA_TOKENS,
  paddingSide: "left",
  pipeline: gemmaPipeline,
};

export const siglip2: Family = {
  specialTokens: GEMMA_TOKENS,
  paddingSide: "left",
  pipeline: (settings) => ({
    ...gemmaPipeline(settings),
    normalizer: normalizers({ type: "Lowercase" }, replace(" ", "▁")),
  }),
};

const FAIRSEQ = {
  bos: "<s>",
  eos: "</s>",
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
} as const;

/** The language's code before the text and the end token after it, or both after it. */
export function languageTemplate(
  settings: FamilySettings,
  language: string,
  isAfter: boolean,
): PostProcessor {
  const eos = textOf(settings, "eos");
  const before = isAfter ? [] : [language];
  const after = isAfter ? [eos, language] : [eos];
  return template(
    settings,
    at(0, ...before, "$A", ...after),
    at(0, ...before, "$A", "$B", ...after),
  );
}

export const nllb: Family = {
  specialTokens: { ...FAIRSEQ, mask: specialToken("<mask>", { normalized: true, lstrip: true }) },
  extraSpecialTokens: NLLB_LANGUAGES,
  pipeline: (settings) => ({
    model: bpe({ unkToken: textOf(settings, "unk"), fuseUnk: true }),
    normalizer:
      settings.precompiled && normalizers(settings.precompiled, replace(" {2,}", " ", "Regex")),
    preTokenizer: metaspace("always"),
    decoder: metaspaceDecoder("always"),
  }),
  postProcessor: (settings) =>
    languageTemplate(
      settings,
      settings.text("src_lang", "eng_Latn"),
      settings.flag("legacy_behaviour", false),
    ),
};

export const reformer: Family = {
  specialTokens: { eos: "</s>", unk: "<unk>" },
  pipeline: (settings) => ({
    model: bpe({ unkToken: textOf(settings, "unk"), fuseUnk: true }),
    normalizer:
      settings.precompiled && normalizers(settings.precompiled, replace(" {2,}", " ", "Regex")),
    preTokenizer: metaspace("always"),
    decoder: metaspaceDecoder("always"),
  }),
};

const BERT_LIKE = {
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
  mask: "<mask>",
} as const;

export const herbert: Family = {
  specialTokens: BERT_LIKE,
  pipeline: (settings) => ({
    model: bpe({ unkToken: textOf(settings, "unk"), endOfWordSuffix: "</w>" }),
    normalizer: {
      type: "BertNormalizer",
      cleanText: true,
      handleChineseChars: true,
      stripAccents: false,
      lowercase: false,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "BPEDecoder", suffix: "</w>" },
  }),
  postProcessor: (settings) => {
    const [cls, sep] = [textOf(settings, "cls"), textOf(settings, "sep")];
    const single = at(0, cls, "$A", sep);
    return template(settings, single, [...single, ...at(1, "$B", sep)]);
  },
};

export const openAiGpt: Family = {
  specialTokens: { unk: "<unk>" },
  pipeline: (settings) => ({
    model: bpe({ unkToken: textOf(settings, "unk"), endOfWordSuffix: "</w>" }),
    normalizer: {
      type: "BertNormalizer",
      cleanText: true,
      handleChineseChars: true,
      stripAccents: undefined,
      lowercase: true,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "BPEDecoder", suffix: "</w>" },
  }),
};
