import { forEachPiece } from "./added-token-pieces.ts";
import type { AddedTokenMatch } from "./added-tokens.ts";
import { alignText, wellFormed } from "./aligned-text.ts";
import type { TokenDetails } from "./encoding.ts";
import { IntList } from "./int-list.ts";
import { type ChunkEncoder, encodeChunks } from "./kernel/chunk-encoder.ts";
import type { ChunkPlan } from "./plans/plan.ts";
import { addWord, type FoundToken, type Stages } from "./reference-encoder.ts";

/** Tokens of a chunk, with offsets in the chunk. */
interface TokensOfChunk {
  readonly tokens: readonly FoundToken[];
  readonly words: number;
}

const MAX_CHUNKS = 65_536;
const MAX_KEPT_UNITS = 64;

/** What is known of a plan's tokens and chunks, from text to text. */
export class ChunkKnowledge {
  readonly plan: ChunkPlan;
  readonly stages: Stages;
  readonly encoder: ChunkEncoder;
  readonly #chunks = new Map<string, TokensOfChunk>();
  readonly #names: (string | undefined)[];

  constructor(plan: ChunkPlan, stages: Stages, encoder: ChunkEncoder) {
    this.plan = plan;
    this.stages = stages;
    this.encoder = encoder;
    this.#names = new Array(stages.model.vocabulary.size);
  }

  nameOf(id: number): string {
    const known = this.#names[id];
    if (known !== undefined) return known;
    const name = this.stages.model.vocabulary.token(id) ?? "";
    if (id < this.#names.length) this.#names[id] = name;
    return name;
  }

  /** The stages over a single chunk. */
  tokensOf(chunk: string): TokensOfChunk {
    const known = this.#chunks.get(chunk);
    if (known) return known;
    const made = this.#findTokens(chunk);
    if (chunk.length > MAX_KEPT_UNITS) return made;
    if (this.#chunks.size >= MAX_CHUNKS) this.#chunks.clear();
    this.#chunks.set(chunk, made);
    return made;
  }

  #findTokens(chunk: string): TokensOfChunk {
    const tokens: FoundToken[] = [];
    const { model } = this.stages;
    const words = this.plan.words(alignText(wellFormed(chunk))).filter((word) => word.text !== "");
    for (const [i, word] of words.entries()) addWord(word, i, { model, tokens });
    return { tokens, words: words.length };
  }
}

/** Lays the tokens of chunks one behind another. */
export class DetailsWriter {
  readonly #knowledge: ChunkKnowledge;
  readonly #tokens: string[] = [];
  readonly #starts = new IntList();
  readonly #ends = new IntList();
  readonly #words = new IntList();
  #word = 0;

  constructor(knowledge: ChunkKnowledge) {
    this.#knowledge = knowledge;
  }

  /** `undefined` when the text is normalized as a whole, so that the places of chunks are not those of the text. */
  write(text: string): TokenDetails | undefined {
    const { plan, stages } = this.#knowledge;
    const { normalize, core } = plan;
    const isCut = (raw: string, start: number) =>
      !core?.(raw, start === 0) && (!normalize || normalize(raw) === raw);
    let isChanged = false;
    forEachPiece(text, stages.rawTokens, {
      piece: (start, end) => {
        const raw = text.slice(start, end);
        if (isChanged || !isCut(raw, start)) isChanged = true;
        else this.#addNormalized(raw, start);
      },
      token: (match) => this.#addToken(text, match, 0),
    });
    if (isChanged) return undefined;
    return {
      tokens: this.#tokens,
      starts: this.#starts.toArray(),
      ends: this.#ends.toArray(),
      words: this.#words.toArray(),
    };
  }

  #addNormalized(text: string, offset: number): void {
    forEachPiece(text, this.#knowledge.stages.normalizedTokens, {
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
    const { plan, encoder } = this.#knowledge;
    const prefix = plan.prefix?.(piece, offset === 0) ?? "";
    const text = prefix === "" ? piece : prefix + piece;
    const first = this.#tokens.length;
    const { ids, ends, idEnds } = encodeChunks(text, encoder);
    let from = 0;
    let idFrom = 0;
    for (let i = 0; i < ends.length; i++) {
      const chunk = { text, from, to: ends[i] };
      const areBytes =
        plan.areBytes && this.#addBytes(chunk, { all: ids, from: idFrom, to: idEnds[i] });
      if (!areBytes) this.#addChunk(chunk);
      from = ends[i];
      idFrom = idEnds[i];
    }
    if (plan.isOneWord) this.#word++;
    this.#shift(first, offset, { prefix, ...this.#firstCharacter(text, prefix, ends) });
  }

  /** What the prefix stands for: the first character, or what a normalizer made of it. */
  #firstCharacter(text: string, prefix: string, ends: readonly number[]): PlaceOfPrefix {
    const { areBytes, words } = this.#knowledge.plan;
    const end = ends.find((each) => each > prefix.length) ?? text.length;
    if (prefix === "" || areBytes) return { from: 0, to: unitsAt(text, prefix.length) };
    const chunk = alignText(wellFormed(text.slice(prefix.length, end)));
    const word = words(chunk).find((each) => each.text !== "");
    return { from: word?.starts[0] ?? 0, to: word?.ends[0] ?? unitsAt(text, prefix.length) };
  }

  /** Offsets in a piece with its prefix become offsets in the text. */
  #shift(
    first: number,
    offset: number,
    { prefix, from, to }: PlaceOfPrefix & { readonly prefix: string },
  ): void {
    const shift = offset - prefix.length;
    if (offset === 0 && prefix === "") return;
    for (let i = first; i < this.#tokens.length; i++) {
      const start = this.#starts.at(i);
      const end = this.#ends.at(i);
      this.#starts.set(i, start < prefix.length ? offset + from : start + shift);
      this.#ends.set(i, end <= prefix.length ? offset + to : end + shift);
    }
  }

  #add(token: string, start: number, end: number): void {
    this.#tokens.push(token);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#words.push(this.#word);
  }

  /**
   * Tokens that are pieces of a chunk's bytes; one of a part of a character has the whole character's place.
   *
   * @returns false, and nothing is added, when the tokens are not just these bytes.
   */
  #addBytes({ text, from, to }: ChunkRange, ids: IdRange): boolean {
    if (ids.to === ids.from + 1) {
      this.#add(this.#knowledge.nameOf(ids.all[ids.from]), from, to);
      this.#word++;
      return true;
    }
    const first = this.#tokens.length;
    let unit = from;
    /** Bytes up to the character at `unit`, and up to the token. */
    let unitByte = 0;
    let byte = 0;
    for (let i = ids.from; i < ids.to; i++) {
      const token = this.#knowledge.nameOf(ids.all[i]);
      const end = byte + token.length;
      let bytes = utf8Length(text, unit);
      while (unit < to && unitByte + bytes <= byte) {
        unitByte += bytes;
        unit += unitsAt(text, unit);
        bytes = utf8Length(text, unit);
      }
      const start = unit;
      while (unit < to && unitByte + bytes < end) {
        unitByte += bytes;
        unit += unitsAt(text, unit);
        bytes = utf8Length(text, unit);
      }
      if (unit >= to) return this.#takeBack(first);
      this.#add(token, start, unit + unitsAt(text, unit));
      byte = end;
    }
    const isWhole = unit + unitsAt(text, unit) === to && byte === unitByte + utf8Length(text, unit);
    if (!isWhole) return this.#takeBack(first);
    this.#word++;
    return true;
  }

  #takeBack(length: number): false {
    this.#tokens.length = length;
    for (const list of [this.#starts, this.#ends, this.#words]) list.truncate(length);
    return false;
  }

  #addChunk({ text, from, to }: ChunkRange): void {
    const { isOneWord } = this.#knowledge.plan;
    const { tokens, words } = this.#knowledge.tokensOf(text.slice(from, to));
    const first = this.#word;
    for (const { token, start, end, word } of tokens) {
      if (!isOneWord) this.#word = first + word;
      this.#add(token, from + start, from + end);
    }
    if (!isOneWord) this.#word = first + words;
  }
}

/** Units of a piece. */
interface PlaceOfPrefix {
  readonly from: number;
  readonly to: number;
}

interface IdRange {
  readonly all: Int32Array;
  readonly from: number;
  readonly to: number;
}

interface ChunkRange {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

function unitsAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return 1;
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Half of a character counts as U+FFFD: three bytes, like its neighbours. */
function utf8Length(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unitsAt(text, at) === 2 ? 4 : 3;
}
