/** Keeps what was rendered lately: a card is read far more often than it changes. */
export interface MarkdownCache<Value> {
  /** @param key names content and target for ever: a blob's id with the address it is shown under. */
  get(key: string, render: () => Value): Value;
}

interface Weighed {
  /** Characters that it was made from and of. */
  readonly weight: number;
}

/** @param maxWeight kept in all; the least recently used goes first. */
export function createMarkdownCache<Value extends Weighed>(
  maxWeight = 16_000_000,
): MarkdownCache<Value> {
  const kept = new Map<string, Value>();
  let weight = 0;
  const forget = (key: string): void => {
    weight -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get(key, render) {
      const found = kept.get(key) ?? render();
      forget(key);
      kept.set(key, found);
      weight += found.weight;
      for (const oldest of kept.keys()) {
        if (weight <= maxWeight) break;
        forget(oldest);
      }
      return found;
    },
  };
}
