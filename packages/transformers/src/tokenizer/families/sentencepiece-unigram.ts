import { MBART_LANGUAGES, MBART50_LANGUAGES } from "@bearhug/tokenizers";
import { specialToken } from "../special-tokens.ts";
import {
  at,
  bertTemplate,
  type Family,
  type FamilySettings,
  metaspace,
  metaspaceDecoder,
  type Normalizer,
  normalizers,
  type Pipeline,
  type PrependScheme,
  type PreTokenizer,
  preTokenizers,
  replace,
  robertaTemplate,
  template,
  textOf,
  unigram,
} from "./family.ts";
import { languageTemplate } from "./sentencepiece-bpe.ts";

/** Classes whose vocabulary comes from SentencePiece's unigram model. */

const SPACES = replace(" {2,}", " ", "Regex");

interface Parts {
  readonly unkId: number | undefined;
  readonly normalizer?: Normalizer | undefined;
  /** Steps before the words get their mark. */
  readonly before?: readonly PreTokenizer[];
  readonly scheme?: PrependScheme;
}

function pipeline({ unkId, normalizer, before = [], scheme = "always" }: Parts): Pipeline {
  const marks = metaspace(scheme);
  return {
    model: unigram(unkId),
    normalizer,
    preTokenizer: before.length > 0 ? preTokenizers(...before, marks) : marks,
    decoder: metaspaceDecoder(scheme),
  };
}

const WORDS: readonly PreTokenizer[] = [{ type: "WhitespaceSplit" }];

function prefixScheme(settings: FamilySettings): PrependScheme {
  return settings.flag("add_prefix_space", true) ? "always" : "never";
}

const FAIRSEQ = {
  bos: "<s>",
  eos: "</s>",
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
} as const;
/** A mask that takes the white space before it. */
const MASK = specialToken("<mask>", { lstrip: true, normalized: true });

export const t5: Family = {
  specialTokens: { eos: "</s>", unk: "<unk>", pad: "<pad>" },
  extraSpecialTokens: Array.from({ length: 100 }, (_, i) => `<extra_id_${i}>`),
  pipeline: (settings) => pipeline({ unkId: 2, normalizer: settings.precompiled, before: WORDS }),
  postProcessor: (settings) =>
    template(settings, at(0, "$A", "</s>"), at(0, "$A", "</s>", "$B", "</s>")),
};

export const xlmRoberta: Family = {
  specialTokens: { ...FAIRSEQ, mask: "<mask>" },
  pipeline: (settings) =>
    pipeline({
      unkId: 3,
      normalizer: settings.precompiled,
      before: WORDS,
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) =>
    robertaTemplate(settings, textOf(settings, "bos"), textOf(settings, "eos")),
};

export const camembert: Family = {
  specialTokens: { ...FAIRSEQ, mask: specialToken("<mask>", { lstrip: true }) },
  extraSpecialTokens: ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"],
  pipeline: (settings) =>
    pipeline({
      unkId: settings.pieceId(textOf(settings, "unk")) ?? 0,
      normalizer: settings.precompiled,
      before: WORDS,
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) =>
    robertaTemplate(settings, textOf(settings, "bos"), textOf(settings, "eos")),
};

export const barthez: Family = {
  specialTokens: { ...FAIRSEQ, mask: MASK },
  pipeline: (settings) =>
    pipeline({
      unkId: 3,
      normalizer: normalizers(
        replace("\\s{2,}|[\\n\\r\\t]", " ", "Regex"),
        { type: "NFC" },
        { type: "Strip", stripLeft: false, stripRight: true },
      ),
      scheme: prefixScheme(settings),
    }),
};

export const mbart: Family = {
  specialTokens: { ...FAIRSEQ, mask: MASK },
  extraSpecialTokens: MBART_LANGUAGES,
  pipeline: () => pipeline({ unkId: 3, before: WORDS }),
  postProcessor: (settings) => languageTemplate(settings, settings.text("src_lang", "en_XX"), true),
};

export const mbart50: Family = {
  specialTokens: { eos: "</s>", unk: "<unk>", sep: "</s>", pad: "<pad>", cls: "<s>", mask: MASK },
  extraSpecialTokens: MBART50_LANGUAGES,
  pipeline: (settings) =>
    pipeline({ unkId: 3, normalizer: normalizers(settings.precompiled, SPACES) }),
  postProcessor: (settings) =>
    languageTemplate(settings, settings.text("src_lang", "en_XX"), false),
};

export const xglm: Family = {
  specialTokens: FAIRSEQ,
  extraSpecialTokens: Array.from({ length: 7 }, (_, i) => `<madeupword${i}>`),
  pipeline: (settings) =>
    pipeline({
      unkId: 3,
      normalizer: normalizers(settings.precompiled, SPACES),
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) => {
    const eos = textOf(settings, "eos");
    return template(settings, at(0, eos, "$A"), at(0, eos, "$A", eos, eos, "$B"));
  },
};

export const pegasus: Family = {
  specialTokens: { eos: "</s>", unk: "<unk>", pad: "<pad>", mask: "<mask_2>" },
  extraSpecialTokens: ["<mask_1>", ...Array.from({ length: 101 }, (_, i) => `<unk_${i + 2}>`)],
  pipeline: (settings) =>
    pipeline({
      unkId: settings.pieceId(textOf(settings, "unk")),
      normalizer: normalizers(settings.precompiled ?? replace("\\n", " ", "Regex"), SPACES),
    }),
  postProcessor: (settings) => {
    const eos = textOf(settings, "eos");
    return template(settings, at(0, "$A", eos), at(0, "$A", "$B", eos));
  },
};

const BERT_MARKS = {
  bos: "[CLS]",
  eos: "[SEP]",
  unk: "<unk>",
  sep: "[SEP]",
  pad: "<pad>",
  cls: "[CLS]",
  mask: "[MASK]",
} as const;

/** LaTeX quotes, accents and case, as these two classes treat them. */
function accentSteps(settings: FamilySettings, keepsAccents: boolean): readonly Normalizer[] {
  const accents = [{ type: "NFKD" }, { type: "StripAccents" }] as const;
  return settings.flag("keep_accents", keepsAccents) ? [] : accents;
}

export const albert: Family = {
  specialTokens: BERT_MARKS,
  pipeline: (settings) =>
    pipeline({
      unkId: 1,
      normalizer: normalizers(
        replace("``", '"'),
        replace("''", '"'),
        ...accentSteps(settings, false),
        settings.flag("do_lower_case", true) && { type: "Lowercase" },
        settings.precompiled,
      ),
      before: WORDS,
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) => bertTemplate(settings),
  rowsCount: "when-file-has-none",
};

export const rembert: Family = {
  specialTokens: BERT_MARKS,
  pipeline: (settings) =>
    pipeline({
      unkId: 2,
      normalizer: normalizers(
        replace("``", '"'),
        replace("''", '"'),
        SPACES,
        ...accentSteps(settings, true),
        settings.flag("do_lower_case", false) && { type: "Lowercase" },
        settings.precompiled,
      ),
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) => bertTemplate(settings),
  rowsCount: "when-file-has-some",
};

export const xlnet: Family = {
  specialTokens: {
    bos: "<s>",
    eos: "</s>",
    unk: "<unk>",
    sep: "<sep>",
    pad: "<pad>",
    cls: "<cls>",
    mask: MASK,
  },
  extraSpecialTokens: ["<eop>", "<eod>"],
  paddingSide: "left",
  pipeline: (settings) =>
    pipeline({
      unkId: 0,
      normalizer: normalizers(
        replace("``", '"'),
        replace("''", '"'),
        { type: "NFKD" },
        { type: "StripAccents" },
        settings.flag("do_lower_case", false) && { type: "Lowercase" },
        settings.precompiled,
      ),
      before: WORDS,
    }),
  postProcessor: (settings) => {
    const [sep, cls] = [textOf(settings, "sep"), textOf(settings, "cls")];
    const first = at(0, "$A", sep);
    const last = at(2, cls);
    return template(settings, [...first, ...last], [...first, ...at(1, "$B", sep), ...last]);
  },
};

export const bigBird: Family = {
  specialTokens: {
    bos: specialToken("<s>", { normalized: true }),
    eos: specialToken("</s>", { normalized: true }),
    unk: specialToken("<unk>", { normalized: true }),
    sep: specialToken("[SEP]", { normalized: true }),
    pad: specialToken("<pad>", { normalized: true }),
    cls: specialToken("[CLS]", { normalized: true }),
    mask: specialToken("[MASK]", { normalized: true, lstrip: true }),
  },
  pipeline: (settings) =>
    pipeline({
      unkId: settings.pieceId(textOf(settings, "unk")) ?? 100,
      normalizer: normalizers(
        { type: "Strip", stripLeft: false, stripRight: false },
        replace(" {2,}", "▁", "Regex"),
      ),
      scheme: prefixScheme(settings),
    }),
  postProcessor: (settings) => bertTemplate(settings),
};

export const debertaV2: Family = {
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
  pipeline: (settings) => {
    const scheme = settings.flag("add_prefix_space", true) ? "always" : "first";
    const parts = pipeline({
      unkId: settings.pieceId(textOf(settings, "unk")) ?? 1,
      normalizer: normalizers(
        settings.flag("do_lower_case", false) && { type: "Lowercase" },
        replace("\\s{2,}|[\\n\\r\\t]", " ", "Regex"),
        { type: "NFC" },
        { type: "Strip", stripLeft: false, stripRight: true },
      ),
      before: settings.flag("split_by_punct", false)
        ? [{ type: "Punctuation", behavior: "Isolated" }]
        : [],
      scheme,
    });
    return parts;
  },
  postProcessor: (settings) => bertTemplate(settings),
};
