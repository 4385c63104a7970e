import type { RenderedMarkdown } from "./render.ts";

/** Keeps what was rendered lately: a card is read far more often than it changes. */
export interface MarkdownCache {
  /** @param key names content and target for ever: a blob's id with the address it is shown under. */
  get(key: string, render: () => RenderedMarkdown): RenderedMarkdown;
}

/** @param maxCharacters of HTML kept in all; the least recently used goes first. */
export function createMarkdownCache(maxCharacters = 16_000_000): MarkdownCache {
  const kept = new Map<string, RenderedMarkdown>();
  let characters = 0;
  const forget = (key: string): void => {
    characters -= kept.get(key)?.html.length ?? 0;
    kept.delete(key);
  };
  return {
    get(key, render) {
      const found = kept.get(key) ?? render();
      forget(key);
      kept.set(key, found);
      characters += found.html.length;
      for (const oldest of kept.keys()) {
        if (characters <= maxCharacters) break;
        forget(oldest);
      }
      return found;
    },
  };
}
