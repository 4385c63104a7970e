import { UnknownTokenError } from "../errors.ts";
import type { Model } from "./model.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface WordLevelDefinition {
  readonly type: "WordLevel";
  readonly vocabulary: Vocabulary;
  readonly unkToken: string;
}

/** One word, one token. */
export function createWordLevel({ vocabulary, unkToken }: WordLevelDefinition): Model {
  return {
    vocabulary,
    tokenize(word) {
      const id = vocabulary.id(word) ?? vocabulary.id(unkToken);
      if (id === undefined) throw new UnknownTokenError(word, unkToken);
      return [{ id, start: 0, end: word.length }];
    },
  };
}
