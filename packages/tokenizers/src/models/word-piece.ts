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
  const { vocabulary, continuingSubwordPrefix: prefix, maxInputCharsPerWord } = definition;
  const longest = longestToken(vocabulary);
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
        const token = longestMatch(vocabulary, word, { start, longest, prefix });
        if (!token) return unknown(word);
        tokens.push(token);
        start = token.end;
      }
      return tokens;
    },
  };
}

function longestMatch(
  vocabulary: Vocabulary,
  word: string,
  { start, longest, prefix }: { start: number; longest: number; prefix: string },
): ModelToken | undefined {
  const lead = start > 0 ? prefix : "";
  for (let end = Math.min(word.length, start + longest); end > start; end--) {
    const id = vocabulary.id(lead + word.slice(start, end));
    if (id !== undefined && isBoundary(word, end)) return { id, start, end };
  }
  return undefined;
}

/** False between the halves of a surrogate pair. */
function isBoundary(word: string, index: number): boolean {
  const unit = word.charCodeAt(index);
  return !(unit >= 0xdc00 && unit <= 0xdfff);
}

function longestToken(vocabulary: Vocabulary): number {
  let longest = 0;
  for (const token of vocabulary.ids.keys()) longest = Math.max(longest, token.length);
  return longest;
}

function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
