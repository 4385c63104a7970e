import { Encoding } from "./encoding.ts";
import type { EncodingPart, FillerPart, SequenceTokens } from "./encoding-parts.ts";
import { type PaddingOptions, paddedLength } from "./padding.ts";
import { PLAIN, type PostProcessor, type TemplatePiece } from "./post-processors/post-processor.ts";
import type { TokenizerInput } from "./sequence-encoder.ts";
import { type TruncationOptions, truncate, type Window } from "./truncation.ts";

/** What stands in a row, with or without its special tokens. */
export interface RowLayout {
  readonly pieces: readonly RowPiece[];
  /** How many of the pieces are special tokens. */
  readonly specials: number;
  /** Whether windows behind the kept one have the type ids of the template. */
  readonly typesOverflow: boolean;
}

type RowPiece = Extract<TemplatePiece, { type: "sequence" }> | FillerPart;

/** The rows that a post-processor makes of one sequence and of two. */
export class RowLayouts {
  readonly #single: RowLayout;
  readonly #pair: RowLayout;
  readonly #plainSingle: RowLayout;
  readonly #plainPair: RowLayout;

  constructor({ single, pair, typesOverflow = false }: PostProcessor = PLAIN) {
    this.#single = layout(single, typesOverflow);
    this.#pair = layout(pair, typesOverflow);
    this.#plainSingle = layout(single.filter((piece) => piece.type === "sequence"));
    this.#plainPair = layout(pair.filter((piece) => piece.type === "sequence"));
  }

  get(isPair: boolean, addSpecialTokens: boolean): RowLayout {
    if (addSpecialTokens) return isPair ? this.#pair : this.#single;
    return isPair ? this.#plainPair : this.#plainSingle;
  }
}

function layout(template: readonly TemplatePiece[], typesOverflow = false): RowLayout {
  const pieces = template.map(
    (piece): RowPiece => (piece.type === "special" ? { ...piece, count: 1 } : piece),
  );
  return {
    pieces,
    specials: pieces.filter((piece) => piece.type === "special").length,
    typesOverflow,
  };
}

/** One sequence with what it was made of. */
export interface EncodedSequence {
  readonly input: TokenizerInput;
  readonly tokens: SequenceTokens;
}

/** Sequences as one row, and as further rows of what truncation cut off. */
export function layOutRows(
  sequences: readonly EncodedSequence[],
  { pieces, specials, typesOverflow }: RowLayout,
  truncation: TruncationOptions | undefined,
): Encoding {
  const lengths = sequences.map(({ tokens }) => tokens.ids.length);
  const windows = truncation ? truncate(lengths, truncation, specials) : lengths.map(whole);
  const row = (chosen: readonly Window[]): EncodingPart[] =>
    pieces.map((piece) => {
      if (piece.type !== "sequence") return piece;
      const { sequence } = piece;
      const window = chosen[sequence];
      const isKept = typesOverflow || window === windows[sequence][0];
      return {
        type: "sequence",
        ...sequences[sequence],
        sequence,
        typeId: isKept ? piece.typeId : sequence,
        window,
        rowStart: window.start,
      };
    });
  const [main, ...others] = combinations(windows);
  return new Encoding(
    row(main),
    others.map((chosen) => new Encoding(row(chosen))),
  );
}

function whole(length: number): readonly Window[] {
  return [{ start: 0, end: length }];
}

/** The kept windows first; then, as the reference merges them, every overflow of the first with all of the second. */
function combinations(windows: readonly (readonly Window[])[]): (readonly Window[])[] {
  const [first, second] = windows;
  if (!second) return first.map((window) => [window]);
  const [kept, ...overflow] = first;
  const withAll = overflow.flatMap((window) => second.map((other) => [window, other]));
  const [keptSecond, ...overflowSecond] = second;
  return [[kept, keptSecond], ...withAll, ...overflowSecond.map((other) => [kept, other])];
}

/** Rows filled up to one length. */
export function padRows(
  encodings: readonly Encoding[],
  options: PaddingOptions,
): readonly Encoding[] {
  const length = paddedLength(
    encodings.map((encoding) => encoding.length),
    options,
  );
  const { id, typeId, token, direction } = options;
  return encodings.map((encoding) => encoding.pad(length, { id, typeId, token, direction }));
}
