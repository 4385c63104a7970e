import { specialToken } from "../special-tokens.ts";
import {
  bertTemplate,
  type Family,
  type FamilySettings,
  type Pipeline,
  robertaTemplate,
  textOf,
} from "./family.ts";

/** Classes whose words are cut by WordPiece. */

function bertPipeline(settings: FamilySettings, prefix = "##"): Pipeline {
  return {
    model: {
      type: "WordPiece",
      unkToken: textOf(settings, "unk"),
      continuingSubwordPrefix: "##",
      maxInputCharsPerWord: 100,
    },
    normalizer: {
      type: "BertNormalizer",
      cleanText: settings.flag("clean_text", true),
      handleChineseChars: settings.flag("tokenize_chinese_chars", true),
      stripAccents: settings.flag("strip_accents", undefined),
      lowercase: settings.flag("do_lower_case", true),
    },
    preTokenizer: { type: "BertPreTokenizer" },
    decoder: { type: "WordPiece", prefix, cleanup: true },
  };
}

export const bert: Family = {
  specialTokens: { unk: "[UNK]", sep: "[SEP]", pad: "[PAD]", cls: "[CLS]", mask: "[MASK]" },
  modelInputNames: ["input_ids", "token_type_ids", "attention_mask"],
  pipeline: bertPipeline,
  postProcessor: (settings) => bertTemplate(settings),
};

export const funnel: Family = {
  specialTokens: {
    bos: "<s>",
    eos: "</s>",
    unk: "<unk>",
    sep: "<sep>",
    pad: "<pad>",
    cls: "<cls>",
    mask: "<mask>",
  },
  pipeline: (settings) => bertPipeline(settings, settings.text("wordpieces_prefix", "##")),
  postProcessor: (settings) => bertTemplate(settings, 2),
};

export const mpnet: Family = {
  specialTokens: {
    bos: specialToken("<s>", { normalized: true }),
    eos: specialToken("</s>", { normalized: true }),
    unk: specialToken("[UNK]", { normalized: true }),
    sep: specialToken("</s>", { normalized: true }),
    pad: specialToken("<pad>", { normalized: true }),
    cls: specialToken("<s>", { normalized: true }),
    mask: specialToken("<mask>", { normalized: true, lstrip: true }),
  },
  pipeline: bertPipeline,
  postProcessor: (settings) => ({
    ...robertaTemplate(settings, textOf(settings, "cls"), textOf(settings, "sep")),
    typesOverflow: true,
    trims: [{ addPrefixSpace: false }],
  }),
};
