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
  const { offsets, sequenceIds } = encoding;
  const count = Math.min(limit, encoding.length);
  const blocks: TokenBlock[] = [];
  const reached = texts.map(() => 0);
  let at = 0;
  while (at < count) {
    const sequence = sequenceIds[at] ?? undefined;
    if (sequence === undefined) {
      blocks.push({ text: "", tokens: [at++], sequence });
      continue;
    }
    const text = texts[sequence] ?? "";
    const block = openBlock(offsets, at);
    for (at++; at < count && sequenceIds[at] === sequence; at++) {
      if (!extend(block, offsets[at], at)) break;
    }
    const gap = text.slice(reached[sequence], block.start);
    if (gap !== "") blocks.push({ text: gap, tokens: [], sequence });
    blocks.push({ text: text.slice(block.start, block.end), tokens: block.tokens, sequence });
    reached[sequence] = Math.max(reached[sequence] ?? 0, block.end);
  }
  if (count < encoding.length) return blocks;
  return [...blocks, ...restOf(texts, reached)];
}

function openBlock(offsets: Encoding["offsets"], at: number): OpenBlock {
  const [start, end] = offsets[at] ?? [0, 0];
  return { start, end, tokens: [at] };
}

function extend(block: OpenBlock, span: Encoding["offsets"][number] | undefined, at: number) {
  const [start, end] = span ?? [0, 0];
  if (start >= block.end || end <= start) return false;
  block.end = Math.max(block.end, end);
  block.tokens.push(at);
  return true;
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

const MARKS: Readonly<Record<string, string>> = { " ": "·", "\n": "⏎\n", "\t": "⇥\t", "\r": "␍" };
/** Spaces and what has no shape or changes the direction of writing; joiners inside emoji stay. */
const UNSEEN = /[\p{Z}\p{Cc}\p{Cn}\p{Co}\p{Cs}]|(?!\u200d)\p{Cf}|^[\u200d\ufe0f]$/gu;

/** The text with marks for what cannot be seen. */
export function visibleParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(UNSEEN)) {
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
