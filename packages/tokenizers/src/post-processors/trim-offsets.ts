import type { TokenDetails } from "../encoding.ts";
import { isWhitespace } from "../unicode/set.ts";
import type { OffsetTrim } from "./post-processor.ts";

/** A result and the text, or the words, that it came from. */
export interface TrimmedTokens {
  readonly details: TokenDetails;
  readonly input: string | readonly string[];
  /** The token that begins the row. */
  readonly rowStart: number;
}

/** Takes the white space that byte-level tokens begin or end with out of their offsets, by whole characters. */
export function trimOffsets(
  { details, input, rowStart }: TrimmedTokens,
  { addPrefixSpace }: OffsetTrim,
): TokenDetails {
  const starts = details.starts.slice();
  const ends = details.ends.slice();
  for (let i = 0; i < starts.length; i++) {
    const token = details.tokens[i];
    let leading = leadingSpaces(token);
    const trailing = trailingSpaces(token);
    // The space that was put before the text is not in the text.
    if (leading === 1 && addPrefixSpace && (i === rowStart || starts[i] === 0)) leading = 0;
    if (leading === 0 && trailing === 0) continue;
    const text = typeof input === "string" ? input : (input[details.words[i]] ?? "");
    starts[i] = Math.min(forward(text, starts[i], leading), ends[i]);
    if (trailing > 0) ends[i] = Math.max(backward(text, ends[i], trailing), starts[i]);
  }
  return { ...details, starts, ends };
}

function forward(text: string, from: number, characters: number): number {
  let at = from;
  for (let i = 0; i < characters; i++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

function backward(text: string, from: number, characters: number): number {
  let at = from;
  for (let i = 0; i < characters; i++) at -= (text.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** Spaces are one unit wide. */
function leadingSpaces(token: string): number {
  let count = 0;
  while (count < token.length && isSpace(token.charCodeAt(count))) count++;
  return count;
}

function trailingSpaces(token: string): number {
  let count = 0;
  while (count < token.length && isSpace(token.charCodeAt(token.length - 1 - count))) count++;
  return count;
}

/** `Ġ` is a space in the byte alphabet. */
function isSpace(unit: number): boolean {
  return unit === 0x120 || isWhitespace(unit);
}
