export type { AddedToken, AddedTokenWithId } from "./added-tokens.ts";
export { Encoding } from "./encoding.ts";
export {
  TokenizerFormatError,
  TruncationError,
  UnknownTokenError,
  UnsupportedComponentError,
} from "./errors.ts";
export { Vocabulary } from "./models/vocabulary.ts";
export type { PaddingOptions } from "./padding.ts";
export { parseTokenizer, type TokenizerDefinition } from "./schema.ts";
export type { TokenizerInput } from "./sequence-encoder.ts";
export {
  type DecodeOptions,
  type EncodeInput,
  type EncodeOptions,
  Tokenizer,
} from "./tokenizer.ts";
export type { Direction, TruncationOptions, TruncationStrategy } from "./truncation.ts";
