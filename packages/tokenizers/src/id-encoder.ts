import {
  appendId,
  appendIds,
  beginIds,
  countIds,
  takeIds,
  takeIdsSince,
} from "./kernel/chunk-encoder.ts";
import type { RowLayout, RowLayouts } from "./row-layout.ts";
import type { SequenceEncoder, TokenizerInput } from "./sequence-encoder.ts";
import { type TruncationOptions, truncate } from "./truncation.ts";

/** A text, or a text with a second one. */
export type EncodeInput =
  | TokenizerInput
  | { readonly text: TokenizerInput; readonly pair?: TokenizerInput | undefined };

export interface EncodeIdsOptions {
  /** The second sequence of a pair. */
  readonly pair?: TokenizerInput | undefined;
  /** Whether the template's special tokens are added. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Default: none, whatever tokenizer.json says; the ids that are cut off are lost. */
  readonly truncation?: TruncationOptions | false | undefined;
}

/** Ids of many texts, joined. */
export interface EncodedIds {
  readonly ids: Int32Array;
  /** Row `i` is `ids[starts[i]]` to `ids[starts[i + 1]]`; one longer than there are rows. */
  readonly starts: Int32Array;
}

/** Texts to ids and nothing else: no tokens, no offsets, no padding. */
export class IdEncoder {
  readonly #encoder: SequenceEncoder;
  readonly #layouts: RowLayouts;

  constructor(encoder: SequenceEncoder, layouts: RowLayouts) {
    this.#encoder = encoder;
    this.#layouts = layouts;
  }

  encode(text: TokenizerInput, options: EncodeIdsOptions): Int32Array {
    beginIds();
    this.#append(text, options);
    return takeIds();
  }

  encodeBatch(inputs: readonly EncodeInput[], options: EncodeIdsOptions): EncodedIds {
    const starts = new Int32Array(inputs.length + 1);
    beginIds();
    for (let i = 0; i < inputs.length; i++) {
      this.#append(inputs[i], options);
      starts[i + 1] = countIds();
    }
    return { ids: takeIds(), starts };
  }

  /** Gives the kernel the ids of one input, behind those that it has. */
  #append(input: EncodeInput, options: EncodeIdsOptions): void {
    const isPlain = isSequence(input);
    const text = isPlain ? input : input.text;
    const pair = (isPlain ? undefined : input.pair) ?? options.pair;
    const layout = this.#layouts.get(pair !== undefined, options.addSpecialTokens ?? true);
    if (options.truncation) {
      const texts = pair === undefined ? [text] : [text, pair];
      this.#appendTruncated(texts, { layout, truncation: options.truncation });
      return;
    }
    for (const piece of layout.pieces) {
      if (piece.type !== "sequence") appendId(piece.id);
      // A template of one sequence names no second one.
      else this.#encoder.appendIds(piece.sequence === 0 ? text : (pair ?? ""));
    }
  }

  #appendTruncated(
    texts: readonly TokenizerInput[],
    row: { readonly layout: RowLayout; readonly truncation: TruncationOptions },
  ): void {
    const sequences = texts.map((text) => {
      const mark = countIds();
      this.#encoder.appendIds(text);
      return takeIdsSince(mark);
    });
    const { pieces, specials } = row.layout;
    const lengths = sequences.map((ids) => ids.length);
    const windows = truncate(lengths, row.truncation, specials);
    for (const piece of pieces) {
      if (piece.type !== "sequence") {
        appendId(piece.id);
        continue;
      }
      const [{ start, end }] = windows[piece.sequence];
      appendIds(sequences[piece.sequence].subarray(start, end));
    }
  }
}

/** Whether an input is one sequence, not a pair. */
export function isSequence(input: EncodeInput): input is TokenizerInput {
  return typeof input === "string" || Array.isArray(input);
}
