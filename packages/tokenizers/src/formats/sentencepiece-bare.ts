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
 * The library's own way. Three things differ where they meet: the text of a control piece, or of `<unk>` and byte
 * pieces in a unigram model, is found in text; a BPE model's user-defined pieces cut the text before its spaces are
 * put right, so those at its end stay, and a text that begins with one has no "▁" in front.
 */
export function libraryClass(model: SentencePieceModel): SentencePieceClass {
  const control = model.pieces.filter(({ type }) => type === "control");
  const isCut = model.algorithm === "bpe" && model.pieces.some(({ type }) => type === "user");
  return {
    specials: namedPieces(model),
    build: ({ charsMap }) => ({
      model: libraryModel(model),
      normalizer: sequence([...(charsMap ? [charsMap] : []), ...spaces(model, isCut)]),
      preTokenizer: marks(model, isCut),
      decoder: bytePieces(model.removeExtraWhitespaces ? ALL : Number(model.addDummyPrefix)),
      extra: controlTokens(isCut ? model.pieces : control),
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
function spaces(model: SentencePieceModel, isCut: boolean): readonly NormalizerDefinition[] {
  const steps: NormalizerDefinition[] = [];
  if (model.removeExtraWhitespaces) {
    const ends = { type: "Replace", pattern: regex(END_SPACES), content: "" } as const;
    if (!isCut) steps.push(ends);
    steps.push(collapseSpaces(" "));
  }
  // Where text is cut, a mark goes in front of the first stretch alone, which only the next stage can tell.
  if (model.addDummyPrefix && !isCut) steps.push({ type: "Prepend", prepend: " " });
  return steps;
}

function marks(model: SentencePieceModel, isCut: boolean): PreTokenizerDefinition | undefined {
  if (!model.escapeWhitespaces) return undefined;
  // Words can be taken one by one where no piece goes beyond its word.
  const split = model.pieces.every(({ text }) => text.lastIndexOf("▁") <= 0);
  return metaspace(model.addDummyPrefix && isCut ? "first" : "never", split);
}
