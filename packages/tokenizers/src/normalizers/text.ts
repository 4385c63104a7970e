import {
  type AlignedText,
  charWidth,
  mapCharacters,
  TextBuilder,
  trimText,
} from "../aligned-text.ts";
import type { Range } from "../pre-tokenizers/split.ts";
import { lowerCase } from "../unicode/lower-case.ts";
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
  return lowerCase(codePoint);
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
  return trimText(source, start, end);
}

/** Every match is replaced; what replaces it stands for the last unit of the match. */
export function replaceMatches(
  source: AlignedText,
  matches: readonly Range[],
  content: string,
): AlignedText {
  if (matches.length === 0) return source;
  const builder = new TextBuilder(source);
  let kept = 0;
  for (const [start, end] of matches) {
    builder.keep(kept, start);
    builder.write(content, end - 1);
    kept = end;
  }
  builder.keep(kept, source.text.length);
  return builder.build();
}

/** What the NMT project normalizes: controls vanish, other kinds of white space become spaces. */
export function nmt(source: AlignedText): AlignedText {
  return mapCharacters(source, (codePoint) => {
    if (NMT_CONTROLS.has(codePoint)) return "";
    return NMT_SPACES.has(codePoint) ? " " : undefined;
  });
}

const NMT_CONTROLS: ReadonlySet<number> = new Set([
  ...[1, 2, 3, 4, 5, 6, 7, 8, 0xb, 0x7f, 0x8f, 0x9f],
  ...Array.from({ length: 0x12 }, (_, i) => 0xe + i),
]);

const NMT_SPACES: ReadonlySet<number> = new Set([
  ...[0x9, 0xa, 0xc, 0xd, 0x1680, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f],
  ...[0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd],
]);

/** What is put in front stands for the first character; an empty piece stays empty. */
export function prepend(source: AlignedText, text: string): AlignedText {
  if (source.text === "") return source;
  const builder = new TextBuilder(source);
  builder.write(text, 0);
  const first = text === "" ? charWidth(source.text, 0) : 0;
  // Nothing in front: the reference then has the first character stand for nothing.
  if (first > 0) builder.write(source.text.slice(0, first), -1);
  builder.keep(first, source.text.length);
  return builder.build();
}
