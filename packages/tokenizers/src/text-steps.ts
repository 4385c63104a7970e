import { alignText, originalRange, wellFormed } from "./aligned-text.ts";
import type { Span } from "./encoding.ts";
import { createNormalizer } from "./normalizers/normalizer.ts";
import { createPreTokenizer } from "./pre-tokenizers/pre-tokenizer.ts";
import type { TokenizerDefinition } from "./schema.ts";

/** A word as a pre-tokenizer writes it, and where it is in the text, in UTF-16 units. */
export interface TextWord {
  readonly text: string;
  readonly offsets: Span;
}

export function normalizeText(text: string, { normalizer }: TokenizerDefinition): string {
  return createNormalizer(normalizer)(alignText(wellFormed(text))).text;
}

export function preTokenizeText(
  text: string,
  { preTokenizer }: TokenizerDefinition,
): readonly TextWord[] {
  return createPreTokenizer(preTokenizer)(alignText(wellFormed(text)))
    .filter((word) => word.text !== "")
    .map((word) => ({ text: word.text, offsets: originalRange(word, 0, word.text.length) }));
}
