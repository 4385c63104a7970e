import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ConversionOptions } from "./conversion-options.ts";

/** BERT's vocab.txt: a token a line, whose number is its id. */
export function fromVocabTxt(text: string, options: ConversionOptions = {}): TokenizerDefinition {
  throw new UnsupportedComponentError("vocab.txt", `${text.length} ${options.tokenizerClass}`);
}
