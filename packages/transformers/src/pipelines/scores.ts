/** Scores that sum to 1. */
export function softmax(logits: Float32Array): Float32Array {
  let most = -Infinity;
  for (const logit of logits) if (logit > most) most = logit;
  const result = new Float32Array(logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = Math.exp((logits[i] ?? 0) - most);
    result[i] = value;
    total += value;
  }
  for (let i = 0; i < result.length; i++) result[i] = (result[i] ?? 0) / total;
  return result;
}

/** Each score between 0 and 1 by itself. */
export function sigmoid(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}

/** The indices of the `count` largest, largest first; of equals, the lower index first. */
export function topIndices(scores: Float32Array, count: number): number[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`topK must be a positive integer, got ${count}`);
  }
  // One pass with a short sorted list: vocabularies are long, and few of them are asked for.
  const best: number[] = [];
  const scoreOf = (index: number | undefined) =>
    index === undefined ? -Infinity : (scores[index] ?? -Infinity);
  for (let index = 0; index < scores.length; index++) {
    if (best.length === count && scoreOf(index) <= scoreOf(best.at(-1))) continue;
    let at = best.length;
    while (at > 0 && scoreOf(best[at - 1]) < scoreOf(index)) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}
