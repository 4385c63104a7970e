import { type AddedTokenWithId, assignIds } from "./added-tokens.ts";
import type { Vocabulary } from "./models/vocabulary.ts";
import type { TokenizerDefinition } from "./schema.ts";

/** Token strings ⇄ ids over the model's vocabulary and the added tokens. */
export class TokenizerVocabulary {
  readonly model: Vocabulary;
  /** By content, in the order they were added. */
  readonly added: ReadonlyMap<string, AddedTokenWithId>;
  readonly #byId: ReadonlyMap<number, AddedTokenWithId>;

  constructor({ model, addedTokens = [], encodeSpecialTokens = false }: TokenizerDefinition) {
    this.model = model.vocabulary;
    const added = assignIds(addedTokens, model.vocabulary);
    this.added = encodeSpecialTokens ? passOverSpecials(added) : added;
    this.#byId = new Map([...this.added.values()].map((token) => [token.id, token]));
  }

  id(token: string): number | undefined {
    return this.added.get(token)?.id ?? this.model.id(token);
  }

  addedById(id: number): AddedTokenWithId | undefined {
    return this.#byId.get(id);
  }

  /** Whether a special token has this content. */
  isSpecial(token: string): boolean {
    return this.added.get(token)?.special === true;
  }

  /** Added tokens in order of their ids. */
  sorted(): readonly AddedTokenWithId[] {
    return [...this.added.values()].sort((a, b) => a.id - b.id);
  }

  /** Tokens of the model and added ones, each counted once. */
  get size(): number {
    let size = this.model.size;
    for (const token of this.added.keys()) if (this.model.id(token) === undefined) size++;
    return size;
  }

  /** Ids by token. */
  toMap(withAddedTokens: boolean): Map<string, number> {
    const ids = new Map(this.model.entries());
    if (withAddedTokens) for (const { content, id } of this.added.values()) ids.set(content, id);
    return ids;
  }
}

function passOverSpecials(
  tokens: ReadonlyMap<string, AddedTokenWithId>,
): ReadonlyMap<string, AddedTokenWithId> {
  return new Map(
    [...tokens].map(([content, token]) => [
      content,
      token.special ? { ...token, isPassedOver: true } : token,
    ]),
  );
}
