import type { GraphTensor } from "../graph/graph.ts";
import { resolveAxis } from "../graph/shapes.ts";
import { hostTensor } from "../host-tensor.ts";
import { attribute } from "../onnx/attributes.ts";

/**
 * Slices of `x` picked by index along an axis. The axis is replaced by the axes of `indices`
 * (int32 or int64): a table [rows, width] and indices [batch, tokens] give [batch, tokens, width].
 */
export function gather(x: GraphTensor, indices: GraphTensor, axis = 0): GraphTensor {
  const index = resolveAxis(axis, x.shape, "gather");
  const shape = [...x.shape.slice(0, index), ...indices.shape, ...x.shape.slice(index + 1)];
  const attributes = [attribute.int("axis", index)];
  return x.graph.emit(
    { type: "Gather", inputs: [x, indices], attributes },
    { dtype: x.dtype, shape },
  );
}

/** One slice of `x` along an axis, which disappears. */
export function select(x: GraphTensor, axis: number, at: number): GraphTensor {
  return gather(x, x.graph.constant(hostTensor("int64", [], BigInt64Array.of(BigInt(at)))), axis);
}
