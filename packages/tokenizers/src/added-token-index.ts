import type { AddedTokenWithId } from "./added-tokens.ts";
import { TextTrie } from "./text-trie.ts";

/** Positions at which a token may begin. */
export interface Candidates {
  /** The first one from `from` on, which must not go back; −1 for none. */
  next(from: number): number;
}

/** Up to so many openings are searched for one by one: the engine does so many units at a time. */
const MAX_OPENINGS = 6;

/** Tokens by their text, and how they begin. */
export class TokenIndex {
  readonly #trie = new TextTrie();
  readonly #tokens: readonly (readonly [content: string, token: AddedTokenWithId])[];
  /** For each first unit, what all tokens that begin with it have in common. */
  readonly #openings: readonly string[];
  readonly #isFirst: Uint8Array;

  constructor(tokens: ReadonlyMap<string, AddedTokenWithId>) {
    this.#tokens = [...tokens].filter(([content]) => content !== "");
    const openings = new Map<number, string>();
    this.#tokens.forEach(([content], i) => {
      this.#trie.set(content, i);
      const first = content.charCodeAt(0);
      openings.set(first, commonStart(openings.get(first) ?? content, content));
    });
    this.#openings = [...openings.values()];
    const isSearched = openings.size <= MAX_OPENINGS;
    this.#isFirst = new Uint8Array(isSearched ? 0 : 0x1_0000);
    for (const first of openings.keys()) this.#isFirst[first] = 1;
  }

  longestAt(
    text: string,
    start: number,
  ): { readonly token: AddedTokenWithId; readonly length: number } | undefined {
    const index = this.#trie.longestAt(text, start);
    if (index < 0) return undefined;
    const [content, token] = this.#tokens[index];
    return { token, length: content.length };
  }

  /** Whether a token may begin anywhere. */
  mayMatch(text: string): boolean {
    if (this.#isFirst.length > 0) return this.candidates(text).next(0) >= 0;
    for (const opening of this.#openings) if (text.includes(opening)) return true;
    return false;
  }

  candidates(text: string): Candidates {
    if (this.#isFirst.length === 0) return searchOpenings(text, this.#openings);
    const isFirst = this.#isFirst;
    return {
      next(from) {
        for (let i = from; i < text.length; i++) if (isFirst[text.charCodeAt(i)] === 1) return i;
        return -1;
      },
    };
  }
}

function searchOpenings(text: string, openings: readonly string[]): Candidates {
  // Where each opening comes next; −1 before the first search, Infinity when it comes no more.
  const places = openings.map(() => -1);
  return {
    next(from) {
      let nearest = Number.POSITIVE_INFINITY;
      for (let i = 0; i < openings.length; i++) {
        if (places[i] < from) {
          const at = text.indexOf(openings[i], from);
          places[i] = at < 0 ? Number.POSITIVE_INFINITY : at;
        }
        if (places[i] < nearest) nearest = places[i];
      }
      return nearest === Number.POSITIVE_INFINITY ? -1 : nearest;
    },
  };
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return a.slice(0, length);
}
