import { type AddedToken, type AddedTokenWithId, assignIds } from "./added-tokens.ts";
import { TokenNotRemovableError } from "./errors.ts";
import { PLAIN } from "./post-processors/post-processor.ts";
import type { TokenizerDefinition } from "./schema.ts";

/** A token to add: its text alone, or with flags. */
export type AddedTokenInput =
  | string
  | {
      readonly content: string;
      /** Left out when decoding with `skipSpecialTokens`. Default false. */
      readonly special?: boolean | undefined;
      /** Searched in the normalized text instead of the raw one. Default: not when the token is special. */
      readonly normalized?: boolean | undefined;
      /** Found only where no word character touches it. Default false. */
      readonly singleWord?: boolean | undefined;
      /** Takes the white space before it. Default false. */
      readonly lstrip?: boolean | undefined;
      /** Takes the white space after it. Default false. */
      readonly rstrip?: boolean | undefined;
    };

/** All flags of a token to add; `isSpecial` overrules its own. */
export function completeToken(input: AddedTokenInput, isSpecial?: boolean): AddedToken {
  const given = typeof input === "string" ? { content: input } : input;
  const special = isSpecial ?? given.special ?? false;
  return {
    content: given.content,
    special,
    normalized: given.normalized ?? !special,
    singleWord: given.singleWord ?? false,
    lstrip: given.lstrip ?? false,
    rstrip: given.rstrip ?? false,
  };
}

/**
 * The added tokens without those of these contents.
 *
 * @throws {TokenNotRemovableError} for one that is not there, that the post-processor needs, or whose removal would
 * give others new ids.
 */
export function removeAddedTokens(
  definition: TokenizerDefinition,
  added: ReadonlyMap<string, AddedTokenWithId>,
  contents: readonly string[],
): readonly AddedToken[] {
  const { vocabulary } = definition.model;
  const template = (definition.postProcessor ?? PLAIN).pair.concat(
    (definition.postProcessor ?? PLAIN).single,
  );
  for (const content of contents) {
    const token = added.get(content);
    const isOfModel = vocabulary.id(content) !== undefined;
    if (!token) {
      const why = isOfModel ? "it is in the model's vocabulary" : "there is no such token";
      throw new TokenNotRemovableError(content, why);
    }
    if (!isOfModel && template.some((piece) => piece.type === "special" && piece.id === token.id)) {
      throw new TokenNotRemovableError(content, "the post-processor adds it to texts");
    }
  }
  const gone = new Set(contents);
  const kept = (definition.addedTokens ?? []).filter((token) => !gone.has(token.content));
  for (const { content, id } of assignIds(kept, vocabulary).values()) {
    const before = added.get(content)?.id;
    if (before === id) continue;
    const why = `${JSON.stringify(content)}, added after it, would get id ${id} instead of ${before}`;
    throw new TokenNotRemovableError(contents.join(", "), why);
  }
  return kept;
}
