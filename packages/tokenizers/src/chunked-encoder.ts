import type { AddedTokenMatch, AddedTokenMatcher } from "./added-tokens.ts";
import { alignText, wellFormed } from "./aligned-text.ts";
import type { TokenDetails } from "./encoding.ts";
import {
  appendId,
  appendText,
  type ChunkEncoder,
  encodeChunks,
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
  appendIds(text: string, place?: TextPlace): void;
  details(text: string): TokenDetails;
}

/** Where a text stands: at the start, behind an added token, or in the middle of what is cut into chunks as one. */
export type TextPlace = "start" | "behindToken" | "continued";

export function createChunkedEncoder(plan: ChunkPlan, stages: Stages): ChunkedEncoder {
  const encoder: ChunkEncoder = {
    tag: nextTag(),
    splitter: plan.splitter,
    encodeChunk: plan.encodeChunk,
    longChunks: new Map(),
  };
  const { rawTokens, normalizedTokens } = stages;
  const appendPiece = (piece: string, place: TextPlace) => {
    const prefix = place === "continued" ? "" : (plan.prefix?.(piece, place === "start") ?? "");
    appendText(prefix === "" ? piece : prefix + piece, encoder);
  };
  const appendNormalized = (raw: string, place: TextPlace) => {
    const text = plan.normalize ? plan.normalize(raw) : raw;
    if (!normalizedTokens.mayMatch(text)) {
      if (text !== "") appendPiece(text, place);
      return;
    }
    forEachPiece(text, normalizedTokens, {
      piece: (start, end) =>
        appendPiece(text.slice(start, end), start === 0 ? place : "behindToken"),
      token: (match) => appendId(match.token.id),
    });
  };
  const parts = { plan, stages, encoder, chunks: new ChunkTokens(plan, stages), names: [] };
  return {
    appendIds(text, place = "start") {
      // Most texts have no added token: no time and no memory for what comes between.
      if (!rawTokens.mayMatch(text)) {
        if (text !== "") appendNormalized(text, place);
        return;
      }
      forEachPiece(text, rawTokens, {
        piece: (start, end) =>
          appendNormalized(text.slice(start, end), start === 0 ? place : "behindToken"),
        token: (match) => appendId(match.token.id),
      });
    },
    details: (text) => new DetailsWriter(parts).write(text) ?? toDetails(findTokens(text, stages)),
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

const MAX_CHUNKS = 65_536;
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

interface WriterParts {
  readonly plan: ChunkPlan;
  readonly stages: Stages;
  readonly encoder: ChunkEncoder;
  readonly chunks: ChunkTokens;
  /** Tokens by id, as they are met. */
  readonly names: string[];
}

/** Lays the tokens of chunks one behind another. */
class DetailsWriter {
  readonly #parts: WriterParts;
  readonly #tokens: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #words: number[] = [];
  #word = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** `undefined` when the text is normalized as a whole, so that the places of chunks are not those of the text. */
  write(text: string): TokenDetails | undefined {
    const { plan, stages } = this.#parts;
    const { normalize } = plan;
    let isChanged = false;
    forEachPiece(text, stages.rawTokens, {
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
    forEachPiece(text, this.#parts.stages.normalizedTokens, {
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
    const { plan, encoder } = this.#parts;
    const prefix = plan.prefix?.(piece, offset === 0) ?? "";
    const text = prefix === "" ? piece : prefix + piece;
    const { ids, ends, idEnds } = encodeChunks(text, encoder);
    const firstToken = this.#tokens.length;
    let from = 0;
    let idFrom = 0;
    for (let i = 0; i < ends.length; i++) {
      const chunk = { text, from, to: ends[i] };
      const tokens = ids.subarray(idFrom, idEnds[i]);
      if (!plan.byteLength || !this.#addBytes(chunk, tokens, plan.byteLength))
        this.#addChunk(chunk);
      from = ends[i];
      idFrom = idEnds[i];
    }
    if (plan.isOneWord) this.#word++;
    // The prefix stands for the first character.
    const width = (piece.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
    const shift = offset - prefix.length;
    for (let i = firstToken; i < this.#tokens.length; i++) {
      this.#starts[i] = this.#starts[i] < prefix.length ? offset : this.#starts[i] + shift;
      this.#ends[i] = this.#ends[i] <= prefix.length ? offset + width : this.#ends[i] + shift;
    }
  }

  /** Tokens that are pieces of a chunk's bytes; false when they are not just these. */
  #addBytes(
    { text, from, to }: ChunkRange,
    ids: Int32Array,
    byteLength: (id: number) => number,
  ): boolean {
    const places = placeBytes({ text, from, to }, ids, byteLength);
    if (!places) return false;
    for (let i = 0; i < ids.length; i++) {
      this.#tokens.push(this.#nameOf(ids[i]));
      this.#starts.push(places[2 * i]);
      this.#ends.push(places[2 * i + 1]);
      this.#words.push(this.#word);
    }
    this.#word++;
    return true;
  }

  #nameOf(id: number): string {
    const { names, stages } = this.#parts;
    names[id] ??= stages.model.vocabulary.token(id) ?? "";
    return names[id];
  }

  #addChunk({ text, from, to }: ChunkRange): void {
    const { isOneWord } = this.#parts.plan;
    const { tokens, words } = this.#parts.chunks.get(text.slice(from, to));
    for (const { token, start, end, word } of tokens) {
      this.#tokens.push(token);
      this.#starts.push(from + start);
      this.#ends.push(from + end);
      this.#words.push(isOneWord ? this.#word : this.#word + word);
    }
    if (!isOneWord) this.#word += words;
  }
}

interface ChunkRange {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Start and end of each token; one of a part of a character has the whole character's. */
function placeBytes(
  { text, from, to }: ChunkRange,
  ids: Int32Array,
  byteLength: (id: number) => number,
): readonly number[] | undefined {
  if (ids.length === 1) return [from, to];
  const places: number[] = [];
  let unit = from;
  /** Bytes up to `unit`, and up to the token. */
  let unitByte = 0;
  let byte = 0;
  for (const id of ids) {
    const end = byte + byteLength(id);
    while (unit < to && unitByte + utf8Length(text, unit) <= byte) {
      unitByte += utf8Length(text, unit);
      unit += unitsAt(text, unit);
    }
    places.push(unit);
    while (unit < to && unitByte + utf8Length(text, unit) < end) {
      unitByte += utf8Length(text, unit);
      unit += unitsAt(text, unit);
    }
    if (unit >= to) return undefined;
    places.push(unit + unitsAt(text, unit));
    byte = end;
  }
  const isWhole = unit + unitsAt(text, unit) === to && byte === unitByte + utf8Length(text, unit);
  return isWhole ? places : undefined;
}

function unitsAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Half of a character counts as U+FFFD: three bytes, like its neighbours. */
function utf8Length(text: string, at: number): number {
  const codePoint = text.codePointAt(at) ?? 0;
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint > 0xffff ? 4 : 3;
}
