/** Runs typed requests with pipelines, in the worker process. It knows no HTTP and no repositories. */
import {
  type FeatureExtractionPipeline,
  type Filling,
  type PipelineRunOptions,
  pipeline,
} from "@bearhug/transformers";
import { KIND_OF_TASK, type ModelKind, type TaskRequest } from "./task-request.ts";

/** A model that answers the requests of its kind. */
export interface TaskRunner {
  run(request: TaskRequest, options: PipelineRunOptions): Promise<unknown>;
}

export interface RunnerOptions {
  readonly threads: number | undefined;
}

export async function loadRunner(
  kind: ModelKind,
  directory: string,
  options: RunnerOptions,
): Promise<TaskRunner> {
  const run = await LOADERS[kind](directory, options);
  return {
    run: async (request, runOptions) => {
      if (KIND_OF_TASK[request.task] !== kind)
        throw new TypeError(`Wrong worker for ${request.task}`);
      return run(request, runOptions);
    },
  };
}

type Run = (request: TaskRequest, options: PipelineRunOptions) => Promise<unknown>;

const LOADERS: Readonly<
  Record<ModelKind, (directory: string, options: RunnerOptions) => Promise<Run>>
> = {
  encoder: loadEncoder,
  classifier: loadClassifier,
  "masked-lm": loadMaskedLm,
};

async function loadEncoder(directory: string, options: RunnerOptions): Promise<Run> {
  const embed = await pipeline("feature-extraction", directory, options);
  return async (request, runOptions) => {
    switch (request.task) {
      case "feature-extraction":
        return extractFeatures(embed, request, runOptions);
      case "embeddings": {
        checkLengths(embed, request);
        const vectors = await embed(request.texts, { ...runOptions, ...embedOptions(request) });
        const counts = embed.countTokens(request.texts);
        const promptTokens = counts.reduce((sum, count) => sum + count, 0);
        return { embeddings: vectors.map((vector) => [...vector]), promptTokens };
      }
      case "sentence-similarity": {
        const { source, sentences } = request;
        return embed.similarity(source, sentences, runOptions);
      }
      default:
        return undefined;
    }
  };
}

type EmbeddingRequest = Extract<TaskRequest, { normalize: unknown }>;

/**
 * Repositories that say how to make sentence vectors give one for each text; others give one for each token, as
 * the reference's pipeline does: [1][tokens][hidden] for each text.
 */
async function extractFeatures(
  embed: FeatureExtractionPipeline,
  request: EmbeddingRequest,
  runOptions: PipelineRunOptions,
): Promise<unknown> {
  checkLengths(embed, request);
  const { texts, isSingle } = request;
  if (embed.sentenceModules || request.normalize !== undefined) {
    const vectors = await embed(texts, { ...runOptions, ...embedOptions(request) });
    const rows = vectors.map((vector) => [...vector]);
    return isSingle ? rows[0] : rows;
  }
  const tensors = await embed.tokens(texts, runOptions);
  const nested = tensors.map(({ data, shape: [tokens = 0, hidden = 0] }) => [
    Array.from({ length: tokens }, (_, i) => [...data.subarray(i * hidden, (i + 1) * hidden)]),
  ]);
  return isSingle ? nested[0] : nested;
}

function embedOptions({ normalize, promptName }: EmbeddingRequest): {
  readonly normalize: boolean | undefined;
  readonly promptName: string | undefined;
} {
  return { normalize, promptName };
}

function checkLengths(embed: FeatureExtractionPipeline, request: EmbeddingRequest): void {
  if (request.truncate) return;
  const tooLong = embed.countTokens(request.texts).findIndex((count) => count > embed.maxLength);
  if (tooLong < 0) return;
  throw new RangeError(
    `inputs[${tooLong}] is longer than the ${embed.maxLength} tokens of the model`,
  );
}

async function loadClassifier(directory: string, options: RunnerOptions): Promise<Run> {
  const classify = await pipeline("text-classification", directory, options);
  return async (request, runOptions) => {
    if (request.task !== "text-classification") return undefined;
    const { texts, topK, functionToApply } = request;
    // A single text has a list around its labels as well: clients take the first.
    return classify(texts, { ...runOptions, topK, functionToApply });
  };
}

async function loadMaskedLm(directory: string, options: RunnerOptions): Promise<Run> {
  const fill = await pipeline("fill-mask", directory, options);
  return async (request, runOptions) => {
    if (request.task !== "fill-mask") return undefined;
    const { texts, topK, targets, isSingle } = request;
    const filled = await fill.masks(texts, { ...runOptions, topK, targets });
    const answers = filled.map((masks) => {
      const rows = masks.map((mask) => mask.map(toWire));
      return rows.length === 1 ? rows[0] : rows;
    });
    return isSingle ? answers[0] : answers;
  };
}

function toWire({ score, token, tokenStr, sequence }: Filling): object {
  return { sequence, score, token, token_str: tokenStr };
}
