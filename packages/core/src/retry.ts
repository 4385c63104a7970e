import { delay } from "./abort.ts";

export interface RetryOptions {
  /** How many times the work is tried again after its first failure. Default 5. */
  readonly retries?: number | undefined;
  /** Wait before the first retry, in milliseconds; doubles each time. Default 1000. */
  readonly baseDelayMs?: number | undefined;
  /** Longest wait, in milliseconds. Default 8000. */
  readonly maxDelayMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether, and after how long, to try again: `false` not at all, `true` after the usual wait,
   * a number after that many milliseconds (a server's `Retry-After`).
   */
  readonly shouldRetry: (error: unknown) => boolean | number;
}

/** Runs `work`, and again after failures that `shouldRetry` accepts. */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { retries = 5, baseDelayMs = 1000, maxDelayMs = 8000, signal, shouldRetry } = options;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= retries || signal?.aborted) throw error;
      const decision = shouldRetry(error);
      if (decision === false) throw error;
      const usual = Math.min(baseDelayMs * 2 ** attempt, maxDelayMs);
      await delay(decision === true ? usual : decision, signal);
    }
  }
}
