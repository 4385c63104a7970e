import type { SentenceModules } from "./sentence-modules.ts";

type Measure = (a: Float32Array, b: Float32Array) => number;

/** How alike two vectors are: the larger the more; distances are negated. */
export const MEASURES: Readonly<Record<SentenceModules["similarity"], Measure>> = {
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
