import type { FeatureExtractionPipeline } from "./feature-extraction.ts";
import type { SentenceModules } from "./sentence-modules.ts";
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
  const measure = MEASURES[embed.sentenceModules?.similarity ?? "cosine"];
  const compare = async (
    source: string,
    sentences: readonly string[],
    options: PipelineRunOptions = {},
  ): Promise<number[]> => {
    const [first, ...others] = await embed([source, ...sentences], options);
    if (!first) return [];
    return others.map((other) => measure(first, other));
  };
  return Object.assign(compare, {
    [Symbol.asyncDispose]: async () => embed[Symbol.asyncDispose](),
  });
}

type Measure = (a: Float32Array, b: Float32Array) => number;

const MEASURES: Readonly<Record<SentenceModules["similarity"], Measure>> = {
  cosine: (a, b) => dot(a, b) / Math.max(Math.sqrt(dot(a, a) * dot(b, b)), 1e-12),
  dot,
  euclidean: (a, b) => -Math.sqrt(sum(a, b, (x, y) => (x - y) ** 2)),
  manhattan: (a, b) => -sum(a, b, (x, y) => Math.abs(x - y)),
};

function dot(a: Float32Array, b: Float32Array): number {
  return sum(a, b, (x, y) => x * y);
}

function sum(a: Float32Array, b: Float32Array, term: (x: number, y: number) => number): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += term(a[i] ?? 0, b[i] ?? 0);
  return total;
}
