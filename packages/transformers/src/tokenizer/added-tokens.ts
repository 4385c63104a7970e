import {
  type AddedToken,
  type AddedTokenWithId,
  assignIds,
  type TokenizerDefinition,
} from "@bearhug/tokenizers";
import { SPECIAL_TOKEN_NAMES, type SpecialTokens, sameToken } from "./special-tokens.ts";

/** Added tokens with their ids, and the id of any token, before the model is built. */
export function addedTokenIds({ model, addedTokens = [] }: TokenizerDefinition): {
  readonly tokens: readonly AddedTokenWithId[];
  idOf(token: string): number | undefined;
} {
  const assigned = assignIds(addedTokens, model.vocabulary);
  return {
    tokens: [...assigned.values()],
    idOf: (token) => assigned.get(token)?.id ?? model.vocabulary.id(token),
  };
}

/**
 * Added tokens with those that the config wants: listed ones whose flags differ or that are missing, then special
 * tokens that nothing knows as an added token.
 */
export function completeAddedTokens(
  present: readonly AddedToken[],
  tokens: { readonly wanted: readonly AddedToken[]; readonly special: SpecialTokens },
): readonly AddedToken[] {
  const { named, ofModel, extra } = tokens.special;
  const ordered = SPECIAL_TOKEN_NAMES.flatMap((name) => named[name] ?? []);
  const withName = [...ordered, ...Object.values(ofModel)];
  const names = new Set(withName.map((token) => token.content));
  const missing = tokens.wanted.filter(
    (token) => !present.some((other) => sameToken(token, other)),
  );
  const known = new Set([...present, ...missing].map((token) => token.content));
  for (const token of [...withName, ...extra]) {
    if (known.has(token.content)) continue;
    known.add(token.content);
    missing.push(token);
  }
  const asSpecial = missing.map((token) =>
    names.has(token.content) ? { ...token, special: true } : token,
  );
  return [...present, ...asSpecial];
}
