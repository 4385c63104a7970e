import { HubError } from "./hub-error.ts";

export interface RateLimiter {
  /** Counts one attempt. @throws {HubError} 429 with `Retry-After` when there were too many. */
  take(key: string): void;
  /** Forgets the attempts of `key`: it succeeded. */
  clear(key: string): void;
}

export interface RateLimitOptions {
  /** Attempts within one window. */
  readonly limit: number;
  readonly windowMs: number;
  readonly now: () => Date;
}

/** Most keys kept at once; beyond it the oldest windows go first. */
const MAX_KEYS = 10_000;

/** Counts attempts in fixed windows, in memory. */
export function createRateLimiter({ limit, windowMs, now }: RateLimitOptions): RateLimiter {
  const windows = new Map<string, { count: number; endsAt: number }>();
  return {
    take(key) {
      const time = now().getTime();
      let window = windows.get(key);
      if (!window || window.endsAt <= time) {
        window = { count: 0, endsAt: time + windowMs };
        windows.delete(key);
        windows.set(key, window);
        for (const oldest of windows.keys()) {
          if (windows.size <= MAX_KEYS) break;
          windows.delete(oldest);
        }
      }
      window.count++;
      if (window.count > limit) throw tooMany(Math.ceil((window.endsAt - time) / 1000), limit);
    },
    clear(key) {
      windows.delete(key);
    },
  };
}

function tooMany(seconds: number, limit: number): HubError {
  return new HubError(429, "TooManyRequests", {
    message: `Too many attempts: try again in ${seconds} seconds`,
    headers: {
      "Retry-After": String(seconds),
      RateLimit: `"sign-in";r=0;t=${seconds}`,
      "RateLimit-Policy": `"fixed window";"sign-in";q=${limit}`,
    },
  });
}
