import type { JsonObject } from "@bearhug/core";

/** What a vocabulary file does not say by itself. */
export interface ConversionOptions {
  /**
   * The fields of tokenizer_config.json, in its spelling; those of special_tokens_map.json may be among them. They
   * name special tokens and set the flags of the tokenizer class.
   */
  readonly config?: JsonObject | undefined;
  /**
   * Whose pipeline the vocabulary belongs to, e.g. "LlamaTokenizer"; an ending "Fast" makes no difference.
   * Default: `config.tokenizer_class`, and without it what the function says.
   */
  readonly tokenizerClass?: string | undefined;
}
