export { type AddedToken, type AddedTokenWithId, assignIds } from "./added-tokens.ts";
export { DecodeStream, type StreamDecoder } from "./decode-stream.ts";
export type { EncodeStreamOptions, TextSource } from "./encode-stream.ts";
export {
  Encoding,
  type MergeOptions,
  type PadOptions,
  type Span,
  type TruncateOptions,
} from "./encoding.ts";
export {
  BufferTooSmallError,
  DecodeStreamError,
  PatternLimitError,
  TokenizerFormatError,
  TokenNotRemovableError,
  TruncationError,
  UnknownTokenError,
  UnsupportedComponentError,
} from "./errors.ts";
export type { ConversionOptions } from "./formats/conversion-options.ts";
export { fromGguf } from "./formats/gguf.ts";
export {
  type GgufMetadata,
  type GgufValue,
  type RangedFile,
  type ReadGgufOptions,
  readGgufMetadata,
} from "./formats/gguf-reader.ts";
export { MBART_LANGUAGES, MBART50_LANGUAGES, NLLB_LANGUAGES } from "./formats/language-codes.ts";
export { fromMarian, type MarianFiles } from "./formats/marian.ts";
export { fromSentencePiece } from "./formats/sentencepiece.ts";
export { fromTekken, fromTiktoken, type TiktokenOptions } from "./formats/tiktoken.ts";
export { fromVocabAndMerges, type VocabAndMerges } from "./formats/vocab-merges.ts";
export { fromVocabTxt } from "./formats/vocab-txt.ts";
export type { EncodedIds, EncodeIdsOptions, EncodeInput } from "./id-encoder.ts";
export { Vocabulary } from "./models/vocabulary.ts";
export type { OffsetUnit } from "./offset-units.ts";
export type { PaddingOptions } from "./padding.ts";
export { parseTokenizer, parseTokenizerBytes, type TokenizerDefinition } from "./schema.ts";
export type { TokenizerInput } from "./sequence-encoder.ts";
export type { TextWord } from "./text-steps.ts";
export type { AddedTokenInput } from "./token-edits.ts";
export {
  type DecodeOptions,
  type EncodeIdsIntoOptions,
  type EncodeOptions,
  Tokenizer,
} from "./tokenizer.ts";
export { SpecialTokenMissingError, VocabularyTooSmallError } from "./trainers/errors.ts";
export type {
  CommonTrainOptions,
  SpecialToken,
  TrainBpeOptions,
  TrainOptions,
  TrainUnigramOptions,
  TrainWordLevelOptions,
  TrainWordPieceOptions,
} from "./trainers/options.ts";
export { type TrainedTokenizer, trainTokenizer, trainTokenizerIter } from "./trainers/train.ts";
export type { TrainingTexts } from "./trainers/words/count-words.ts";
export type { Direction, TruncationOptions, TruncationStrategy } from "./truncation.ts";
export { BYTE_CHARACTERS } from "./unicode/byte-alphabet.ts";
