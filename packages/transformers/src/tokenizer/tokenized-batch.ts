import { allocateTensor, type HostTensor } from "@bearhug/nn";
import type { Direction, Encoding, OffsetUnit, Span } from "@bearhug/tokenizers";
import type { EncodePlan } from "./encode-options.ts";
import { PadTokenMissingError, RaggedBatchError } from "./errors.ts";

/** Encodings as the rows of tensors of [batch, tokens]. */
export interface TokenizedBatch extends Disposable {
  readonly inputIds: HostTensor<"int32">;
  /** 1 for a token, 0 for padding. */
  readonly attentionMask: HostTensor<"int32">;
  /** Which text of a pair a token belongs to, as the model sees it. */
  readonly tokenTypeIds: HostTensor<"int32">;
  /** 1 for special tokens and padding. */
  readonly specialTokensMask: HostTensor<"int32">;
  /** One for each row, without its padding. */
  readonly encodings: readonly Encoding[];
  /** Where the tokens of each row begin: after the padding, when that is on the left. */
  readonly starts: readonly number[];
  /** Tokens of each row, padding included, as the reference counts them. */
  readonly lengths: Int32Array;
  /** Which text each row comes from: more than one row may, when parts that were cut off are kept. */
  readonly overflowToSampleMapping: Int32Array;
  /**
   * [start, end) of each token in its text, [0, 0] for special tokens and padding. Counted in UTF-16 units, or in
   * the reference's `"codePoints"`.
   */
  offsets(unit?: OffsetUnit): readonly (readonly Span[])[];
}

/** Encodings that need not be of one length. */
export interface TokenizedRows {
  readonly encodings: readonly Encoding[];
  /** Which text each row comes from. */
  readonly overflowToSampleMapping: Int32Array;
}

/** How rows are filled up to one width. */
export interface BatchLayout {
  readonly width: number;
  readonly side: Direction;
  /** `undefined` when the tokenizer has none. */
  readonly padTokenId: number | undefined;
}

/** @throws {PadTokenMissingError} when a row must be filled and there is nothing to fill it with. */
export function layOutBatch(
  encodings: readonly Encoding[],
  { width, side, padTokenId }: BatchLayout,
  samples: Int32Array = Int32Array.from(encodings.keys()),
): TokenizedBatch {
  const isFilled = encodings.some(({ length }) => length < width);
  if (isFilled && padTokenId === undefined) throw new PadTokenMissingError();
  const starts = encodings.map(({ length }) => (side === "left" ? width - length : 0));
  const shape = [encodings.length, width];
  const column = (
    padding: number,
    write: (row: Encoding, target: Int32Array, at: number) => void,
  ) => {
    const tensor = allocateTensor("int32", shape);
    if (padding !== 0) tensor.data.fill(padding);
    encodings.forEach((encoding, row) => {
      write(encoding, tensor.data, row * width + (starts[row] ?? 0));
    });
    return tensor;
  };
  const inputIds = column(padTokenId ?? 0, (row, target, at) => row.writeIds(target, at));
  const attentionMask = column(0, (row, target, at) => target.fill(1, at, at + row.length));
  const tokenTypeIds = column(0, (row, target, at) => target.set(row.typeIds, at));
  let mask: HostTensor<"int32"> | undefined;
  return {
    inputIds,
    attentionMask,
    tokenTypeIds,
    get specialTokensMask() {
      mask ??= column(1, (row, target, at) => target.set(row.specialTokensMask, at));
      return mask;
    },
    encodings,
    starts,
    lengths: new Int32Array(encodings.length).fill(width),
    overflowToSampleMapping: samples,
    offsets: (unit = "utf16") =>
      encodings.map((encoding) => paddedOffsets(encoding.offsetsIn(unit), width, side)),
    // The arrays are the collector's; the method is there for tensors on devices, which are not.
    [Symbol.dispose]: () => {},
  };
}

/** @throws {RaggedBatchError} when lengths differ. */
export function commonLength(encodings: readonly Encoding[]): number {
  const lengths = encodings.map(({ length }) => length);
  const [first = 0] = lengths;
  if (lengths.some((length) => length !== first)) throw new RaggedBatchError(lengths);
  return first;
}

function paddedOffsets(spans: readonly Span[], width: number, side: Direction): readonly Span[] {
  const padding = new Array<Span>(Math.max(0, width - spans.length)).fill([0, 0]);
  return side === "left" ? [...padding, ...spans] : [...spans, ...padding];
}

/** How long rows get that are filled up as planned; rows that are longer may stay so. */
export function paddedLength(
  encodings: readonly Encoding[],
  { padding, multipleOf }: Pick<EncodePlan, "padding" | "multipleOf">,
): number {
  const wanted = typeof padding === "number" ? padding : longest(encodings);
  return Math.ceil(wanted / multipleOf) * multipleOf;
}

/** The width of a tensor that holds them all. */
export function paddedWidth(
  encodings: readonly Encoding[],
  plan: Pick<EncodePlan, "padding" | "multipleOf">,
): number {
  const rounded = Math.ceil(longest(encodings) / plan.multipleOf) * plan.multipleOf;
  return Math.max(paddedLength(encodings, plan), rounded);
}

function longest(encodings: readonly Encoding[]): number {
  return encodings.reduce((most, { length }) => Math.max(most, length), 0);
}

/** The same numbers, of 64 bits. */
export function widen({ shape, data }: HostTensor<"int32">): HostTensor<"int64"> {
  const wide = allocateTensor("int64", shape);
  for (let i = 0; i < data.length; i++) wide.data[i] = BigInt(data[i] ?? 0);
  return wide;
}

/** The rows of a tensor of [batch, tokens]; lists of rows as they are. */
export function rowsOf(
  rows: readonly Iterable<number | bigint>[] | HostTensor<"int32" | "int64">,
): readonly Iterable<number | bigint>[] {
  if (!("dtype" in rows)) return rows;
  const [count = 0, width = 0] = rows.shape;
  return Array.from({ length: count }, (_, row) =>
    rows.data.subarray(row * width, (row + 1) * width),
  );
}
