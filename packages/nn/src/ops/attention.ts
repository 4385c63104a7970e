import type { GraphTensor } from "../graph/graph.ts";
import { type Dim, mismatch } from "../graph/shapes.ts";
import { attribute } from "../onnx/attributes.ts";
import { add, cast, multiply, scalar, subtract } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { reshape, transpose, unsqueeze } from "./movement.ts";
import { softmax } from "./softmax.ts";

export interface AttentionInputs {
  /** [batch, queryTokens, heads · headSize]. */
  readonly query: GraphTensor;
  /** [batch, keyTokens, heads · headSize]. */
  readonly key: GraphTensor;
  /** As `key`. */
  readonly value: GraphTensor;
  readonly heads: number;
  /** [batch, keyTokens], int32: 1 where a key may be attended to, 0 where it is padding. */
  readonly mask: GraphTensor;
  /** Added to the scores before softmax: [1 or batch, heads, queryTokens, keyTokens]. */
  readonly bias?: GraphTensor | undefined;
}

/**
 * What a masked score becomes. It is finite, so that a row with nothing to attend to gives numbers.
 */
const MASKED = -3.4028234663852886e38;

/**
 * Scaled dot-product attention of several heads that lie side by side in the last axis.
 *
 * Shapes: as `query`, for the result too.
 *
 * @throws {ShapeError} when key and value, or the sizes of the heads, differ.
 *
 * Source: "Attention Is All You Need", section 3.2.
 */
export function attention(inputs: AttentionInputs): GraphTensor {
  const { query, key, value } = inputs;
  if (query.shape.at(-1) !== key.shape.at(-1)) {
    throw mismatch("attend from", { left: query.shape, right: key.shape, axes: [-1, -1] });
  }
  if (key.shape.at(-2) !== value.shape.at(-2)) {
    throw mismatch("attend to", { left: key.shape, right: value.shape, axes: [-2, -2] });
  }
  return query.graph.kernels === "fused" ? fused(inputs) : composed(inputs);
}

function fused({ query, key, value, heads, mask, bias }: AttentionInputs): GraphTensor {
  const attributes = [
    attribute.int("num_heads", heads),
    attribute.float("mask_filter_value", MASKED),
  ];
  const inputs = [query, key, value, undefined, mask, bias];
  return query.graph.emit(
    { type: "MultiHeadAttention", domain: "com.microsoft", inputs, attributes },
    query,
  );
}

function composed({ query, key, value, heads, mask, bias }: AttentionInputs): GraphTensor {
  // The last axis holds all heads; it is a number in every model.
  const width = query.shape.at(-1) as number;
  const split = (x: GraphTensor): GraphTensor => {
    const [batch, tokens] = x.shape as readonly [Dim, Dim, Dim];
    return reshape(x, [batch, tokens, heads, width / heads]);
  };
  const q = transpose(split(query), [0, 2, 1, 3]); // [batch, heads, queryTokens, headSize]
  const k = transpose(split(key), [0, 2, 3, 1]); // [batch, heads, headSize, keyTokens]
  const v = transpose(split(value), [0, 2, 1, 3]); // [batch, heads, keyTokens, headSize]
  const scaled = multiply(matmul(q, k), scalar(q, 1 / Math.sqrt(width / heads)));
  const scores = bias ? add(scaled, bias) : scaled; // [batch, heads, queryTokens, keyTokens]
  const padding = subtract(scalar(q, 1), cast(mask, "float32"));
  const hidden = multiply(unsqueeze(unsqueeze(padding, 1), 1), scalar(q, MASKED)); // [batch, 1, 1, keyTokens]
  const mixed = matmul(softmax(add(scores, hidden), -1), v); // [batch, heads, queryTokens, headSize]
  return reshape(transpose(mixed, [0, 2, 1, 3]), query.shape);
}
