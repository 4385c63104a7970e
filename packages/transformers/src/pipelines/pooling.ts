import type { HostTensor } from "@bearhug/nn";

/** How the vectors of a text's tokens become one; the names are those of sentence-transformers. */
export const POOLING_MODES = [
  "cls",
  "max",
  "mean",
  "mean_sqrt_len_tokens",
  "weightedmean",
  "lasttoken",
] as const;

export type PoolingMode = (typeof POOLING_MODES)[number];

/** Rows [start, end) of `hidden` values each in `data`: the tokens of one text, without padding. */
export interface TokenRows {
  readonly data: Float32Array;
  readonly start: number;
  readonly end: number;
  readonly hidden: number;
}

/** The tokens of row `row` of a [batch, tokens, hidden] tensor. */
export function tokenRows(
  { data, shape }: HostTensor<"float32">,
  row: number,
  span: { readonly start: number; readonly end: number },
): TokenRows {
  const [, width = 0, hidden = 0] = shape;
  const first = row * width;
  return { data, start: first + span.start, end: first + span.end, hidden };
}

/** One vector of `hidden` values for each mode, side by side. */
export function pool(rows: TokenRows, modes: readonly PoolingMode[]): Float32Array {
  const pooled = new Float32Array(modes.length * rows.hidden);
  modes.forEach((mode, i) => {
    pooled.set(poolOne(rows, mode), i * rows.hidden);
  });
  return pooled;
}

function poolOne(rows: TokenRows, mode: PoolingMode): Float32Array {
  const count = Math.max(rows.end - rows.start, 1e-9);
  switch (mode) {
    case "cls":
      return rowAt(rows, rows.start);
    case "lasttoken":
      return rowAt(rows, rows.end - 1);
    case "max":
      return maximum(rows);
    case "mean":
      return weightedSum(rows, () => 1 / count);
    case "mean_sqrt_len_tokens":
      return weightedSum(rows, () => 1 / Math.sqrt(count));
    case "weightedmean":
      return weightedSum(rows, (position) => (2 * (position + 1)) / (count * (count + 1)));
  }
}

function rowAt({ data, hidden }: TokenRows, row: number): Float32Array {
  return data.slice(row * hidden, (row + 1) * hidden);
}

/** Sums in double precision: the order of a sum then shows in no float32 result. */
function weightedSum(
  { data, start, end, hidden }: TokenRows,
  weight: (position: number) => number,
): Float32Array {
  const sums = new Float64Array(hidden);
  for (let row = start; row < end; row++) {
    const factor = weight(row - start);
    const offset = row * hidden;
    for (let i = 0; i < hidden; i++) sums[i] = (sums[i] ?? 0) + factor * (data[offset + i] ?? 0);
  }
  return Float32Array.from(sums);
}

function maximum({ data, start, end, hidden }: TokenRows): Float32Array {
  const result = new Float32Array(hidden).fill(-Infinity);
  for (let row = start; row < end; row++) {
    const offset = row * hidden;
    for (let i = 0; i < hidden; i++) result[i] = Math.max(result[i] ?? 0, data[offset + i] ?? 0);
  }
  return result;
}

/** `vector` scaled to length 1, in place; a zero vector stays. */
export function normalizeVector(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const scale = 1 / Math.max(Math.sqrt(squares), 1e-12);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) * scale;
  return vector;
}
