import type { FeatureExtractionPipeline } from "./feature-extraction.ts";
import type { PipelineRunOptions } from "./text-engine.ts";

/**
 * How alike a text is to others, by their sentence vectors: the larger the more. Cosine similarity, unless the
 * repository names another measure (distances come negated, as in sentence-transformers).
 *
 * @example
 * await using compare = await pipeline("sentence-similarity", "sentence-transformers/all-MiniLM-L6-v2");
 * const [cat, car] = await compare("A kitten sleeps", ["A cat naps", "The car is red"]);
 */
export interface SentenceSimilarityPipeline extends AsyncDisposable {
  (source: string, sentences: readonly string[], options?: PipelineRunOptions): Promise<number[]>;
}

export function createSentenceSimilarity(
  embed: FeatureExtractionPipeline,
): SentenceSimilarityPipeline {
  const compare = (source: string, sentences: readonly string[], options?: PipelineRunOptions) =>
    embed.similarity(source, sentences, options);
  return Object.assign(compare, {
    [Symbol.asyncDispose]: async () => embed[Symbol.asyncDispose](),
  });
}
