import { AddedTokenMatcher, type AddedTokenWithId } from "../../added-tokens.ts";
import { type AlignedText, alignText, sliceText, wellFormed } from "../../aligned-text.ts";
import { createNormalizer } from "../../normalizers/normalizer.ts";
import { createPreTokenizer } from "../../pre-tokenizers/pre-tokenizer.ts";
import type { TokenizerDefinition } from "../../schema.ts";

/** The stages before the model, which decide what the words of a text are. */
export interface WordStages {
  /** The words of `text` as the model would see them; added tokens count as words too. */
  words(text: string): readonly string[];
  /** Whether `text` may hold an added token that is looked for in raw text: never false where it does. */
  mayHoldTokens(text: string): boolean;
  /** Added tokens are looked for in normalized text as well, so its parts cannot be looked at one by one. */
  readonly needsWholeTexts: boolean;
}

export function createWordStages(definition: Omit<TokenizerDefinition, "model">): WordStages {
  const normalizer = createNormalizer(definition.normalizer);
  const preTokenizer = createPreTokenizer(definition.preTokenizer);
  const raw = new Map<string, AddedTokenWithId>();
  const normalized = new Map<string, AddedTokenWithId>();
  for (const [index, token] of (definition.addedTokens ?? []).entries()) {
    const withId = { ...token, id: index };
    if (token.normalized) normalized.set(normalizer(alignText(token.content)).text, withId);
    else raw.set(token.content, withId);
  }
  const rawTokens = new AddedTokenMatcher(raw);
  const normalizedTokens = new AddedTokenMatcher(normalized);
  const plainWords = (text: string) => preTokenizer(normalizer(alignText(text)));
  const allWords = (text: string) =>
    cut(alignText(text), rawTokens).flatMap((piece) =>
      piece.isToken
        ? [piece.text]
        : cut(normalizer(piece.text), normalizedTokens).flatMap((part) =>
            part.isToken ? [part.text] : preTokenizer(part.text),
          ),
    );
  const words = raw.size + normalized.size === 0 ? plainWords : allWords;
  return {
    words: (text) =>
      words(wellFormed(text))
        .map((word) => word.text)
        .filter((word) => word !== ""),
    mayHoldTokens: (text) => rawTokens.mayMatch(text),
    needsWholeTexts: normalized.size > 0,
  };
}

function cut(
  text: AlignedText,
  matcher: AddedTokenMatcher,
): { readonly text: AlignedText; readonly isToken: boolean }[] {
  const pieces: { readonly text: AlignedText; readonly isToken: boolean }[] = [];
  let end = 0;
  for (const match of matcher.find(text.text)) {
    if (match.start > end) {
      pieces.push({ text: sliceText(text, end, match.start), isToken: false });
    }
    pieces.push({ text: sliceText(text, match.start, match.end), isToken: true });
    end = match.end;
  }
  if (end < text.text.length) {
    pieces.push({ text: sliceText(text, end, text.text.length), isToken: false });
  }
  return pieces;
}
