/** Distances from here on share the last bucket of their direction. */
const MAX_DISTANCE = 128;

/**
 * The bucket of each distance between two of at most `maxTokens` tokens, from `1 - maxTokens` (the
 * key is before the query) to `maxTokens - 1`. Half of the buckets are for each direction; in each
 * half, small distances have a bucket of their own and larger ones share them, logarithmically.
 *
 * Source: `relative_position_bucket` in transformers 5.23, which computes in float32, as here.
 */
export function distanceBuckets(maxTokens: number, buckets: number): BigInt64Array {
  const half = Math.floor(buckets / 2);
  return BigInt64Array.from({ length: 2 * maxTokens - 1 }, (_, index) => {
    const distance = index - (maxTokens - 1);
    return BigInt((distance > 0 ? half : 0) + bucketOf(Math.abs(distance), half));
  });
}

function bucketOf(distance: number, half: number): number {
  const exact = Math.floor(half / 2);
  if (distance < exact) return distance;
  const f32 = Math.fround;
  const scaled = f32(f32(Math.log(f32(distance / exact))) / f32(Math.log(MAX_DISTANCE / exact)));
  return Math.min(half - 1, exact + Math.trunc(f32(scaled * f32(half - exact))));
}
