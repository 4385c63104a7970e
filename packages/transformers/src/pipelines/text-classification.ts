import type { PretrainedConfig } from "../auto/config.ts";
import type { LogitsOutput } from "../auto/outputs.ts";
import { type Callable, createCallable } from "./callable.ts";
import { sigmoid, softmax, topIndices } from "./scores.ts";
import { type PipelineRunOptions, runTexts, type TextEngine } from "./text-engine.ts";

/** What turns a model's raw outputs into scores. */
export type ScoreFunction = "softmax" | "sigmoid" | "none";

export interface ClassifyOptions extends PipelineRunOptions {
  /** How many labels of each text, best first. Default 1. */
  readonly topK?: number | "all" | undefined;
  /** Default: none for regression, sigmoid for one label or several at once, else softmax. */
  readonly functionToApply?: ScoreFunction | undefined;
}

export interface Label {
  /** The label's name in the model's configuration. */
  readonly label: string;
  readonly score: number;
}

/** A text, or two that are judged together. */
export type ClassificationInput =
  | string
  | { readonly text: string; readonly textPair?: string | undefined };

/**
 * Texts to labels. Texts that are too long are cut.
 *
 * @example
 * await using classify = await pipeline("text-classification", "ada/tiny-bert");
 * const labels = await classify("I love this", { topK: "all" }); // Label[], best first
 */
export interface TextClassificationPipeline
  extends Callable<ClassificationInput, Label[], ClassifyOptions> {}

export function createTextClassification(
  engine: TextEngine<LogitsOutput>,
): TextClassificationPipeline {
  const { config } = engine.model;
  const classify = async (
    inputs: readonly ClassificationInput[],
    options: ClassifyOptions,
  ): Promise<Label[][]> => {
    const score = SCORES[options.functionToApply ?? defaultFunction(config)];
    return runTexts(engine, inputs.map(toPair), {
      ...options,
      toRows: ({ logits }, { encodings }) => {
        const labels = logits.shape[1] ?? 0;
        return encodings.map((_, row) => {
          const scores = score(logits.data.subarray(row * labels, (row + 1) * labels));
          return bestLabels(scores, config, options.topK ?? 1);
        });
      },
    });
  };
  return createCallable(classify, async () => engine.model[Symbol.asyncDispose]());
}

const SCORES: Readonly<Record<ScoreFunction, (logits: Float32Array) => Float32Array>> = {
  softmax,
  sigmoid,
  none: (logits) => logits.slice(),
};

/** Source: transformers 5.23, `pipelines/text_classification.py`, `postprocess`. */
function defaultFunction({ problemType, numLabels }: PretrainedConfig): ScoreFunction {
  if (problemType === "regression") return "none";
  if (problemType === "multi_label_classification" || numLabels === 1) return "sigmoid";
  return "softmax";
}

function bestLabels(
  scores: Float32Array,
  { id2label }: PretrainedConfig,
  topK: number | "all",
): Label[] {
  const count = topK === "all" ? scores.length : topK;
  return topIndices(scores, count).map((index) => ({
    label: id2label[index] ?? `LABEL_${index}`,
    score: scores[index] ?? 0,
  }));
}

function toPair(input: ClassificationInput): { readonly text: string; readonly pair?: string } {
  if (typeof input === "string") return { text: input };
  if (typeof input?.text !== "string") {
    throw new TypeError("An input of text-classification is a string or { text, textPair }");
  }
  return input.textPair === undefined ? input : { text: input.text, pair: input.textPair };
}
