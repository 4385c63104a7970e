import {
  cutParts,
  type EncodingPart,
  type OffsetColumns,
  offsetColumns,
  partColumn,
  partLength,
  shiftParts,
  tokenColumn,
  wordColumn,
} from "./encoding-parts.ts";
import type { OffsetUnit } from "./offset-units.ts";
import { cutWindows, type Direction } from "./truncation.ts";

export type { SequenceTokens, TokenDetails } from "./encoding-parts.ts";

/** [start, end) of a text, or of the tokens of an encoding. */
export type Span = readonly [start: number, end: number];

export interface PadOptions {
  /** Default 0. */
  readonly id?: number | undefined;
  /** Default 0. */
  readonly typeId?: number | undefined;
  /** Default `"[PAD]"`. */
  readonly token?: string | undefined;
  /** The side that is filled. Default `"right"`. */
  readonly direction?: Direction | undefined;
}

export interface TruncateOptions {
  /** Tokens that an overflowing part repeats of the one before. Default 0. */
  readonly stride?: number | undefined;
  /** The side that is cut off. Default `"right"`. */
  readonly direction?: Direction | undefined;
}

export interface MergeOptions {
  /** Whether the offsets of each encoding go on where those of the one before end. Default true. */
  readonly growingOffsets?: boolean | undefined;
}

/**
 * The result of encoding: arrays of equal length, one entry a token. Ids are there at once; tokens, offsets and
 * words are worked out on first use. Positions in the text are UTF-16 units, as in JavaScript strings.
 */
export class Encoding {
  readonly length: number;
  /** What truncation cut off, each with its own special tokens; empty without truncation. */
  readonly overflowing: readonly Encoding[];
  readonly #parts: readonly EncodingPart[];
  #ids: Int32Array | undefined;
  #tokens: readonly string[] | undefined;
  #offsets: OffsetColumns | undefined;
  #spans: readonly Span[] | undefined;
  #words: Int32Array | undefined;

  constructor(parts: readonly EncodingPart[], overflowing: readonly Encoding[] = []) {
    this.#parts = parts;
    this.overflowing = overflowing;
    let length = 0;
    for (const part of parts) length += partLength(part);
    this.length = length;
  }

  /**
   * Several encodings as one, in order. The result overflows into each combination of an overflowing part of one
   * with the others.
   */
  static merge(
    encodings: readonly Encoding[],
    { growingOffsets = true }: MergeOptions = {},
  ): Encoding {
    return encodings.reduce(
      (merged, encoding) => merged.#mergeWith(encoding, growingOffsets),
      new Encoding([]),
    );
  }

  get ids(): Int32Array {
    if (this.#ids) return this.#ids;
    const ids = new Int32Array(this.length);
    this.writeIds(ids, 0);
    this.#ids = ids;
    return ids;
  }

  /** Copies the ids into `target` from `offset` on. */
  writeIds(target: Int32Array, offset: number): void {
    let at = offset;
    for (const part of this.#parts) {
      if (part.type === "sequence") {
        const { ids } = part.tokens;
        const { start, end } = part.window;
        target.set(end - start === ids.length ? ids : ids.subarray(start, end), at);
        at += end - start;
        continue;
      }
      for (let i = 0; i < part.count; i++) target[at++] = part.id;
    }
  }

  /** Which sequence a token counts to, as the model sees it. */
  get typeIds(): Int32Array {
    return partColumn(this.#parts, this.length, (part) => part.typeId);
  }

  /** 0 for padding, 1 for the rest. */
  get attentionMask(): Int32Array {
    return partColumn(this.#parts, this.length, (part) => (part.type === "padding" ? 0 : 1));
  }

  /** 1 for what is not in the text: tokens of the template, and padding. */
  get specialTokensMask(): Int32Array {
    return partColumn(this.#parts, this.length, (part) => (part.type === "sequence" ? 0 : 1));
  }

  get tokens(): readonly string[] {
    this.#tokens ??= tokenColumn(this.#parts);
    return this.#tokens;
  }

  /** Where tokens begin in the original text; 0 for special tokens and padding. */
  get starts(): Int32Array {
    return this.#offsetColumns().starts;
  }

  /** Where tokens end in the original text; 0 for special tokens and padding. */
  get ends(): Int32Array {
    return this.#offsetColumns().ends;
  }

  /** [start, end) in the original text; [0, 0] for special tokens and padding. */
  get offsets(): readonly Span[] {
    this.#spans ??= toSpans(this.#offsetColumns());
    return this.#spans;
  }

  /** {@link offsets} in another unit: characters as Python counts them, or bytes of UTF-8. */
  offsetsIn(unit: OffsetUnit): readonly Span[] {
    if (unit === "utf16") return this.offsets;
    return toSpans(offsetColumns(this.#parts, this.length, unit));
  }

  /** Number of the word within its sequence; `null` for special tokens and padding. */
  get wordIds(): readonly (number | null)[] {
    return toNullable(this.#wordColumn());
  }

  /** 0 or 1; `null` for special tokens and padding. */
  get sequenceIds(): readonly (number | null)[] {
    return toNullable(partColumn(this.#parts, this.length, sequenceOf));
  }

  /** The tokens of each sequence. */
  get sequenceRanges(): readonly Span[] {
    const ranges: Span[] = [];
    let at = 0;
    for (const part of this.#parts) {
      const end = at + partLength(part);
      if (part.type === "sequence") ranges[part.sequence] = [at, end];
      at = end;
    }
    return ranges;
  }

  /** 0 or 1; `undefined` for special tokens and padding, and beyond the end. */
  tokenToSequence(token: number): number | undefined {
    const part = this.#partAt(token);
    return part?.type === "sequence" ? part.sequence : undefined;
  }

  /** Where the token is in the text of its sequence; `undefined` when it is in none. */
  tokenToChars(token: number): Span | undefined {
    if (this.tokenToSequence(token) === undefined) return undefined;
    return [this.starts[token], this.ends[token]];
  }

  /** The token's word in its sequence; `undefined` when it is in none. */
  tokenToWord(token: number): number | undefined {
    const word = this.#wordColumn()[token] ?? -1;
    return word < 0 ? undefined : word;
  }

  /** The tokens of a word; `undefined` when there are none. */
  wordToTokens(word: number, sequence = 0): Span | undefined {
    const [from, to] = this.sequenceRanges[sequence] ?? [0, 0];
    const words = this.#wordColumn();
    let start = -1;
    let end = -1;
    for (let i = from; i < to && words[i] <= word; i++) {
      if (words[i] !== word) continue;
      if (start < 0) start = i;
      end = i + 1;
    }
    return start < 0 ? undefined : [start, end];
  }

  /** Where a word is in the text; `undefined` when it has no tokens. */
  wordToChars(word: number, sequence = 0): Span | undefined {
    const tokens = this.wordToTokens(word, sequence);
    return tokens && [this.starts[tokens[0]], this.ends[tokens[1] - 1]];
  }

  /** The first token that covers `position` of the text; `undefined` when none does. */
  charToToken(position: number, sequence = 0): number | undefined {
    const [from, to] = this.sequenceRanges[sequence] ?? [0, 0];
    const { starts, ends } = this.#offsetColumns();
    for (let i = from; i < to; i++) {
      if (starts[i] <= position && position < ends[i]) return i;
    }
    return undefined;
  }

  /** The word of the first token that covers `position` of the text; `undefined` when none does. */
  charToWord(position: number, sequence = 0): number | undefined {
    const token = this.charToToken(position, sequence);
    return token === undefined ? undefined : this.tokenToWord(token);
  }

  /** A copy filled up on one side; longer ones stay as they are. Overflowing parts are filled too. */
  pad(length: number, options: PadOptions = {}): Encoding {
    const { id = 0, typeId = 0, token = "[PAD]", direction = "right" } = options;
    const overflowing = this.overflowing.map((part) => part.pad(length, options));
    const count = length - this.length;
    if (count <= 0) return new Encoding(this.#parts, overflowing);
    const filler: EncodingPart = { type: "padding", id, typeId, token, count };
    const parts = direction === "left" ? [filler, ...this.#parts] : [...this.#parts, filler];
    return new Encoding(parts, overflowing);
  }

  /**
   * A copy of at most `maxLength` tokens, special ones counted like others; what is cut off is in
   * {@link overflowing}. Unlike the reference's, it still knows which tokens are of which sequence.
   *
   * @throws {RangeError} when the stride is not below `maxLength`.
   */
  truncate(maxLength: number, { stride = 0, direction = "right" }: TruncateOptions = {}): Encoding {
    if (maxLength >= this.length) return this;
    if (maxLength === 0) return new Encoding([], [...this.overflowing, this]);
    const [kept, ...others] = cutWindows(this.length, maxLength, { stride, direction });
    const overflowing = others.map((window) => new Encoding(cutParts(this.#parts, window)));
    return new Encoding(cutParts(this.#parts, kept), overflowing);
  }

  #mergeWith(other: Encoding, growingOffsets: boolean): Encoding {
    const merge = (one: Encoding, next: Encoding) => one.#mergeWith(next, growingOffsets);
    const overflowing = this.overflowing.flatMap((mine) =>
      [other, ...other.overflowing].map((theirs) => merge(mine, theirs)),
    );
    for (const theirs of other.overflowing) overflowing.push(merge(this, theirs));
    const shift = (unit: OffsetUnit) => this.offsetsIn(unit).at(-1)?.[1] ?? 0;
    const isMoved = growingOffsets && this.length > 0;
    const theirs = isMoved ? shiftParts(other.#parts, shift) : other.#parts;
    return new Encoding([...this.#parts, ...theirs], overflowing);
  }

  #offsetColumns(): OffsetColumns {
    this.#offsets ??= offsetColumns(this.#parts, this.length, "utf16");
    return this.#offsets;
  }

  #wordColumn(): Int32Array {
    this.#words ??= wordColumn(this.#parts, this.length);
    return this.#words;
  }

  #partAt(token: number): EncodingPart | undefined {
    let end = 0;
    return this.#parts.find((part) => {
      end += partLength(part);
      return token >= 0 && token < end;
    });
  }
}

function sequenceOf(part: EncodingPart): number {
  return part.type === "sequence" ? part.sequence : -1;
}

function toNullable(column: Int32Array): (number | null)[] {
  return Array.from(column, (value) => (value < 0 ? null : value));
}

function toSpans({ starts, ends }: OffsetColumns): Span[] {
  return Array.from(starts, (start, i) => [start, ends[i]]);
}
