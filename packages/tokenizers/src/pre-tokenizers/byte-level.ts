import { type AlignedText, prependIfMissing } from "../aligned-text.ts";
import { toByteCharacters } from "../unicode/byte-alphabet.ts";
import { isWhitespace, letters, numbers } from "../unicode/set.ts";
import { type Range, split } from "./split.ts";

export function byteLevelPreTokenize(
  source: AlignedText,
  options: { readonly addPrefixSpace: boolean; readonly useRegex: boolean },
): AlignedText[] {
  const text = options.addPrefixSpace ? prependIfMissing(source, " ") : source;
  const pieces = options.useRegex
    ? split(text, matchGpt2Words(text.text), { behavior: "Isolated" })
    : [text];
  return pieces.map(toByteCharacters);
}

/**
 * The words of GPT-2's pattern, by hand because the engine's classes are newer than the reference's:
 * `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
 */
export function matchGpt2Words(text: string): Range[] {
  const ranges: Range[] = [];
  for (let start = 0; start < text.length; ) {
    const end = wordEnd(text, start);
    ranges.push([start, end]);
    start = end;
  }
  return ranges;
}

function wordEnd(text: string, start: number): number {
  const contraction = text[start] === "'" ? contractionLength(text, start + 1) : 0;
  if (contraction > 0) return start + 1 + contraction;
  const first = text[start] === " " ? start + 1 : start;
  const kind = kindAt(text, first);
  if (kind !== undefined && kind !== "space") return runEnd(text, first, kind);
  const end = runEnd(text, start, "space");
  // The last space of several belongs to the word after it. White space is one unit wide.
  return end < text.length && end - start > 1 ? end - 1 : end;
}

function contractionLength(text: string, at: number): number {
  if ("stmd".includes(text.charAt(at) || " ")) return 1;
  return ["re", "ve", "ll"].includes(text.slice(at, at + 2)) ? 2 : 0;
}

type Kind = "letter" | "number" | "space" | "other";

function kindAt(text: string, at: number): Kind | undefined {
  const codePoint = text.codePointAt(at);
  if (codePoint === undefined) return undefined;
  if (letters.has(codePoint)) return "letter";
  if (numbers.has(codePoint)) return "number";
  return isWhitespace(codePoint) ? "space" : "other";
}

function runEnd(text: string, start: number, kind: Kind): number {
  let end = start;
  while (kindAt(text, end) === kind) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return end;
}
