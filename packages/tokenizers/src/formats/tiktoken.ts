import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ConversionOptions } from "./conversion-options.ts";

export interface TiktokenOptions extends ConversionOptions {
  /**
   * How text is split: the name of an encoding ("cl100k_base", "o200k_base", "llama3", "qwen", "kimi", …), or the
   * regular expression itself. Default: that of cl100k_base, as in transformers.
   */
  readonly pattern?: string | undefined;
}

/** A *.tiktoken file: lines of a token in base64 and its rank. */
export function fromTiktoken(
  file: Uint8Array | string,
  options: TiktokenOptions = {},
): TokenizerDefinition {
  throw new UnsupportedComponentError("tiktoken", `${file.length} ${options.pattern}`);
}

/** Mistral's tekken.json. */
export function fromTekken(json: string, options: ConversionOptions = {}): TokenizerDefinition {
  throw new UnsupportedComponentError("tekken.json", `${json.length} ${options.tokenizerClass}`);
}
