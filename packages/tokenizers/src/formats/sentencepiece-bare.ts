/** SentencePiece models without a class of their own: as the library reads them, and as transformers does. */
import type { ModelDefinition } from "../models/model.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { Piece, SentencePieceModel } from "./sentencepiece-model.ts";
import {
  bytePieces,
  collapseSpaces,
  controlTokens,
  metaspace,
  regex,
  type SentencePieceClass,
  sequence,
  toBpe,
  toUnigram,
} from "./sentencepiece-parts.ts";
import type { SpecialDefaults } from "./special-tokens.ts";

const UNDERLINE: NormalizerDefinition = {
  type: "Replace",
  pattern: { type: "String", source: " " },
  content: "▁",
};

/** transformers' general class: spaces become "▁", and nothing is put in front. */
export function generalClass(model: SentencePieceModel): SentencePieceClass {
  const { byteFallback, unkPiece: unkToken } = model;
  return {
    specials: namedPieces(model),
    build: ({ charsMap }) => ({
      model:
        model.algorithm === "unigram"
          ? toUnigram(model.pieces, model.unkId, byteFallback)
          : toBpe(model, { byteFallback, unkToken }),
      normalizer: sequence([...(charsMap ? [charsMap] : []), UNDERLINE]),
      decoder: byteFallback
        ? bytePieces(0)
        : {
            type: "Sequence",
            decoders: [{ type: "Replace", pattern: { type: "String", source: "▁" }, content: " " }],
          },
    }),
  };
}

/**
 * The library's own way. It differs where text has that of a control piece, of a BPE model's user-defined piece, or of
 * `<unk>` and byte pieces in a unigram model: these are found in text, which control pieces and user-defined ones cut
 * into stretches with spaces and marks of their own. The map of characters is applied as tokenizer.json has it, to
 * clusters of characters.
 */
export function libraryClass(model: SentencePieceModel): SentencePieceClass {
  const isBpe = model.algorithm === "bpe";
  const cutting = model.pieces.filter(
    ({ type }) => type === "control" || (isBpe && type === "user"),
  );
  return {
    specials: namedPieces(model),
    build: ({ charsMap }) => ({
      model: libraryModel(model),
      normalizer: sequence([...(charsMap ? [charsMap] : []), ...spaces(model)]),
      preTokenizer: model.escapeWhitespaces ? marks(model) : undefined,
      decoder: bytePieces(model.removeExtraWhitespaces ? ALL : Number(model.addDummyPrefix)),
      extra: controlTokens(cutting),
    }),
  };
}

/** More spaces than any text begins with. */
const ALL = 0x7fff_ffff;

function namedPieces(model: SentencePieceModel): SpecialDefaults {
  return {
    ...(model.bosId >= 0 ? { bos: model.bosPiece || "<s>" } : {}),
    ...(model.eosId >= 0 ? { eos: model.eosPiece || "</s>" } : {}),
    ...(model.unkId >= 0 ? { unk: model.unkPiece || "<unk>" } : {}),
  };
}

function libraryModel(model: SentencePieceModel): ModelDefinition {
  const { byteFallback, unkPiece: unkToken } = model;
  if (model.algorithm === "bpe") return toBpe(model, { byteFallback, unkToken, byScore: true });
  const pieces = withUserScores(model.pieces);
  const definition = toUnigram(pieces, model.unkId, byteFallback);
  const used = pieces.flatMap(({ text, type }, id): [string, number][] =>
    type === "unused" ? [] : [[text, id]],
  );
  return { ...definition, vocabulary: Vocabulary.from(used) };
}

const encoder = new TextEncoder();

/** What the library counts from when it looks for the best score: less than any real one above 0. */
const LEAST_FLOAT = 2 ** -126;

/** User-defined pieces have a score by which they are taken in place of others; unused ones are never taken. */
function withUserScores(pieces: readonly Piece[]): readonly Piece[] {
  const best = pieces.reduce(
    (most, { type, score }) => (type === "normal" ? Math.max(most, score) : most),
    LEAST_FLOAT,
  );
  return pieces.map((piece) => {
    if (piece.type !== "user") return piece;
    return { ...piece, score: encoder.encode(piece.text).length * best - 0.1 };
  });
}

/** At the end, what text has of the mark itself goes too. */
const END_SPACES = String.raw`\A +|[ ▁]+\z`;

/** Puts spaces right before they are marked. */
function spaces(model: SentencePieceModel): readonly NormalizerDefinition[] {
  const steps: NormalizerDefinition[] = [];
  if (model.removeExtraWhitespaces) {
    steps.push({ type: "Replace", pattern: regex(END_SPACES), content: "" }, collapseSpaces(" "));
  }
  // Here and not with the marks: a text that begins with a space gets one more.
  if (model.addDummyPrefix) steps.push({ type: "Prepend", prepend: " " });
  return steps;
}

/** Words can be taken one by one where no piece goes beyond its word. */
function marks({ pieces }: SentencePieceModel): PreTokenizerDefinition {
  return metaspace(
    "never",
    pieces.every(({ text }) => text.lastIndexOf("▁") <= 0),
  );
}
