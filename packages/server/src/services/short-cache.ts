/** Keeps what took long to compute, for a few seconds. */
export interface ShortCache<Value> {
  get(
    key: string,
    options: {
      readonly make: () => Promise<Value>;
      readonly isCostly: (value: Value) => boolean;
    },
  ): Promise<Value>;
}

const LIFE_MS = 10_000;
const MAX_VALUES = 200;

export function createShortCache<Value>(now: () => Date): ShortCache<Value> {
  const kept = new Map<string, { readonly value: Value; readonly until: number }>();
  return {
    async get(key, { make, isCostly }) {
      const time = now().getTime();
      const found = kept.get(key);
      if (found && found.until > time) return found.value;
      kept.delete(key);
      const value = await make();
      if (isCostly(value)) kept.set(key, { value, until: time + LIFE_MS });
      const [oldest] = kept.keys();
      if (kept.size > MAX_VALUES && oldest !== undefined) kept.delete(oldest);
      return value;
    },
  };
}
