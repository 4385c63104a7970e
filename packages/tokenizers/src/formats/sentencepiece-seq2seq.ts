/** Classes of models that translate or summarize: they bring languages, masks and other tokens of their own. */
import { TokenizerFormatError } from "../errors.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { ClassConfig } from "./conversion-options.ts";
import { MBART_LANGUAGES, MBART50_LANGUAGES, NLLB_LANGUAGES } from "./language-codes.ts";
import {
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
import { specialToken } from "./special-tokens.ts";

export const MBART: SentencePieceClass = {
  specials: { ...ROBERTA_SPECIALS, mask: MASK_AFTER_SPACE },
  build({ model, config, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const pieces = [
      ...["bos", "pad", "eos", "unk"].map((name) => free(content(name))),
      ...model.pieces.slice(3),
      ...MBART_LANGUAGES.map(free),
      free(content("mask")),
    ];
    const language = config.text("src_lang") ?? "en_XX";
    const row = `eos =${language}`;
    return {
      model: toUnigram(pieces, 3),
      ...words("always"),
      rows: { single: `A ${row}`, pair: `A B ${row}` },
      extra: [...MBART_LANGUAGES.map((code) => specialToken(code)), ...controlTokens(model.pieces)],
    };
  },
};

export const MBART50: SentencePieceClass = {
  specials: {
    eos: "</s>",
    unk: "<unk>",
    sep: "</s>",
    pad: "<pad>",
    cls: "<s>",
    mask: MASK_AFTER_SPACE,
  },
  build({ model, config, charsMap, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const pieces = [
      ...["cls", "pad", "eos", "unk"].map((name) => free(content(name))),
      ...model.pieces.slice(3),
      ...MBART50_LANGUAGES.map(free),
      free(content("mask")),
    ];
    const language = config.text("src_lang") ?? "en_XX";
    return {
      model: toUnigram(pieces, 3),
      normalizer: sequence([...(charsMap ? [charsMap] : []), collapseSpaces(" ")]),
      preTokenizer: metaspace("always", true),
      decoder: metaspaceDecoder("always"),
      rows: { single: `=${language} A eos`, pair: `=${language} A B eos` },
      extra: [
        ...controlTokens(model.pieces),
        ...MBART50_LANGUAGES.map((code) => specialToken(code)),
      ],
    };
  },
};

export const NLLB: SentencePieceClass = {
  specials: {
    ...ROBERTA_SPECIALS,
    mask: specialToken("<mask>", { lstrip: true, normalized: true }),
  },
  build({ model, config, charsMap, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const language = config.text("src_lang") ?? "eng_Latn";
    const isLegacy = config.flag("legacy_behaviour", false);
    return {
      model: toBpe(model, {
        unkToken: content("unk"),
        head: ["bos", "pad", "eos", "unk"].map(content),
      }),
      normalizer: charsMap && sequence([charsMap, collapseSpaces(" ")]),
      preTokenizer: metaspace("always", true),
      decoder: metaspaceDecoder("always"),
      rows: isLegacy
        ? { single: `A eos =${language}`, pair: `A B eos =${language}` }
        : { single: `=${language} A eos`, pair: `=${language} A B eos` },
      extra: NLLB_LANGUAGES.map((code) => specialToken(code)),
    };
  },
};

export const PEGASUS: SentencePieceClass = {
  specials: { eos: "</s>", unk: "<unk>", pad: "<pad>", mask: "<mask_2>" },
  build({ model, config, charsMap, specials }) {
    const content = (name: string) => specials.named.get(name)?.content ?? `<${name}>`;
    const offset = config.integer("offset", 103);
    const sentenceMask = orNone(config, "mask_token_sent", "<mask_1>");
    // In the vocabulary the two masks stand the other way round than the class names them.
    const masks = [
      orNone(config, "mask_token", "<mask_1>"),
      orNone(config, "mask_token_sent", "<mask_2>"),
    ].flatMap((mask) => mask ?? []);
    const unused = Array.from({ length: Math.max(0, offset - 2) }, (_, i) => `<unk_${i + 2}>`);
    const pieces = [
      free(content("pad")),
      free(content("eos")),
      ...[...new Set(masks)].map(free),
      ...unused.map((text) => ({ text, score: -100 })),
      ...model.pieces.slice(2),
    ];
    const unk = pieces.findIndex((piece, i) => i > 0 && piece.text === content("unk"));
    if (unk < 0) {
      throw new TokenizerFormatError(
        `model.pieces has no "${content("unk")}" behind its first two`,
      );
    }
    const spaces: NormalizerDefinition[] = charsMap
      ? [charsMap]
      : [{ type: "Replace", pattern: regex(String.raw`\n`), content: " " }];
    return {
      model: toUnigram(pieces, unk),
      normalizer: sequence([...spaces, collapseSpaces(" ")]),
      preTokenizer: metaspace("always", true),
      decoder: metaspaceDecoder("always"),
      rows: { single: "A eos", pair: "A B eos" },
      extra: [...(sentenceMask ? [sentenceMask] : []), ...unused].map((token) =>
        specialToken(token),
      ),
    };
  },
};

/** What the config says; null is nothing, as against the class's own. */
function orNone(config: ClassConfig, name: string, otherwise: string): string | undefined {
  return name in config.fields ? config.text(name) : otherwise;
}
