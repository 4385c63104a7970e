export { AutoConfig } from "./auto/auto-config.ts";
export {
  AutoModel,
  type AutoModelClass,
  AutoModelForMaskedLM,
  AutoModelForQuestionAnswering,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
} from "./auto/auto-model.ts";
export type { PretrainedConfig, TextEncoderConfig } from "./auto/config.ts";
export type { ModelOptions } from "./auto/load-network.ts";
export type { LogitsOutput, ModelOutput, SpanOutput, TextInputs } from "./auto/outputs.ts";
export {
  ConfigError,
  ModelInputError,
  PretrainedDirectoryMissingError,
  PretrainedFileMissingError,
  UnsupportedModelError,
} from "./errors.ts";
export type { Callable } from "./pipelines/callable.ts";
export { MaskTokenError, UnsupportedTaskError } from "./pipelines/errors.ts";
export type { EmbedOptions, FeatureExtractionPipeline } from "./pipelines/feature-extraction.ts";
export type { Filling, FillMaskOptions, FillMaskPipeline } from "./pipelines/fill-mask.ts";
export { type PipelineOptions, pipeline } from "./pipelines/pipeline.ts";
export type { PoolingMode } from "./pipelines/pooling.ts";
export type { SentenceModules } from "./pipelines/sentence-modules.ts";
export type { SentenceSimilarityPipeline } from "./pipelines/sentence-similarity.ts";
export type { Task, Tasks } from "./pipelines/tasks.ts";
export type {
  ClassificationInput,
  ClassifyOptions,
  Label,
  ScoreFunction,
  TextClassificationPipeline,
} from "./pipelines/text-classification.ts";
export type { PipelineRunOptions } from "./pipelines/text-engine.ts";
export { openPretrained, type PretrainedFiles } from "./pretrained-files.ts";
export { type ForwardOptions, PretrainedModel } from "./pretrained-model.ts";
export type { PretrainedOptions } from "./pretrained-options.ts";
export { AutoTokenizer } from "./tokenizer/auto-tokenizer.ts";
export type {
  AppliedChat,
  ChatOptions,
  ChatTemplateOptions,
} from "./tokenizer/chat-template/apply.ts";
export {
  ChatMessagesError,
  ChatTemplateError,
  type ChatTemplateFailure,
  ChatTemplateMissingError,
} from "./tokenizer/chat-template/errors.ts";
export type { ChatContentPart, ChatMessage } from "./tokenizer/chat-template/messages.ts";
export type {
  DecodeTextOptions,
  PaddingStrategy,
  PrepareOptions,
  TokenizeBatchOptions,
  TokenizeOptions,
  TokenizePairOptions,
  TruncationChoice,
} from "./tokenizer/encode-options.ts";
export {
  PadTokenMissingError,
  RaggedBatchError,
  TokenizerConfigError,
} from "./tokenizer/errors.ts";
export {
  PretrainedTokenizer,
  type TokenizerChanges,
  type TokenizerTraits,
} from "./tokenizer/pretrained-tokenizer.ts";
export type {
  NewSpecialTokens,
  SpecialTokenInput,
  SpecialTokenName,
  SpecialTokens,
} from "./tokenizer/special-tokens.ts";
export type { TokenizedBatch, TokenizedRows } from "./tokenizer/tokenized-batch.ts";
export type { TokenizerConfig } from "./tokenizer/tokenizer-config.ts";
export type { TokenizerOptions, TokenizerSettings } from "./tokenizer/tokenizer-options.ts";
