import type { TokenDetails } from "../encoding.ts";
import { isWhitespace } from "../unicode/set.ts";
import type { OffsetTrim } from "./post-processor.ts";

/** Takes the white space that byte-level tokens begin or end with out of their offsets. */
export function trimOffsets(details: TokenDetails, { addPrefixSpace }: OffsetTrim): TokenDetails {
  const starts = details.starts.slice();
  const ends = details.ends.slice();
  details.tokens.forEach((token, i) => {
    const characters = Array.from(token);
    let leading = countSpaces(characters);
    const trailing = countSpaces(characters.reverse());
    // The space that was put before the text is not in the text.
    if (leading === 1 && addPrefixSpace && (i === 0 || starts[i] === 0)) leading = 0;
    starts[i] = Math.min(starts[i] + leading, ends[i]);
    if (trailing > 0) ends[i] = Math.max(ends[i] - trailing, starts[i]);
  });
  return { ...details, starts, ends };
}

function countSpaces(characters: readonly string[]): number {
  const count = characters.findIndex((character) => !isSpace(character));
  return count < 0 ? characters.length : count;
}

/** `Ġ` is a space in the byte alphabet. */
function isSpace(character: string): boolean {
  return character === "\u0120" || isWhitespace(character.codePointAt(0) ?? 0);
}
