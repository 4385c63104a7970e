import { LibraryError } from "@bearhug/core";

/** A tokenizer_config.json, special_tokens_map.json or another file of a tokenizer that cannot be used. */
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

/** Padding was asked of a tokenizer that has no padding token. */
export class PadTokenMissingError extends LibraryError {
  override readonly name = "PadTokenMissingError";

  constructor() {
    super("PAD_TOKEN_MISSING", "Cannot pad: the tokenizer has no padding token", {
      hint: 'Name one when loading: AutoTokenizer.fromPretrained(id, { padToken: "…" }), or call addSpecialTokens()',
    });
  }
}

/** Rows of different lengths that cannot be one tensor. */
export class RaggedBatchError extends LibraryError {
  override readonly name = "RaggedBatchError";
  readonly lengths: readonly number[];

  constructor(lengths: readonly number[]) {
    const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
    super(
      "RAGGED_BATCH",
      `Cannot make a tensor of rows of ${least} to ${most} tokens: padding is off`,
      { hint: 'Pass padding: "longest", or take the rows as they are from encodeRows()' },
    );
    this.lengths = lengths;
  }
}
