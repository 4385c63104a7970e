import { UnknownTokenError } from "../errors.ts";
import type { Model, ModelToken } from "./model.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface WordPieceDefinition {
  readonly type: "WordPiece";
  readonly vocabulary: Vocabulary;
  readonly unkToken: string;
  readonly continuingSubwordPrefix: string;
  /** Longer words, counted in code points, are unknown as a whole. */
  readonly maxInputCharsPerWord: number;
}

/** Greedy longest match from the left; a word with a part that fits nothing is unknown as a whole. */
export function createWordPiece(definition: WordPieceDefinition): Model {
  const { vocabulary, maxInputCharsPerWord } = definition;
  const tables = createTables(definition);
  const unknown = (word: string): ModelToken[] => {
    const id = vocabulary.id(definition.unkToken);
    if (id === undefined) throw new UnknownTokenError(word, definition.unkToken);
    return [{ id, start: 0, end: word.length }];
  };
  return {
    vocabulary,
    tokenize(word) {
      if (word.length > maxInputCharsPerWord && countCharacters(word) > maxInputCharsPerWord) {
        return unknown(word);
      }
      const tokens: ModelToken[] = [];
      for (let start = 0; start < word.length; ) {
        const token = longestMatch(word, start, tables);
        if (!token) return unknown(word);
        tokens.push(token);
        start = token.end;
      }
      return tokens;
    },
  };
}

interface Tables {
  /** Tokens that begin a word. */
  readonly first: ReadonlyMap<string, number>;
  /** Tokens that go on with one, without their prefix: no string is put together while matching. */
  readonly continuing: ReadonlyMap<string, number>;
  /** Units of the longest token of both. */
  readonly longest: number;
}

function createTables({ vocabulary, continuingSubwordPrefix }: WordPieceDefinition): Tables {
  const first = new Map<string, number>();
  const continuing = new Map<string, number>();
  let longest = 0;
  for (const [token, id] of vocabulary.entries()) {
    first.set(token, id);
    longest = Math.max(longest, token.length);
    if (!token.startsWith(continuingSubwordPrefix)) continue;
    continuing.set(token.slice(continuingSubwordPrefix.length), id);
  }
  return { first, continuing, longest };
}

function longestMatch(word: string, start: number, tables: Tables): ModelToken | undefined {
  const table = start > 0 ? tables.continuing : tables.first;
  for (let end = Math.min(word.length, start + tables.longest); end > start; end--) {
    const id = table.get(word.slice(start, end));
    if (id !== undefined && isBoundary(word, end)) return { id, start, end };
  }
  return undefined;
}

/** False between the halves of a surrogate pair. */
function isBoundary(word: string, index: number): boolean {
  const unit = word.charCodeAt(index);
  return !(unit >= 0xdc00 && unit <= 0xdfff);
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
