import type { GraphTensor } from "../graph/graph.ts";
import { broadcast, type Dim, mismatch, productDim } from "../graph/shapes.ts";
import { attribute } from "../onnx/attributes.ts";
import { reshape } from "./movement.ts";

/** Matrix product of the last two axes; the others broadcast. */
export function matmul(left: GraphTensor, right: GraphTensor): GraphTensor {
  if (left.shape.at(-1) !== right.shape.at(-2)) {
    throw mismatch("multiply the matrices", {
      left: left.shape,
      right: right.shape,
      axes: [-1, -2],
    });
  }
  const outer = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2), "multiply");
  // Both have two axes at least: the check above compared them.
  const shape = [...outer, left.shape.at(-2) as Dim, right.shape.at(-1) as Dim];
  return left.graph.emit({ type: "MatMul", inputs: [left, right] }, { dtype: left.dtype, shape });
}

/**
 * x · weightᵀ + bias.
 *
 * Shapes: `x` […, in]; `weight` [out, in], as checkpoints keep it; `bias` [out]; result […, out].
 */
export function linear(x: GraphTensor, weight: GraphTensor, bias?: GraphTensor): GraphTensor {
  if (x.shape.at(-1) !== weight.shape.at(-1)) {
    throw mismatch("apply a linear layer to", {
      left: x.shape,
      right: weight.shape,
      axes: [-1, -1],
    });
  }
  const [out = 1] = weight.shape;
  const outer = x.shape.slice(0, -1);
  const rows = productDim(outer);
  const flat = x.shape.length === 2 ? x : reshape(x, [rows, x.shape.at(-1) ?? 1]);
  // Gemm reads the weight as it lies in the file: no transposed copy is made.
  const product = x.graph.emit(
    { type: "Gemm", inputs: [flat, weight, bias], attributes: [attribute.int("transB", 1)] },
    { dtype: x.dtype, shape: [rows, out] }, // [rows, out]
  );
  return x.shape.length === 2 ? product : reshape(product, [...outer, out]);
}
