/** Operations that run along axes and sum, average or accumulate. */
import type { GraphTensor } from "../graph/graph.ts";
import { resolveAxis, type Shape } from "../graph/shapes.ts";
import { hostTensor } from "../host-tensor.ts";
import { attribute } from "../onnx/attributes.ts";

export interface ReduceOptions {
  readonly axes: readonly number[];
  /** Keep the reduced axes, with size 1. Default false. */
  readonly keepAxes?: boolean | undefined;
}

export function sum(x: GraphTensor, options: ReduceOptions): GraphTensor {
  return reduce("ReduceSum", x, options);
}

export function mean(x: GraphTensor, options: ReduceOptions): GraphTensor {
  return reduce("ReduceMean", x, options);
}

export function max(x: GraphTensor, options: ReduceOptions): GraphTensor {
  return reduce("ReduceMax", x, options);
}

/** Running sum along an axis: element i is the sum of elements 0 to i. */
export function cumulativeSum(x: GraphTensor, axis: number): GraphTensor {
  const index = resolveAxis(axis, x.shape, "accumulate");
  const axisTensor = x.graph.constant(hostTensor("int64", [], BigInt64Array.of(BigInt(index))));
  return x.graph.emit({ type: "CumSum", inputs: [x, axisTensor] }, x);
}

function reduce(
  type: string,
  x: GraphTensor,
  { axes, keepAxes = false }: ReduceOptions,
): GraphTensor {
  const reduced = new Set(axes.map((axis) => resolveAxis(axis, x.shape, "reduce")));
  const shape: Shape = x.shape.flatMap((dim, axis) =>
    reduced.has(axis) ? (keepAxes ? [1] : []) : [dim],
  );
  const list = BigInt64Array.from(
    [...reduced].sort((a, b) => a - b),
    BigInt,
  );
  const axesTensor = x.graph.constant(hostTensor("int64", [list.length], list));
  const attributes = [attribute.int("keepdims", keepAxes ? 1 : 0)];
  return x.graph.emit({ type, inputs: [x, axesTensor], attributes }, { dtype: x.dtype, shape });
}
