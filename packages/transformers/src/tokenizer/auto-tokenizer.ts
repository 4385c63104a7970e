import { openPretrained } from "../pretrained-files.ts";
import type { PretrainedOptions } from "../pretrained-options.ts";
import { loadTokenizer } from "./load-tokenizer.ts";
import type { PretrainedTokenizer } from "./pretrained-tokenizer.ts";

/** Loads the tokenizer of any model. */
export const AutoTokenizer = {
  /**
   * Reads tokenizer.json, or BERT's older vocab.txt, from a local directory or a repository on the Hub.
   *
   * @throws {PretrainedFileMissingError} when there is neither.
   * @throws {TokenizerFormatError} naming the path of the field of tokenizer.json that is wrong.
   * @throws {TokenizerConfigError} naming the field of tokenizer_config.json that is wrong.
   * @throws {UnsupportedComponentError} for a part of the tokenizer that this version cannot run.
   */
  async fromPretrained(id: string, options: PretrainedOptions = {}): Promise<PretrainedTokenizer> {
    return loadTokenizer(await openPretrained(id, options));
  },
} as const;
