import { LibraryError } from "@bearhug/core";

/** A `tokenizer.json`, or another vocabulary file, that breaks its format; the message names the bad field. */
export class TokenizerFormatError extends LibraryError {
  override readonly name = "TokenizerFormatError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("TOKENIZER_FORMAT_INVALID", message, {
      ...options,
      hint: "Check that the file was downloaded whole, and was saved by the library that its name promises",
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

  constructor(word: string, unknownToken?: string) {
    super(
      "TOKENIZER_UNKNOWN_TOKEN",
      unknownToken === undefined
        ? `Cannot encode ${JSON.stringify(word)}: the model has no unknown token`
        : `Cannot encode ${JSON.stringify(word)}: the vocabulary has no "${unknownToken}"`,
      { hint: "Add the unknown token to the vocabulary" },
    );
    this.word = word;
  }
}

/** A regular expression of tokenizer.json that backtracks without end on a text. */
export class PatternLimitError extends LibraryError {
  override readonly name = "PatternLimitError";
  readonly pattern: string;

  constructor(pattern: string, length: number, options: { readonly cause?: unknown } = {}) {
    super(
      "TOKENIZER_PATTERN_LIMIT",
      `Cannot split a text of ${length} characters: the pattern ${JSON.stringify(pattern.slice(0, 200))} takes too many steps`,
      {
        ...options,
        hint: "Encode the text in smaller parts, or use a tokenizer with a simpler pattern",
      },
    );
    this.pattern = pattern;
  }
}

/** A stream of ids whose text changed before the place that was already given out. */
export class DecodeStreamError extends LibraryError {
  override readonly name = "DecodeStreamError";

  constructor(prefix: string, text: string) {
    super(
      "TOKENIZER_STREAM_CHANGED",
      `Cannot go on decoding: the text so far ${JSON.stringify(prefix.slice(-80))} became ${JSON.stringify(text.slice(0, 80))}`,
      { hint: "This tokenizer's decoder rewrites earlier text; decode all ids at once" },
    );
  }
}

/** An array of the caller that is too small for the ids; nothing was written into it. */
export class BufferTooSmallError extends LibraryError {
  override readonly name = "BufferTooSmallError";
  /** Ids that must fit behind the offset. */
  readonly needed: number;

  constructor(needed: number, room: number) {
    super(
      "TOKENIZER_BUFFER_TOO_SMALL",
      `Cannot write ${needed} ids: the target has room for ${room}`,
      { hint: "Give a larger array, or call encodeIds(), which makes one" },
    );
    this.needed = needed;
  }
}

/** An added token that cannot be taken out without changing what is left. */
export class TokenNotRemovableError extends LibraryError {
  override readonly name = "TokenNotRemovableError";
  readonly token: string;

  constructor(token: string, why: string) {
    super("TOKENIZER_TOKEN_NOT_REMOVABLE", `Cannot remove ${JSON.stringify(token)}: ${why}`, {
      hint: "Remove only added tokens, the last ones first; a model's vocabulary changes by training alone",
    });
    this.token = token;
  }
}
