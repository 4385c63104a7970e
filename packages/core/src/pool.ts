export interface MapConcurrentOptions {
  /** How many run at once. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Maps `inputs` with at most `limit` calls under way; results stand in input order.
 * The first failure stops new calls; it is thrown after the calls under way have settled.
 */
export async function mapConcurrent<In, Out>(
  inputs: Iterable<In> | AsyncIterable<In>,
  work: (input: In, index: number) => Promise<Out>,
  { limit, signal }: MapConcurrentOptions,
): Promise<Out[]> {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(`limit must be a positive integer, got ${limit}`);
  }
  const results: Out[] = [];
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let index = 0;
  try {
    for await (const input of inputs) {
      signal?.throwIfAborted();
      if (failure) break;
      const at = index++;
      const task = work(input, at)
        .then((result) => {
          results[at] = result;
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure) throw failure.error;
  return results;
}
