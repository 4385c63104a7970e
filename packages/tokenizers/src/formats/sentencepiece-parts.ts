import type { AddedToken } from "../added-tokens.ts";
import type { DecoderDefinition } from "../decoders/decoder.ts";
import { TokenizerFormatError } from "../errors.ts";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import { Merges } from "../models/bpe/merges.ts";
import type { ModelDefinition } from "../models/model.ts";
import type { UnigramDefinition } from "../models/unigram.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { PatternDefinition } from "../regex/pattern.ts";
import type { Rows } from "./assemble.ts";
import type { ClassConfig } from "./conversion-options.ts";
import { deriveMerges } from "./derive-merges.ts";
import type { Piece, SentencePieceModel } from "./sentencepiece-model.ts";
import { type SpecialDefaults, type SpecialTokens, specialToken } from "./special-tokens.ts";

/** What classes are built from. */
export interface SentencePieceSource {
  readonly model: SentencePieceModel;
  readonly config: ClassConfig;
  readonly specials: SpecialTokens;
  /** The model's own map of characters, if it has one. */
  readonly charsMap: NormalizerDefinition | undefined;
}

/** What a class makes of a model. */
export interface SentencePieceParts {
  readonly model: ModelDefinition;
  readonly normalizer?: NormalizerDefinition | undefined;
  readonly preTokenizer?: PreTokenizerDefinition | undefined;
  readonly decoder: DecoderDefinition;
  /** Default: begin and end tokens as the config says. */
  readonly rows?: Rows | undefined;
  /** Whether `add_bos_token` of the config goes before these rows. */
  readonly yieldsRows?: boolean;
  /** The default of `add_bos_token`. */
  readonly addsBos?: boolean;
  /** Special tokens where the config lists none. Default: the model's control and user-defined pieces. */
  readonly extra?: readonly AddedToken[];
}

/** What a class does with a SentencePiece model. */
export interface SentencePieceClass {
  readonly specials: SpecialDefaults;
  build(source: SentencePieceSource): SentencePieceParts;
}

/** Control and user-defined pieces, which are found in the text itself. */
export function controlTokens(pieces: readonly Piece[]): readonly AddedToken[] {
  return pieces
    .filter(({ type }) => type === "control" || type === "user")
    .map(({ text, type }) => specialToken(text, { special: type === "control" }));
}

export type PrependScheme = "always" | "first" | "never";

/** A space becomes "▁", and a word has one in front. */
export function metaspace(prependScheme: PrependScheme, split: boolean): PreTokenizerDefinition {
  return { type: "Metaspace", replacement: "▁", prependScheme, split };
}

export function metaspaceDecoder(prependScheme: PrependScheme): DecoderDefinition {
  return { type: "Metaspace", replacement: "▁", keepsFirst: prependScheme === "never" };
}

/** Words between white space, each with "▁" in front. */
export function words(scheme: PrependScheme): Pick<SentencePieceParts, "preTokenizer" | "decoder"> {
  return {
    preTokenizer: {
      type: "Sequence",
      preTokenizers: [{ type: "WhitespaceSplit" }, metaspace(scheme, true)],
    },
    decoder: metaspaceDecoder(scheme),
  };
}

/** `add_prefix_space`: before every word, or before none. */
export function always(config: ClassConfig): PrependScheme {
  return config.flag("add_prefix_space", true) ? "always" : "never";
}

/** Decodes "▁" and `<0x..>` pieces; so many spaces at the beginning go. */
export function bytePieces(stripped: number): DecoderDefinition {
  const decoders: DecoderDefinition[] = [
    { type: "Replace", pattern: { type: "String", source: "▁" }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
  ];
  if (stripped > 0) decoders.push({ type: "Strip", content: " ", start: stripped, stop: 0 });
  return { type: "Sequence", decoders };
}

export function sequence(normalizers: readonly NormalizerDefinition[]): NormalizerDefinition {
  return { type: "Sequence", normalizers };
}

export function collapseSpaces(content: string): NormalizerDefinition {
  return { type: "Replace", pattern: regex(" {2,}"), content };
}

export function regex(source: string): PatternDefinition {
  return { type: "Regex", source };
}

/** Pieces by id with the logarithms of their probabilities. */
export function toUnigram(
  pieces: readonly { readonly text: string; readonly score: number }[],
  unkId: number,
  byteFallback = false,
): UnigramDefinition {
  if (unkId >= pieces.length) {
    throw new TokenizerFormatError(
      `model.pieces has ${pieces.length} pieces, and the unknown one would be number ${unkId}`,
    );
  }
  return {
    type: "Unigram",
    vocabulary: Vocabulary.from(pieces.map(({ text }, id) => [text, id])),
    scores: Float64Array.from(pieces, (piece) => piece.score),
    unkId: unkId < 0 ? undefined : unkId,
    byteFallback,
  };
}

export interface BpeOptions {
  readonly byteFallback?: boolean;
  readonly unkToken?: string | undefined;
  /** Pieces that come first, whatever their ids in the model; the others follow in order. */
  readonly head?: readonly string[];
  /** Orders the merges by the pieces' scores. Default: by their ids, as transformers 5 does. */
  readonly byScore?: boolean;
}

/** Pieces by id, with the merges that they imply. */
export function toBpe(model: SentencePieceModel, options: BpeOptions = {}): BpeDefinition {
  const ids = new Map(model.pieces.map(({ text }, id) => [text, id]));
  const own = Vocabulary.from(ids);
  const scores = options.byScore
    ? new Map(model.pieces.map(({ text, score }) => [text, score]))
    : undefined;
  const merges = deriveMerges(ids, scores);
  const { head } = options;
  const vocabulary = head ? reorder(ids, head) : own;
  return {
    type: "BPE",
    vocabulary,
    merges: head ? rename(merges, own, vocabulary) : merges,
    unkToken: options.unkToken,
    continuingSubwordPrefix: "",
    endOfWordSuffix: "",
    byteFallback: options.byteFallback ?? false,
    fuseUnk: true,
    ignoreMerges: false,
  };
}

function reorder(ids: ReadonlyMap<string, number>, head: readonly string[]): Vocabulary {
  return Vocabulary.from([...new Set([...head, ...ids.keys()])].map((token, id) => [token, id]));
}

/** The same merges with the ids of another vocabulary. */
function rename(merges: Merges, from: Vocabulary, to: Vocabulary): Merges {
  return new Merges(merges.ids.map((id) => to.id(from.token(id) ?? "") ?? id));
}

export const MASK_AFTER_SPACE: AddedToken = specialToken("<mask>", { lstrip: true });

export const ROBERTA_SPECIALS: SpecialDefaults = {
  bos: "<s>",
  eos: "</s>",
  unk: "<unk>",
  sep: "</s>",
  pad: "<pad>",
  cls: "<s>",
  mask: "<mask>",
};

/** A piece that stands outside the model's own. */
export function free(text: string): { readonly text: string; readonly score: number } {
  return { text, score: 0 };
}
