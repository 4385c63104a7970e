import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ConversionOptions } from "./conversion-options.ts";

/** The texts of two files that belong together. */
export interface VocabAndMerges {
  /** vocab.json: tokens and their ids. */
  readonly vocab: string;
  /** merges.txt: a pair of tokens a line, the best first. */
  readonly merges: string;
}

/** A BPE vocabulary of GPT-2, RoBERTa, Qwen2, CLIP, …; without a class, GPT-2's pipeline. */
export function fromVocabAndMerges(
  files: VocabAndMerges,
  options: ConversionOptions = {},
): TokenizerDefinition {
  throw new UnsupportedComponentError("vocab.json", `${files.vocab} ${options.tokenizerClass}`);
}
