import type { FeatureExtractionPipeline } from "./feature-extraction.ts";
import type { FillMaskPipeline } from "./fill-mask.ts";
import type { SentenceSimilarityPipeline } from "./sentence-similarity.ts";
import type { TextClassificationPipeline } from "./text-classification.ts";

/** The pipeline of each task. */
export interface Tasks {
  readonly "feature-extraction": FeatureExtractionPipeline;
  readonly "fill-mask": FillMaskPipeline;
  readonly "sentence-similarity": SentenceSimilarityPipeline;
  /** The older name of `"text-classification"`. */
  readonly "sentiment-analysis": TextClassificationPipeline;
  readonly "text-classification": TextClassificationPipeline;
}

export type Task = keyof Tasks;
