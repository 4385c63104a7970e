import type { AddedTokenMatch, AddedTokenMatcher } from "./added-tokens.ts";
import { alignText, wellFormed } from "./aligned-text.ts";
import type { TokenDetails } from "./encoding.ts";
import {
  appendId,
  appendText,
  type ChunkEncoder,
  chunkEnds,
  nextTag,
} from "./kernel/chunk-encoder.ts";
import type { ChunkPlan } from "./plans/plan.ts";
import {
  addWord,
  type FoundToken,
  findTokens,
  type Stages,
  toDetails,
} from "./reference-encoder.ts";

/** Runs a plan over whole texts with added tokens in them. */
export interface ChunkedEncoder {
  /** Appends the ids of `text` to those that the kernel has. */
  appendIds(text: string): void;
  details(text: string): TokenDetails;
}

export function createChunkedEncoder(plan: ChunkPlan, stages: Stages): ChunkedEncoder {
  const encoder: ChunkEncoder = {
    tag: nextTag(),
    splitter: plan.splitter,
    encodeChunk: plan.encodeChunk,
    longChunks: new Map(),
  };
  const { rawTokens, normalizedTokens } = stages;
  const appendPiece = (piece: string, isTextStart: boolean) => {
    const prefix = plan.prefix?.(piece, isTextStart) ?? "";
    appendText(prefix === "" ? piece : prefix + piece, encoder);
  };
  const appendNormalized = (raw: string, isTextStart: boolean) => {
    const text = plan.normalize ? plan.normalize(raw) : raw;
    if (!normalizedTokens.mayMatch(text)) {
      if (text !== "") appendPiece(text, isTextStart);
      return;
    }
    forEachPiece(text, normalizedTokens, {
      piece: (start, end) => appendPiece(text.slice(start, end), isTextStart && start === 0),
      token: (match) => appendId(match.token.id),
    });
  };
  const chunks = new ChunkTokens(plan, stages);
  return {
    appendIds(text) {
      // Most texts have no added token: no time and no memory for what comes between.
      if (!rawTokens.mayMatch(text)) {
        if (text !== "") appendNormalized(text, true);
        return;
      }
      forEachPiece(text, rawTokens, {
        piece: (start, end) => appendNormalized(text.slice(start, end), start === 0),
        token: (match) => appendId(match.token.id),
      });
    },
    details: (text) =>
      new DetailsWriter(plan, stages, chunks).write(text) ?? toDetails(findTokens(text, stages)),
  };
}

interface PieceHandler {
  piece(start: number, end: number): void;
  token(match: AddedTokenMatch): void;
}

function forEachPiece(text: string, matcher: AddedTokenMatcher, handler: PieceHandler): void {
  if (!matcher.mayMatch(text)) {
    if (text !== "") handler.piece(0, text.length);
    return;
  }
  let end = 0;
  for (const match of matcher.find(text)) {
    if (match.start > end) handler.piece(end, match.start);
    handler.token(match);
    end = match.end;
  }
  if (end < text.length) handler.piece(end, text.length);
}

/** Tokens of a chunk, with offsets in the chunk. */
interface TokensOfChunk {
  readonly tokens: readonly FoundToken[];
  readonly words: number;
}

const MAX_CHUNKS = 20_000;
const MAX_KEPT_UNITS = 64;

/** The stages over single chunks; what was seen is kept. */
class ChunkTokens {
  readonly #plan: ChunkPlan;
  readonly #stages: Stages;
  readonly #known = new Map<string, TokensOfChunk>();

  constructor(plan: ChunkPlan, stages: Stages) {
    this.#plan = plan;
    this.#stages = stages;
  }

  get(chunk: string): TokensOfChunk {
    const known = this.#known.get(chunk);
    if (known) return known;
    const made = this.#make(chunk);
    if (chunk.length > MAX_KEPT_UNITS) return made;
    if (this.#known.size >= MAX_CHUNKS) this.#known.clear();
    this.#known.set(chunk, made);
    return made;
  }

  #make(chunk: string): TokensOfChunk {
    const tokens: FoundToken[] = [];
    const words = this.#plan.words(alignText(wellFormed(chunk))).filter((word) => word.text !== "");
    const { model } = this.#stages;
    for (const [i, word] of words.entries()) addWord(word, i, { model, tokens });
    return { tokens, words: words.length };
  }
}

/** Lays the tokens of chunks one behind another. */
class DetailsWriter {
  readonly #plan: ChunkPlan;
  readonly #stages: Stages;
  readonly #chunks: ChunkTokens;
  readonly #tokens: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #words: number[] = [];
  #word = 0;

  constructor(plan: ChunkPlan, stages: Stages, chunks: ChunkTokens) {
    this.#plan = plan;
    this.#stages = stages;
    this.#chunks = chunks;
  }

  /** `undefined` when the text is normalized as a whole, so that the places of chunks are not those of the text. */
  write(text: string): TokenDetails | undefined {
    const { normalize } = this.#plan;
    let isChanged = false;
    forEachPiece(text, this.#stages.rawTokens, {
      piece: (start, end) => {
        const raw = text.slice(start, end);
        if (isChanged || (normalize && normalize(raw) !== raw)) isChanged = true;
        else this.#addNormalized(raw, start);
      },
      token: (match) => this.#addToken(text, match, 0),
    });
    if (isChanged) return undefined;
    return {
      tokens: this.#tokens,
      starts: Int32Array.from(this.#starts),
      ends: Int32Array.from(this.#ends),
      words: Int32Array.from(this.#words),
    };
  }

  #addNormalized(text: string, offset: number): void {
    forEachPiece(text, this.#stages.normalizedTokens, {
      piece: (start, end) => this.#addPiece(text.slice(start, end), offset + start),
      token: (match) => this.#addToken(text, match, offset),
    });
  }

  #addToken(text: string, { start, end }: AddedTokenMatch, offset: number): void {
    this.#tokens.push(wellFormed(text.slice(start, end)));
    this.#starts.push(offset + start);
    this.#ends.push(offset + end);
    this.#words.push(this.#word++);
  }

  #addPiece(piece: string, offset: number): void {
    const prefix = this.#plan.prefix?.(piece, offset === 0) ?? "";
    const text = prefix === "" ? piece : prefix + piece;
    // The prefix stands for the first character.
    const width = (piece.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
    const place = (at: number, ifInPrefix: number) =>
      offset + (at < prefix.length ? ifInPrefix : at - prefix.length);
    let from = 0;
    for (const to of chunkEnds(text, this.#plan.splitter)) {
      const { tokens, words } = this.#chunks.get(text.slice(from, to));
      for (const { token, start, end, word } of tokens) {
        this.#tokens.push(token);
        this.#starts.push(place(from + start, 0));
        this.#ends.push(from + end <= prefix.length ? offset + width : place(from + end, 0));
        this.#words.push(this.#word + word);
      }
      if (!this.#plan.isOneWord) this.#word += words;
      from = to;
    }
    if (this.#plan.isOneWord) this.#word++;
  }
}
