import { LibraryError } from "@bearhug/core";

/** A `tokenizer.json` that breaks the format; the message names the path of the bad field. */
export class TokenizerFormatError extends LibraryError {
  override readonly name = "TokenizerFormatError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("TOKENIZER_FORMAT_INVALID", message, {
      ...options,
      hint: "Check that tokenizer.json was downloaded whole and was saved by the tokenizers library",
    });
  }
}

/** A component that this version does not run. Nothing is approximated: ids would be wrong. */
export class UnsupportedComponentError extends LibraryError {
  override readonly name = "UnsupportedComponentError";
  /** Where in tokenizer.json, e.g. `normalizer.normalizers[1]`. */
  readonly path: string;
  /** The component's type as the file names it. */
  readonly component: string;

  constructor(path: string, component: string) {
    super(
      "TOKENIZER_COMPONENT_UNSUPPORTED",
      `${path} uses "${component}", which is not supported`,
      {
        hint: "Use a tokenizer without this component, or a later version of this library",
      },
    );
    this.path = path;
    this.component = component;
  }
}

/** Truncation that cannot be done as asked. */
export class TruncationError extends LibraryError {
  override readonly name = "TruncationError";

  constructor(message: string, hint: string) {
    super("TOKENIZER_TRUNCATION_IMPOSSIBLE", message, { hint });
  }
}

/** A word outside the vocabulary, where the model has no token for the unknown. */
export class UnknownTokenError extends LibraryError {
  override readonly name = "UnknownTokenError";
  readonly word: string;

  constructor(word: string, unknownToken: string) {
    super(
      "TOKENIZER_UNKNOWN_TOKEN",
      `Cannot encode ${JSON.stringify(word)}: the vocabulary has no "${unknownToken}"`,
      { hint: "Add the unknown token to the vocabulary" },
    );
    this.word = word;
  }
}
