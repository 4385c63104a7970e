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
  const idOf = (word: string): number => {
    const id = vocabulary.id(word) ?? vocabulary.id(unkToken);
    if (id === undefined) throw new UnknownTokenError(word, unkToken);
    return id;
  };
  return {
    vocabulary,
    tokenize: (word) => [{ id: idOf(word), start: 0, end: word.length }],
    encodeIds: (word) => Int32Array.of(idOf(word)),
  };
}
