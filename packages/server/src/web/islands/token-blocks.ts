/** Cuts a text at its tokens. Tokens that share a character, such as the bytes of one, are one block. */
import type { Encoding } from "@bearhug/tokenizers";

export interface TokenBlock {
  /** What of the text these tokens stand for; empty for tokens that are in no text. */
  readonly text: string;
  /** Positions in the encoding, one after the other. Empty for text that no token stands for. */
  readonly tokens: readonly number[];
  /** Which of the texts it is from; `undefined` for what the tokenizer added around them. */
  readonly sequence: number | undefined;
}

interface OpenBlock {
  readonly sequence: number | undefined;
  readonly start: number;
  end: number;
  readonly tokens: number[];
}

/** Blocks in the order of the tokens, and between them the text that has no token. At most `limit` tokens are read. */
export function blocksOf(
  encoding: Encoding,
  texts: readonly string[],
  limit: number,
): readonly TokenBlock[] {
  const reached = texts.map(() => 0);
  const blocks = groupTokens(encoding, limit).flatMap((block): readonly TokenBlock[] => {
    const { sequence, start, end, tokens } = block;
    if (sequence === undefined) return [{ text: "", tokens, sequence }];
    const text = texts[sequence] ?? "";
    const gap = text.slice(reached[sequence], start);
    reached[sequence] = Math.max(reached[sequence] ?? 0, end);
    // A token whose space was trimmed off its offsets: the space before it is what it stands for.
    if (start === end) return [{ text: gap, tokens, sequence }];
    const own = { text: text.slice(start, end), tokens, sequence };
    return gap === "" ? [own] : [{ text: gap, tokens: [], sequence }, own];
  });
  return limit < encoding.length ? blocks : [...blocks, ...restOf(texts, reached)];
}

function groupTokens(encoding: Encoding, limit: number): readonly OpenBlock[] {
  const { offsets, sequenceIds } = encoding;
  const groups: OpenBlock[] = [];
  for (let at = 0; at < Math.min(limit, encoding.length); at++) {
    const sequence = sequenceIds[at] ?? undefined;
    const [start, end] = offsets[at] ?? [0, 0];
    const last = groups.at(-1);
    if (sequence !== undefined && last?.sequence === sequence && overlap(last, start, end)) {
      last.end = Math.max(last.end, end);
      last.tokens.push(at);
      continue;
    }
    groups.push({ sequence, start, end, tokens: [at] });
  }
  return groups;
}

function overlap(block: OpenBlock, start: number, end: number): boolean {
  return start < block.end && end > block.start && end > start;
}

function restOf(texts: readonly string[], reached: readonly number[]): readonly TokenBlock[] {
  return texts.flatMap((text, sequence) => {
    const rest = text.slice(reached[sequence]);
    return rest === "" ? [] : [{ text: rest, tokens: [], sequence }];
  });
}

export interface TextPart {
  readonly text: string;
  /** A mark in place of something that cannot be seen. */
  readonly isMark: boolean;
}

const MARKS: Readonly<Record<string, string>> = { " ": "·", "\n": "⏎", "\t": "⇥", "\r": "␍" };
/** Spaces and what has no shape or changes the direction of writing; joiners inside emoji stay. */
const UNSEEN = /[\p{Z}\p{Cc}\p{Cn}\p{Co}\p{Cs}]|(?!\u200d)\p{Cf}|^[\u200d\ufe0f]$/gu;

/** Accents whose letter is in another token: without a circle under them they would sit on that one. */
const LONE_ACCENTS = /^(?!\ufe0f)\p{M}+/u;

/** The text with marks for what cannot be seen. */
export function visibleParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  const [lone] = LONE_ACCENTS.exec(text) ?? [""];
  if (lone !== "") parts.push({ text: `◌${lone}`, isMark: false });
  let at = lone.length;
  for (const { 0: found, index } of text.matchAll(UNSEEN)) {
    if (index < at) continue;
    if (index > at) parts.push({ text: text.slice(at, index), isMark: false });
    parts.push({ text: MARKS[found] ?? codeOf(found), isMark: true });
    at = index + found.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMark: false });
  return parts;
}

function codeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code}`;
}
