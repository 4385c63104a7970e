import { AddedTokenMatcher, type AddedTokenWithId } from "./added-tokens.ts";
import {
  type AlignedText,
  alignText,
  originalRange,
  sliceText,
  wellFormed,
} from "./aligned-text.ts";
import type { SequenceTokens, TokenDetails } from "./encoding.ts";
import { encodeWords, joinIds, nextTag, type WordEncoder } from "./kernel/word-cache.ts";
import { createModel, type Model } from "./models/model.ts";
import { createNormalizer, type Normalizer } from "./normalizers/normalizer.ts";
import type { OffsetTrim } from "./post-processors/post-processor.ts";
import { trimOffsets } from "./post-processors/trim-offsets.ts";
import { createPreTokenizer, type PreTokenizer } from "./pre-tokenizers/pre-tokenizer.ts";
import type { TokenizerDefinition } from "./schema.ts";

/** One sequence: text, or words that were cut before. */
export type TokenizerInput = string | readonly string[];

/** Text to tokens, before truncation and special tokens. */
export interface SequenceEncoder {
  readonly model: Model;
  encode(input: TokenizerInput): SequenceTokens;
  /** Added tokens as text shows them: the normalized form of those that are matched in normalized text. */
  addedText(token: AddedTokenWithId): string;
}

interface Stages {
  readonly rawTokens: AddedTokenMatcher;
  readonly normalizedTokens: AddedTokenMatcher;
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
  readonly model: Model;
}

export function createSequenceEncoder(
  definition: TokenizerDefinition,
  addedTokens: ReadonlyMap<string, AddedTokenWithId>,
): SequenceEncoder {
  const stages = createStages(definition, addedTokens);
  const trims = definition.postProcessor?.trims ?? [];
  const bert = createBertEncoder(definition, stages, addedTokens);
  return {
    model: stages.model,
    addedText: (token) =>
      token.normalized ? stages.normalizer(alignText(token.content)).text : token.content,
    encode(input) {
      if (bert && typeof input === "string") return bertSequence(input, { bert, stages, trims });
      const tokens = collectTokens(input, stages);
      const details = lazily(() => toDetails(tokens, input, trims));
      return { ids: Int32Array.from(tokens, (token) => token.id), details };
    },
  };
}

function createStages(
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
interface FoundToken {
  readonly id: number;
  readonly token: string;
  readonly start: number;
  readonly end: number;
  readonly word: number;
}

function collectTokens(input: TokenizerInput, stages: Stages): readonly FoundToken[] {
  if (typeof input === "string") return encodeText(input, stages);
  return input.flatMap((item, word) =>
    encodeText(item, stages).map((token) => ({ ...token, word })),
  );
}

/** All stages with offsets, as the reference runs them. */
function encodeText(text: string, stages: Stages): FoundToken[] {
  const tokens: FoundToken[] = [];
  let word = 0;
  const addWords = (piece: AlignedText) => {
    for (const part of stages.preTokenizer(piece)) {
      if (part.text === "") continue;
      for (const { id, start, end, text: name } of stages.model.tokenize(part.text)) {
        const [from, to] = originalRange(part, start, end);
        const token = name ?? stages.model.vocabulary.token(id) ?? "";
        tokens.push({ id, token, start: from, end: to, word });
      }
      word++;
    }
  };
  const addToken = (piece: AlignedText, token: AddedTokenWithId) => {
    const [start, end] = originalRange(piece, 0, piece.text.length);
    tokens.push({ id: token.id, token: piece.text, start, end, word: word++ });
  };
  for (const raw of cutTokens(alignText(wellFormed(text)), stages.rawTokens)) {
    if (raw.token) {
      addToken(raw.text, raw.token);
      continue;
    }
    for (const piece of cutTokens(stages.normalizer(raw.text), stages.normalizedTokens)) {
      if (piece.token) addToken(piece.text, piece.token);
      else addWords(piece.text);
    }
  }
  return tokens;
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

function toDetails(
  found: readonly FoundToken[],
  input: TokenizerInput,
  trims: readonly OffsetTrim[],
): TokenDetails {
  const details: TokenDetails = {
    tokens: found.map((token) => token.token),
    starts: Int32Array.from(found, (token) => token.start),
    ends: Int32Array.from(found, (token) => token.end),
    words: Int32Array.from(found, (token) => token.word),
  };
  return trims.reduce((trimmed, trim) => trimOffsets({ details: trimmed, input }, trim), details);
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * BERT's usual stages, for which words can be cut from the raw text and their ids kept.
 * Tokens that are matched in normalized text would need the whole text normalized, so they rule it out.
 */
function createBertEncoder(
  { normalizer, preTokenizer, model }: TokenizerDefinition,
  stages: Stages,
  addedTokens: ReadonlyMap<string, AddedTokenWithId>,
): WordEncoder | undefined {
  const isBert =
    normalizer?.type === "BertNormalizer" &&
    normalizer.cleanText &&
    preTokenizer?.type === "BertPreTokenizer" &&
    model.type === "WordPiece" &&
    [...addedTokens.values()].every((token) => !token.normalized);
  if (!isBert) return undefined;
  return {
    tag: nextTag(),
    cutsIdeographs: normalizer.handleChineseChars,
    longWords: new Map(),
    encodeWord(word) {
      if (PLAIN_WORD.test(word)) {
        // Nothing but the case changes in such a word, and nothing splits it.
        const plain = normalizer.lowercase ? word.toLowerCase() : word;
        return Int32Array.from(stages.model.tokenize(plain), (token) => token.id);
      }
      const pieces = stages.preTokenizer(stages.normalizer(alignText(wellFormed(word))));
      return Int32Array.from(
        pieces.flatMap((piece) => stages.model.tokenize(piece.text)),
        (token) => token.id,
      );
    },
  };
}

const PLAIN_WORD = /^[0-9A-Za-z]+$/;

function bertSequence(
  text: string,
  {
    bert,
    stages,
    trims,
  }: {
    readonly bert: WordEncoder;
    readonly stages: Stages;
    readonly trims: readonly OffsetTrim[];
  },
): SequenceTokens {
  const details = lazily(() => toDetails(encodeText(text, stages), text, trims));
  if (!stages.rawTokens.mayMatch(text)) return { ids: encodeWords(text, bert), details };
  const parts: Int32Array[] = [];
  let end = 0;
  for (const match of stages.rawTokens.find(text)) {
    if (match.start > end) parts.push(encodeWords(text.slice(end, match.start), bert));
    parts.push(Int32Array.of(match.token.id));
    end = match.end;
  }
  parts.push(encodeWords(text.slice(end), bert));
  return { ids: joinIds(parts), details };
}
