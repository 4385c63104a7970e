import type { GraphTensor } from "../graph/graph.ts";
import { resolveAxis } from "../graph/shapes.ts";
import { attribute } from "../onnx/attributes.ts";

/** Exponentials along an axis, divided by their sum. */
export function softmax(x: GraphTensor, axis: number): GraphTensor {
  const attributes = [attribute.int("axis", resolveAxis(axis, x.shape, "normalize"))];
  return x.graph.emit({ type: "Softmax", inputs: [x], attributes }, x);
}
