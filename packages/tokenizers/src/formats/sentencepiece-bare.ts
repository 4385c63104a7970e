/** SentencePiece models without a class of their own: as the library reads them, and as transformers does. */
import type { ModelDefinition } from "../models/model.ts";
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
        ? bytePieces(false)
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
export function libraryClass(
  model: SentencePieceModel,
  prefixed: "first" | "always" = "first",
): SentencePieceClass {
  const control = model.pieces.filter(({ type }) => type === "control");
  const isCut = model.algorithm === "bpe" && model.pieces.some(({ type }) => type === "user");
  return {
    specials: namedPieces(model),
    build: ({ charsMap }) => ({
      model: libraryModel(model),
      normalizer: sequence([...(charsMap ? [charsMap] : []), ...spaces(model, isCut)]),
      preTokenizer: marks(model, { isCut, prefixed }),
      decoder: bytePieces(model.addDummyPrefix || model.removeExtraWhitespaces),
      extra: controlTokens(isCut ? model.pieces : control),
    }),
  };
}

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
  return toUnigram(withUserScores(model.pieces), model.unkId, byteFallback);
}

const encoder = new TextEncoder();

/** What the library gives user-defined pieces so that they are taken: their length times the best score. */
function withUserScores(pieces: readonly Piece[]): readonly Piece[] {
  const best = pieces.reduce(
    (most, { type, score }) => (type === "normal" ? Math.max(most, score) : most),
    Number.NEGATIVE_INFINITY,
  );
  return pieces.map((piece) => {
    if (piece.type !== "user" || best === Number.NEGATIVE_INFINITY) return piece;
    return { ...piece, score: encoder.encode(piece.text).length * best - 0.1 };
  });
}

/** Puts spaces right before they are marked. */
function spaces(model: SentencePieceModel, isCut: boolean): readonly NormalizerDefinition[] {
  const steps: NormalizerDefinition[] = [];
  if (model.removeExtraWhitespaces) {
    const ends = { type: "Replace", pattern: regex(String.raw`\A +| +\z`), content: "" } as const;
    if (!isCut) steps.push(ends);
    steps.push(collapseSpaces(" "));
  }
  if (!prepends(model, isCut)) return steps;
  return [...steps, { type: "Prepend", prepend: " " }];
}

/** Spaces that stay as they are need one in front even where the text begins with one. */
function prepends({ addDummyPrefix, ...model }: SentencePieceModel, isCut: boolean): boolean {
  if (!addDummyPrefix) return false;
  return !model.escapeWhitespaces || (!model.removeExtraWhitespaces && !isCut);
}

function marks(
  model: SentencePieceModel,
  { isCut, prefixed }: { readonly isCut: boolean; readonly prefixed: "first" | "always" },
): PreTokenizerDefinition | undefined {
  if (!model.escapeWhitespaces) return undefined;
  const isMarked = model.addDummyPrefix && !prepends(model, isCut);
  // Words can be taken one by one where no piece goes beyond its word.
  const split = model.pieces.every(({ text }) => text.lastIndexOf("▁") <= 0);
  return metaspace(isMarked ? prefixed : "never", split);
}
