import type { GraphTensor } from "../graph/graph.ts";
import { mismatch } from "../graph/shapes.ts";
import { attribute } from "../onnx/attributes.ts";

export interface LayerNormWeights {
  /** [width]. */
  readonly scale: GraphTensor;
  /** [width]. */
  readonly shift: GraphTensor;
  /** Added to the variance. */
  readonly epsilon: number;
}

/**
 * Layer normalization over the last axis: (x − mean) / √(variance + epsilon) · scale + shift.
 *
 * Source: "Layer Normalization" (Ba, Kiros, Hinton 2016), as `torch.nn.LayerNorm`.
 */
export function layerNorm(
  x: GraphTensor,
  { scale, shift, epsilon }: LayerNormWeights,
): GraphTensor {
  checkWidth(x, scale);
  const attributes = [attribute.int("axis", -1), attribute.float("epsilon", epsilon)];
  return x.graph.emit({ type: "LayerNormalization", inputs: [x, scale, shift], attributes }, x);
}

function checkWidth(x: GraphTensor, scale: GraphTensor): void {
  if (x.shape.at(-1) !== scale.shape.at(-1)) {
    throw mismatch("normalize", { left: x.shape, right: scale.shape, axes: [-1, -1] });
  }
}
