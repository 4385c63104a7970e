import { LibraryError } from "@bearhug/core";

/** A vocabulary that cannot hold the characters it must have. */
export class VocabularyTooSmallError extends LibraryError {
  override readonly name = "VocabularyTooSmallError";
  readonly vocabSize: number;
  /** The smallest size that works. */
  readonly needed: number;

  constructor(vocabSize: number, needed: number) {
    super(
      "TOKENIZER_VOCABULARY_TOO_SMALL",
      `Cannot train a vocabulary of ${vocabSize}: characters and special tokens alone take ${needed}`,
      { hint: `Set vocabSize to ${needed} or more, or normalize the text to fewer characters` },
    );
    this.vocabSize = vocabSize;
    this.needed = needed;
  }
}

/** A token that the post-processor or the padding puts in, which the trained vocabulary lacks. */
export class SpecialTokenMissingError extends LibraryError {
  override readonly name = "SpecialTokenMissingError";
  readonly token: string;

  constructor(path: string, token: string) {
    super(
      "TOKENIZER_SPECIAL_TOKEN_MISSING",
      `${path} needs ${JSON.stringify(token)}, which the trained vocabulary lacks`,
      { hint: "Add the token to specialTokens" },
    );
    this.token = token;
  }
}
