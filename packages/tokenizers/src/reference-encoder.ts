/**
 * All stages over aligned text, one after another, as the reference runs them: plain, exact and slow. The plans of
 * `plans/` give the same ids faster, and ask this for what is not in their caches.
 */
import { AddedTokenMatcher, type AddedTokenWithId } from "./added-tokens.ts";
import {
  type AlignedText,
  alignText,
  originalRange,
  sliceText,
  wellFormed,
} from "./aligned-text.ts";
import type { TokenDetails } from "./encoding.ts";
import { createModel, type Model } from "./models/model.ts";
import { createNormalizer, type Normalizer } from "./normalizers/normalizer.ts";
import { createPreTokenizer, type PreTokenizer } from "./pre-tokenizers/pre-tokenizer.ts";
import type { TokenizerDefinition } from "./schema.ts";

/** One sequence: text, or words that were cut before. */
export type TokenizerInput = string | readonly string[];

export interface Stages {
  readonly rawTokens: AddedTokenMatcher;
  readonly normalizedTokens: AddedTokenMatcher;
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
  readonly model: Model;
}

export function createStages(
  definition: TokenizerDefinition,
  addedTokens: ReadonlyMap<string, AddedTokenWithId>,
): Stages {
  const normalizer = createNormalizer(definition.normalizer);
  const raw = new Map<string, AddedTokenWithId>();
  const normalized = new Map<string, AddedTokenWithId>();
  for (const token of addedTokens.values()) {
    if (token.normalized) normalized.set(normalizer(alignText(token.content)).text, token);
    else raw.set(token.content, token);
  }
  return {
    rawTokens: new AddedTokenMatcher(raw),
    normalizedTokens: new AddedTokenMatcher(normalized),
    normalizer,
    preTokenizer: createPreTokenizer(definition.preTokenizer),
    model: createModel(definition.model),
  };
}

/** A token with its place in the original. */
export interface FoundToken {
  readonly id: number;
  readonly token: string;
  readonly start: number;
  readonly end: number;
  readonly word: number;
}

export function findTokens(input: TokenizerInput, stages: Stages): readonly FoundToken[] {
  if (typeof input === "string") return tokensOfText(input, stages);
  return input.flatMap((item, word) =>
    tokensOfText(item, stages).map((token) => ({ ...token, word })),
  );
}

function tokensOfText(text: string, stages: Stages): FoundToken[] {
  const list = new TokenList(stages);
  for (const raw of cutTokens(alignText(wellFormed(text)), stages.rawTokens)) {
    if (raw.token) list.addToken(raw.text, raw.token);
    else list.addPiece(raw.text);
  }
  return list.tokens;
}

/** The tokens of what stands between two added tokens that are looked for in raw text. */
export function tokensOfPiece(piece: AlignedText, stages: Stages): readonly FoundToken[] {
  const list = new TokenList(stages);
  list.addPiece(piece);
  return list.tokens;
}

class TokenList {
  readonly tokens: FoundToken[] = [];
  readonly #stages: Stages;
  #word = 0;

  constructor(stages: Stages) {
    this.#stages = stages;
  }

  addToken(piece: AlignedText, token: AddedTokenWithId): void {
    const [start, end] = originalRange(piece, 0, piece.text.length);
    this.tokens.push({ id: token.id, token: piece.text, start, end, word: this.#word++ });
  }

  addPiece(raw: AlignedText): void {
    const { normalizer, normalizedTokens, preTokenizer, model } = this.#stages;
    for (const piece of cutTokens(normalizer(raw), normalizedTokens)) {
      if (piece.token) {
        this.addToken(piece.text, piece.token);
        continue;
      }
      for (const part of preTokenizer(piece.text)) {
        if (part.text !== "") addWord(part, this.#word++, { model, tokens: this.tokens });
      }
    }
  }
}

/** Appends the tokens of one word. */
export function addWord(
  part: AlignedText,
  word: number,
  { model, tokens }: { readonly model: Model; readonly tokens: FoundToken[] },
): void {
  for (const { id, start, end, text: name } of model.tokenize(part.text)) {
    const [from, to] = originalRange(part, start, end);
    const token = name ?? model.vocabulary.token(id) ?? "";
    tokens.push({ id, token, start: from, end: to, word });
  }
}

interface Piece {
  readonly text: AlignedText;
  readonly token?: AddedTokenWithId;
}

function cutTokens(text: AlignedText, matcher: AddedTokenMatcher): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of matcher.find(text.text)) {
    if (match.start > end) pieces.push({ text: sliceText(text, end, match.start) });
    pieces.push({ text: sliceText(text, match.start, match.end), token: match.token });
    end = match.end;
  }
  if (end < text.text.length) pieces.push({ text: sliceText(text, end, text.text.length) });
  return pieces;
}

export function toDetails(found: readonly FoundToken[]): TokenDetails {
  return {
    tokens: found.map((token) => token.token),
    starts: Int32Array.from(found, (token) => token.start),
    ends: Int32Array.from(found, (token) => token.end),
    words: Int32Array.from(found, (token) => token.word),
  };
}
