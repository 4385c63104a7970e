import {
  AutoModel,
  type AutoModelClass,
  AutoModelForMaskedLM,
  AutoModelForSequenceClassification,
} from "../auto/auto-model.ts";
import type { ModelOptions } from "../auto/load-network.ts";
import { openPretrained, type PretrainedFiles } from "../pretrained-files.ts";
import type { PretrainedModel } from "../pretrained-model.ts";
import { loadTokenizer } from "../tokenizer/load-tokenizer.ts";
import { UnsupportedTaskError } from "./errors.ts";
import { createFeatureExtraction, type FeatureExtractionPipeline } from "./feature-extraction.ts";
import { createFillMask } from "./fill-mask.ts";
import { readSentenceModules } from "./sentence-modules.ts";
import { createSentenceSimilarity } from "./sentence-similarity.ts";
import type { Task, Tasks } from "./tasks.ts";
import {
  createTextClassification,
  type TextClassificationPipeline,
} from "./text-classification.ts";
import type { TextEngine } from "./text-engine.ts";

/** How a pipeline's model is loaded. */
export interface PipelineOptions extends ModelOptions {
  /** Longer texts are cut to this many tokens. Default: what the repository and the model say. */
  readonly maxLength?: number | undefined;
}

/** Most floats that a batch's largest result may have: 64 MiB of them. */
const MAX_RESULT_FLOATS = 1 << 24;

/**
 * Loads a model and gives the function that does the task with it.
 *
 * @throws {UnsupportedTaskError} when there is no such task.
 * @throws {UnsupportedModelError} when this version cannot run the model.
 * @throws {PretrainedDirectoryMissingError} for what looks like a path and is no directory.
 * @throws {PretrainedFileMissingError} when a file of the model is missing.
 *
 * @example
 * await using classify = await pipeline("text-classification", "ada/tiny-bert");
 * const labels = await classify("I love this");
 */
export async function pipeline<T extends Task>(
  task: T,
  model: string,
  options: PipelineOptions = {},
): Promise<Tasks[T]> {
  if (!Object.hasOwn(CREATORS, task)) throw new UnsupportedTaskError(task, Object.keys(CREATORS));
  const create: Creator<Tasks[T]> = CREATORS[task];
  return create(model, options);
}

type Creator<P> = (model: string, options: PipelineOptions) => Promise<P>;

const classification: Creator<TextClassificationPipeline> = async (model, options) => {
  const load = AutoModelForSequenceClassification;
  const files = await openPretrained(model, options);
  return createTextClassification(await createEngine(files, load, options));
};

const CREATORS: { readonly [T in Task]: Creator<Tasks[T]> } = {
  "feature-extraction": featureExtraction,
  "fill-mask": async (model, options) => {
    const files = await openPretrained(model, options);
    const engine = await createEngine(files, AutoModelForMaskedLM, options);
    return createFillMask(withinResult(engine, engine.model.config.vocabSize));
  },
  "sentence-similarity": async (model, options) =>
    createSentenceSimilarity(await featureExtraction(model, options)),
  "sentiment-analysis": classification,
  "text-classification": classification,
};

async function featureExtraction(
  model: string,
  options: PipelineOptions,
): Promise<FeatureExtractionPipeline> {
  const files = await openPretrained(model, options);
  const modules = await readSentenceModules(files);
  const maxLength = options.maxLength ?? modules?.maxSeqLength;
  const engine = await createEngine(files, AutoModel, { ...options, maxLength });
  return createFeatureExtraction(withinResult(engine, engine.model.config.hiddenSize), modules);
}

async function createEngine<Output>(
  files: PretrainedFiles,
  load: AutoModelClass<Output>,
  options: PipelineOptions,
): Promise<TextEngine<Output>> {
  const tokenizer = await loadTokenizer(files);
  // The commit that the tokenizer is of, however the branch has moved since.
  const revision = files.commit ?? options.revision;
  const model: PretrainedModel<Output> = await load.fromPretrained(files.id, {
    ...options,
    revision,
  });
  const { maxLength = Number.POSITIVE_INFINITY } = options;
  return {
    tokenizer,
    model,
    maxLength: Math.min(maxLength, tokenizer.modelMaxLength, model.config.maxTokens),
    maxBatchTokens: MAX_BATCH_TOKENS,
  };
}

/** Padded tokens that run at once; more only wait in memory. */
const MAX_BATCH_TOKENS = 8192;

/** Lowers the tokens of a batch until its result, `width` floats a token, is within bounds. */
function withinResult<Output>(engine: TextEngine<Output>, width: number): TextEngine<Output> {
  const fitting = Math.floor(MAX_RESULT_FLOATS / width);
  return { ...engine, maxBatchTokens: Math.min(engine.maxBatchTokens, fitting) };
}
