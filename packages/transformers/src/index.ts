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
  PretrainedFileMissingError,
  UnsupportedModelError,
} from "./errors.ts";
export { openPretrained, type PretrainedFiles } from "./pretrained-files.ts";
export { type ForwardOptions, PretrainedModel } from "./pretrained-model.ts";
export type { PretrainedOptions } from "./pretrained-options.ts";
