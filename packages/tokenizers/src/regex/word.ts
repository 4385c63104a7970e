import { type CodePointSet, membership } from "../unicode/code-points.ts";
import { wordCharactersOfPatterns } from "../unicode/properties.ts";

let words: CodePointSet | undefined;

/** `\w` in patterns, as `\b` needs it. */
export function isWordCharacter(codePoint: number): boolean {
  words ??= membership(wordCharactersOfPatterns());
  return words.has(codePoint);
}
