import { LibraryError } from "@bearhug/core";

/** A tokenizer_config.json, special_tokens_map.json or vocab.txt that cannot be used. */
export class TokenizerConfigError extends LibraryError {
  override readonly name = "TokenizerConfigError";
  readonly model: string;

  constructor(model: string, cause: Error) {
    super("INVALID_TOKENIZER_CONFIG", `Cannot load the tokenizer of "${model}": ${cause.message}`, {
      hint: "Correct the file, or get it again",
      cause,
    });
    this.model = model;
  }
}
