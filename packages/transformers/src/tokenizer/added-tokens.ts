import {
  type AddedToken,
  type AddedTokenWithId,
  Tokenizer,
  type TokenizerDefinition,
} from "@bearhug/tokenizers";
import { SPECIAL_TOKEN_NAMES, type SpecialTokens, sameToken } from "./special-tokens.ts";

/** Ids of added tokens, without building the model. */
export function addedTokenIds({ model, addedTokens }: TokenizerDefinition): {
  readonly tokens: readonly AddedTokenWithId[];
  idOf(token: string): number | undefined;
} {
  // A model of whole words has nothing to prepare, whatever the size of its vocabulary.
  const words = { type: "WordLevel", vocabulary: model.vocabulary, unkToken: "" } as const;
  const tokenizer = new Tokenizer({ model: words, addedTokens });
  return { tokens: tokenizer.addedTokens, idOf: (token) => tokenizer.tokenToId(token) };
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
