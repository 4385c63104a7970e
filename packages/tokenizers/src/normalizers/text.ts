import { type AlignedText, mapCharacters, sliceText, TextBuilder } from "../aligned-text.ts";
import { combiningMarks, isWhitespace } from "../unicode/set.ts";

/** Each code point by its full mapping, on its own: no final-sigma rule. */
export function toLowerCase(text: AlignedText): AlignedText {
  return mapCharacters(text, lowerCharacter);
}

function lowerCharacter(codePoint: number): string | undefined {
  if (codePoint < 0x80) {
    const isUpper = codePoint >= 0x41 && codePoint <= 0x5a;
    return isUpper ? String.fromCharCode(codePoint + 32) : undefined;
  }
  const character = String.fromCodePoint(codePoint);
  const lower = character.toLowerCase();
  return lower === character ? undefined : lower;
}

/** Drops combining marks; does not decompose first. */
export function stripAccents(text: AlignedText): AlignedText {
  return mapCharacters(text, (codePoint) =>
    codePoint >= 0x300 && combiningMarks.has(codePoint) ? "" : undefined,
  );
}

export function strip(
  source: AlignedText,
  sides: { readonly stripLeft: boolean; readonly stripRight: boolean },
): AlignedText {
  const { text } = source;
  let start = 0;
  let end = text.length;
  // White space is in the basic plane: one unit each.
  if (sides.stripLeft) while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  if (sides.stripRight) while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return sliceText(source, start, end);
}

/** Every occurrence of `pattern`; what replaces it stands for the last unit of the match. */
export function replaceAll(source: AlignedText, pattern: string, content: string): AlignedText {
  if (pattern === "" || !source.text.includes(pattern)) return source;
  const builder = new TextBuilder(source);
  let kept = 0;
  for (;;) {
    const at = source.text.indexOf(pattern, kept);
    if (at < 0) break;
    builder.keep(kept, at);
    builder.write(content, at + pattern.length - 1);
    kept = at + pattern.length;
  }
  builder.keep(kept, source.text.length);
  return builder.build();
}

/** What is put in front stands for the first character; an empty piece stays empty. */
export function prepend(source: AlignedText, text: string): AlignedText {
  if (source.text === "") return source;
  const builder = new TextBuilder(source);
  builder.write(text, 0);
  builder.keep(0, source.text.length);
  return builder.build();
}
