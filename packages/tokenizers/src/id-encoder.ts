import { IdBuffer } from "./id-buffer.ts";
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
    const { pair, addSpecialTokens = true, truncation } = options;
    const { pieces } = this.#layouts.get(pair !== undefined, addSpecialTokens);
    const isPlain = pieces.length === 1 && pieces[0].type === "sequence" && pair === undefined;
    if (isPlain && !truncation) return this.#encoder.encode(text).ids;
    const target = new IdBuffer(64);
    this.append({ text, pair }, options, target);
    return target.toArray();
  }

  encodeBatch(inputs: readonly EncodeInput[], options: EncodeIdsOptions): EncodedIds {
    const target = new IdBuffer();
    const starts = new Int32Array(inputs.length + 1);
    for (let i = 0; i < inputs.length; i++) {
      this.append(inputs[i], options, target);
      starts[i + 1] = target.length;
    }
    return { ids: target.toArray(), starts };
  }

  /** Writes the ids of one input behind those that are in `target`. */
  append(input: EncodeInput, options: EncodeIdsOptions, target: IdBuffer): void {
    const isPlain = isSequence(input);
    const text = isPlain ? input : input.text;
    const pair = (isPlain ? undefined : input.pair) ?? options.pair;
    const layout = this.#layouts.get(pair !== undefined, options.addSpecialTokens ?? true);
    if (options.truncation) {
      const texts = pair === undefined ? [text] : [text, pair];
      this.#appendTruncated(texts, { layout, truncation: options.truncation }, target);
      return;
    }
    for (const piece of layout.pieces) {
      if (piece.type !== "sequence") target.push(piece.id);
      // A template of one sequence names no second one.
      else this.#appendSequence(piece.sequence === 0 ? text : (pair ?? ""), target);
    }
  }

  #appendSequence(text: TokenizerInput, target: IdBuffer): void {
    target.append(this.#encoder.encode(text).ids);
  }

  #appendTruncated(
    texts: readonly TokenizerInput[],
    row: { readonly layout: RowLayout; readonly truncation: TruncationOptions },
    target: IdBuffer,
  ): void {
    const sequences = texts.map((text) => this.#encoder.encode(text).ids);
    const { pieces, specials } = row.layout;
    const lengths = sequences.map((ids) => ids.length);
    const windows = truncate(lengths, row.truncation, specials);
    for (const piece of pieces) {
      if (piece.type !== "sequence") {
        target.push(piece.id);
        continue;
      }
      const [{ start, end }] = windows[piece.sequence];
      target.append(sequences[piece.sequence].subarray(start, end));
    }
  }
}

/** Whether an input is one sequence, not a pair. */
export function isSequence(input: EncodeInput): input is TokenizerInput {
  return typeof input === "string" || Array.isArray(input);
}
