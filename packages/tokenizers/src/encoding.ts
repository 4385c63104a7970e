import type { Window } from "./truncation.ts";

/** What the model made of one sequence, before special tokens. */
export interface SequenceTokens {
  readonly ids: Int32Array;
  /** Everything but the ids; worked out only when somebody asks. */
  details(): TokenDetails;
}

/** One entry a token. */
export interface TokenDetails {
  readonly tokens: readonly string[];
  /** UTF-16 units of the original text. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Number of the word (for pre-tokenized input: of the item). */
  readonly words: Int32Array;
}

/** A stretch of an encoding. */
export type EncodingPart =
  | {
      readonly type: "sequence";
      readonly sequence: 0 | 1;
      readonly window: Window;
      readonly typeId: number;
    }
  | {
      readonly type: "special" | "padding";
      readonly id: number;
      readonly token: string;
      readonly typeId: number;
      readonly count: number;
    };

/**
 * The result of encoding: arrays of equal length, one entry a token. Ids are there at once; tokens, offsets and
 * words are worked out on first use.
 */
export class Encoding {
  readonly length: number;
  /** What truncation cut off, each with its own special tokens; empty without truncation. */
  readonly overflowing: readonly Encoding[];
  readonly #sequences: readonly SequenceTokens[];
  readonly #parts: readonly EncodingPart[];
  #ids: Int32Array | undefined;
  #tokens: readonly string[] | undefined;
  #offsets: readonly (readonly [number, number])[] | undefined;

  constructor(
    sequences: readonly SequenceTokens[],
    parts: readonly EncodingPart[],
    overflowing: readonly Encoding[] = [],
  ) {
    this.#sequences = sequences;
    this.#parts = parts;
    this.overflowing = overflowing;
    let length = 0;
    for (const part of parts) length += partLength(part);
    this.length = length;
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
        const { ids } = this.#sequences[part.sequence];
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
    return this.#fill((part) => part.typeId);
  }

  /** 0 for padding, 1 for the rest. */
  get attentionMask(): Int32Array {
    return this.#fill((part) => (part.type === "padding" ? 0 : 1));
  }

  /** 1 for what is not in the text: tokens of the template, and padding. */
  get specialTokensMask(): Int32Array {
    return this.#fill((part) => (part.type === "sequence" ? 0 : 1));
  }

  get tokens(): readonly string[] {
    this.#tokens ??= this.#collect(
      (details, index) => details.tokens[index],
      (part) => part.token,
    );
    return this.#tokens;
  }

  /** [start, end) in the original text, in UTF-16 units; [0, 0] for special tokens and padding. */
  get offsets(): readonly (readonly [start: number, end: number])[] {
    this.#offsets ??= this.#collect<readonly [number, number]>(
      (details, index) => [details.starts[index], details.ends[index]],
      () => [0, 0],
    );
    return this.#offsets;
  }

  /** Number of the word within its sequence; `null` for special tokens and padding. */
  get wordIds(): readonly (number | null)[] {
    return this.#collect<number | null>(
      (details, index) => details.words[index],
      () => null,
    );
  }

  /** 0 or 1; `null` for special tokens and padding. */
  get sequenceIds(): readonly (number | null)[] {
    return this.#parts.flatMap((part) =>
      new Array<number | null>(partLength(part)).fill(
        part.type === "sequence" ? part.sequence : null,
      ),
    );
  }

  /** A copy with padding on one side; longer ones stay as they are. Overflowing parts are padded too. */
  padded(
    length: number,
    padding: { readonly id: number; readonly token: string; readonly typeId: number },
    direction: "left" | "right",
  ): Encoding {
    const overflowing = this.overflowing.map((part) => part.padded(length, padding, direction));
    const count = Math.max(0, length - this.length);
    const filler: EncodingPart = { type: "padding", ...padding, count };
    const parts = direction === "left" ? [filler, ...this.#parts] : [...this.#parts, filler];
    return new Encoding(this.#sequences, parts, overflowing);
  }

  #fill(value: (part: EncodingPart) => number): Int32Array {
    const result = new Int32Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      const end = at + partLength(part);
      result.fill(value(part), at, end);
      at = end;
    }
    return result;
  }

  #collect<T>(
    ofToken: (details: TokenDetails, index: number) => T,
    ofPart: (part: Extract<EncodingPart, { token: string }>) => T,
  ): readonly T[] {
    const result: T[] = [];
    for (const part of this.#parts) {
      if (part.type === "sequence") {
        const details = this.#sequences[part.sequence].details();
        for (let i = part.window.start; i < part.window.end; i++) result.push(ofToken(details, i));
        continue;
      }
      for (let i = 0; i < part.count; i++) result.push(ofPart(part));
    }
    return result;
  }
}

function partLength(part: EncodingPart): number {
  return part.type === "sequence" ? part.window.end - part.window.start : part.count;
}
