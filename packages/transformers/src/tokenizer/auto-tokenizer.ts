import { openPretrained } from "../pretrained-files.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { PretrainedTokenizer } from "./pretrained-tokenizer.ts";
import type { TokenizerOptions } from "./tokenizer-options.ts";

/** Loads the tokenizer of any model. */
export const AutoTokenizer = {
  /**
   * Reads tokenizer.json, or the vocabulary files that came before it, from a local directory or a repository on the
   * Hub, with the settings in the files beside it; options win over those.
   *
   * @throws {PretrainedFileMissingError} when there is neither.
   * @throws {TokenizerFormatError} naming the path of the field of tokenizer.json that is wrong.
   * @throws {TokenizerConfigError} naming the field of tokenizer_config.json that is wrong.
   * @throws {UnsupportedComponentError} for a part of the tokenizer that this version cannot run.
   */
  async fromPretrained(id: string, options: TokenizerOptions = {}): Promise<PretrainedTokenizer> {
    return loadTokenizer(await openPretrained(id, options), options);
  },
} as const;
