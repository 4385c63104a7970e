import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ConversionOptions } from "./conversion-options.ts";

/** A SentencePiece model, unigram or BPE; without a class, as the SentencePiece library itself cuts text. */
export function fromSentencePiece(
  model: Uint8Array,
  options: ConversionOptions = {},
): TokenizerDefinition {
  throw new UnsupportedComponentError("model", `${model.length} ${options.tokenizerClass}`);
}

/** Files of a Marian translation model. */
export interface MarianFiles {
  /** source.spm, or target.spm for the target's side. */
  readonly model: Uint8Array;
  /** The text of vocab.json: ids of the pieces. */
  readonly vocab: string;
}

/** Marian: a SentencePiece model whose ids are in vocab.json. */
export function fromMarian(
  files: MarianFiles,
  options: ConversionOptions = {},
): TokenizerDefinition {
  throw new UnsupportedComponentError("model", `${files.vocab} ${options.tokenizerClass}`);
}
