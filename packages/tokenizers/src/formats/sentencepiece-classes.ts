import type { AddedToken } from "../added-tokens.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { Rows } from "./assemble.ts";
import type { Piece } from "./sentencepiece-model.ts";
import {
  always,
  bytePieces,
  collapseSpaces,
  controlTokens,
  free,
  MASK_AFTER_SPACE,
  metaspace,
  metaspaceDecoder,
  ROBERTA_SPECIALS,
  regex,
  type SentencePieceClass,
  sequence,
  toBpe,
  toUnigram,
  words,
} from "./sentencepiece-parts.ts";
import { MBART, MBART50, NLLB, PEGASUS } from "./sentencepiece-seq2seq.ts";
import { specialToken } from "./special-tokens.ts";

const BERT_SPECIALS = {
  bos: "[CLS]",
  eos: "[SEP]",
  unk: "<unk>",
  sep: "[SEP]",
  pad: "<pad>",
  cls: "[CLS]",
  mask: "[MASK]",
} as const;

const BERT_ROWS: Rows = { single: "cls A sep", pair: "cls A sep B:1 sep:1" };
const ROBERTA_ROWS: Rows = { single: "bos A eos", pair: "bos A eos eos B eos" };

const LLAMA: SentencePieceClass = {
  specials: { bos: "<s>", eos: "</s>", unk: "<unk>" },
  build({ model, config }) {
    const prefix = config.flag("add_prefix_space", true);
    const first = config.flag("legacy", false) ? "always" : "first";
    return {
      model: toBpe(model, { byteFallback: true }),
      preTokenizer: metaspace(prefix ? first : "never", false),
      decoder: bytePieces(prefix ? 1 : 0),
    };
  },
};

const CODE_LLAMA: SentencePieceClass = {
  specials: LLAMA.specials,
  build({ model, config, specials }) {
    const named = {
      prefix: "▁<PRE>",
      middle: "▁<MID>",
      suffix: "▁<SUF>",
      eot: "▁<EOT>",
      fill: "<FILL_ME>",
    };
    const infilling = Object.entries(named).map(([name, usual]) =>
      specialToken(config.text(`${name}_token`) ?? usual),
    );
    return {
      model: toBpe(model, { byteFallback: true, unkToken: specials.named.get("unk")?.content }),
      preTokenizer: metaspace(config.flag("add_prefix_space", true) ? "first" : "never", false),
      decoder: bytePieces(1),
      extra: infilling,
      addsBos: true,
    };
  },
};

const GEMMA: SentencePieceClass = {
  specials: { bos: "<bos>", eos: "<eos>", unk: "<unk>", pad: "<pad>", mask: "<mask>" },
  build({ model, specials }) {
    return {
      model: toBpe(model, { byteFallback: true, unkToken: specials.named.get("unk")?.content }),
      normalizer: { type: "Replace", pattern: { type: "String", source: " " }, content: "▁" },
      preTokenizer: {
        type: "Split",
        pattern: { type: "String", source: " " },
        behavior: "MergedWithPrevious",
        invert: false,
      },
      decoder: bytePieces(0),
    };
  },
};

const T5: SentencePieceClass = {
  specials: { eos: "</s>", unk: "<unk>", pad: "<pad>" },
  build({ model, config, charsMap }) {
    const count = config.integer("extra_ids", 100);
    const blanks = Array.from({ length: count }, (_, i) => `<extra_id_${i}>`);
    const pieces = [...model.pieces, ...blanks.toReversed().map(free)];
    return {
      model: toUnigram(pieces, 2),
      normalizer: charsMap,
      ...words("always"),
      rows: { single: "A =</s>", pair: "A =</s> B =</s>" },
      extra: [...controlTokens(model.pieces), ...blanks.map((token) => specialToken(token))],
    };
  },
};

const XLM_ROBERTA: SentencePieceClass = {
  specials: ROBERTA_SPECIALS,
  build({ model, config, charsMap, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const head = ["bos", "pad", "eos", "unk"].map((name) => free(content(name)));
    return {
      model: toUnigram([...head, ...model.pieces.slice(3), free(content("mask"))], 3),
      normalizer: charsMap,
      ...words(always(config)),
      rows: ROBERTA_ROWS,
    };
  },
};

const CAMEMBERT: SentencePieceClass = {
  specials: { ...ROBERTA_SPECIALS, mask: MASK_AFTER_SPACE },
  build({ model, config, charsMap, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const pieces = [
      free("<s>NOTUSED"),
      free(content("pad")),
      free("</s>NOTUSED"),
      free(content("unk")),
      { text: "<unk>NOTUSED", score: -100 },
      ...model.pieces.slice(1),
      free(content("mask")),
    ];
    const unk = pieces.findIndex((piece) => piece.text === content("unk"));
    return {
      model: toUnigram(pieces, Math.max(0, unk)),
      normalizer: charsMap,
      ...words(always(config)),
      rows: ROBERTA_ROWS,
    };
  },
};

const ALBERT: SentencePieceClass = {
  specials: BERT_SPECIALS,
  build({ model, config, charsMap }) {
    const keepsAccents = config.flag("keep_accents", false);
    return {
      model: toUnigram(model.pieces, 1),
      normalizer: sequence([
        ...QUOTES,
        ...(keepsAccents ? [] : STRIP_ACCENTS),
        ...(config.flag("do_lower_case", true) ? [LOWERCASE] : []),
        ...(charsMap ? [charsMap] : []),
      ]),
      ...words(always(config)),
      rows: BERT_ROWS,
      yieldsRows: true,
    };
  },
};

const XLNET: SentencePieceClass = {
  specials: {
    bos: "<s>",
    eos: "</s>",
    unk: "<unk>",
    sep: "<sep>",
    pad: "<pad>",
    cls: "<cls>",
    mask: MASK_AFTER_SPACE,
  },
  build({ model, config, charsMap }) {
    return {
      model: toUnigram(model.pieces, model.unkId),
      normalizer: sequence([
        ...QUOTES,
        ...STRIP_ACCENTS,
        ...(config.flag("do_lower_case", false) ? [LOWERCASE] : []),
        ...(charsMap ? [charsMap] : []),
      ]),
      ...words("always"),
      rows: { single: "A sep cls:2", pair: "A sep B:1 sep:1 cls:2" },
    };
  },
};

const REMBERT: SentencePieceClass = {
  specials: BERT_SPECIALS,
  build({ model, config, charsMap }) {
    return {
      model: toUnigram(model.pieces, 2),
      normalizer: sequence([
        ...QUOTES,
        collapseSpaces(" "),
        ...(config.flag("keep_accents", true) ? [] : STRIP_ACCENTS),
        ...(config.flag("do_lower_case", false) ? [LOWERCASE] : []),
        ...(charsMap ? [charsMap] : []),
      ]),
      preTokenizer: metaspace(always(config), true),
      decoder: metaspaceDecoder(always(config)),
      extra: specialPieces(model.pieces),
    };
  },
};

const DEBERTA_V2: SentencePieceClass = {
  specials: { ...BERT_SPECIALS, unk: "[UNK]", pad: "[PAD]" },
  build({ model, config, specials }) {
    const unkToken = specials.named.get("unk")?.content;
    const unk = model.pieces.findIndex(({ text, score }) => text === unkToken && score === 0);
    const scheme = config.flag("add_prefix_space", true) ? "always" : "first";
    const punctuation: PreTokenizerDefinition[] = config.flag("split_by_punct", false)
      ? [{ type: "Punctuation", behavior: "Isolated" }]
      : [];
    return {
      model: toUnigram(model.pieces, unk >= 0 ? unk : model.unkId),
      normalizer: sequence([
        ...(config.flag("do_lower_case", false) ? [LOWERCASE] : []),
        ...PLAIN_SPACES,
      ]),
      preTokenizer: {
        type: "Sequence",
        preTokenizers: [...punctuation, metaspace(scheme, true)],
      },
      decoder: metaspaceDecoder(scheme),
      rows: BERT_ROWS,
    };
  },
};

const BIG_BIRD: SentencePieceClass = {
  specials: {
    bos: "<s>",
    eos: "</s>",
    unk: "<unk>",
    sep: "[SEP]",
    pad: "<pad>",
    cls: "[CLS]",
    mask: specialToken("[MASK]", { lstrip: true }),
  },
  build({ model, config, specials }) {
    const unkToken = specials.named.get("unk")?.content;
    const unk = model.pieces.findIndex(({ text, score }) => text === unkToken && score === 0);
    return {
      model: toUnigram(model.pieces, unk >= 0 ? unk : 100),
      normalizer: sequence([
        { type: "Strip", stripLeft: false, stripRight: false },
        collapseSpaces("▁"),
      ]),
      preTokenizer: metaspace(always(config), true),
      decoder: metaspaceDecoder(always(config)),
      rows: BERT_ROWS,
    };
  },
};

const BARTHEZ: SentencePieceClass = {
  specials: { ...ROBERTA_SPECIALS, mask: MASK_AFTER_SPACE },
  build({ model, config }) {
    return {
      model: toUnigram(model.pieces, 3),
      normalizer: sequence([...PLAIN_SPACES]),
      preTokenizer: metaspace(always(config), true),
      decoder: metaspaceDecoder(always(config)),
    };
  },
};

const REFORMER: SentencePieceClass = {
  specials: { eos: "</s>", unk: "<unk>" },
  build({ model, charsMap, specials }) {
    return {
      model: toBpe(model, { unkToken: specials.named.get("unk")?.content }),
      normalizer: charsMap && sequence([charsMap, collapseSpaces(" ")]),
      preTokenizer: metaspace("always", true),
      decoder: metaspaceDecoder("always"),
      extra: specialPieces(model.pieces),
    };
  },
};

const UDOP: SentencePieceClass = {
  specials: { eos: "</s>", sep: "</s>", unk: "<unk>", pad: "<pad>" },
  build({ model, specials }) {
    const unkToken = specials.named.get("unk")?.content;
    const unk = model.pieces.findIndex(({ text }) => text === unkToken);
    return {
      model: toUnigram(model.pieces, unk >= 0 ? unk : 2),
      ...words("always"),
      rows: { single: "A =</s>", pair: "A =</s> B =</s>" },
    };
  },
};

/** What DeBERTa-v2 and BARThez have in place of the model's own map. */
const PLAIN_SPACES: readonly NormalizerDefinition[] = [
  { type: "Replace", pattern: regex(String.raw`\s{2,}|[\n\r\t]`), content: " " },
  { type: "NFC" },
  { type: "Strip", stripLeft: false, stripRight: true },
];

/** Classes that add these tokens twice have them special, all of them. */
function specialPieces(pieces: readonly Piece[]): readonly AddedToken[] {
  return controlTokens(pieces).map((token) => ({ ...token, special: true }));
}

const QUOTES: readonly NormalizerDefinition[] = ["``", "''"].map((source) => ({
  type: "Replace",
  pattern: { type: "String", source },
  content: '"',
}));
const STRIP_ACCENTS: readonly NormalizerDefinition[] = [{ type: "NFKD" }, { type: "StripAccents" }];
const LOWERCASE: NormalizerDefinition = { type: "Lowercase" };

/** By class, without "Fast". Source: transformers 5, `models/*\/tokenization_*.py`. */
export const SENTENCEPIECE_CLASSES: ReadonlyMap<string, SentencePieceClass> = new Map([
  ["LlamaTokenizer", LLAMA],
  ["CodeLlamaTokenizer", CODE_LLAMA],
  ["GemmaTokenizer", GEMMA],
  ["T5Tokenizer", T5],
  ["MT5Tokenizer", T5],
  ["XLMRobertaTokenizer", XLM_ROBERTA],
  ["CamembertTokenizer", CAMEMBERT],
  ["AlbertTokenizer", ALBERT],
  ["BarthezTokenizer", BARTHEZ],
  ["ReformerTokenizer", REFORMER],
  ["UdopTokenizer", UDOP],
  ["XLNetTokenizer", XLNET],
  ["RemBertTokenizer", REMBERT],
  ["MBartTokenizer", MBART],
  ["MBart50Tokenizer", MBART50],
  ["NllbTokenizer", NLLB],
  ["PegasusTokenizer", PEGASUS],
  ["DebertaV2Tokenizer", DEBERTA_V2],
  ["BigBirdTokenizer", BIG_BIRD],
]);
