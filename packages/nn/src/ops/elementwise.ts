/** Operations on each element alone. Each function is the shape rule and the emission of one of them. */
import type { DType } from "@bearhug/core";
import { DTYPES } from "@bearhug/core";
import type { GraphTensor } from "../graph/graph.ts";
import { broadcast } from "../graph/shapes.ts";
import { hostTensor } from "../host-tensor.ts";
import { attribute } from "../onnx/attributes.ts";

/** Sum; shapes broadcast. */
export function add(left: GraphTensor, right: GraphTensor): GraphTensor {
  return binary("Add", left, right);
}

/** Difference; shapes broadcast. */
export function subtract(left: GraphTensor, right: GraphTensor): GraphTensor {
  return binary("Sub", left, right);
}

/** Product of elements; shapes broadcast. */
export function multiply(left: GraphTensor, right: GraphTensor): GraphTensor {
  return binary("Mul", left, right);
}

/** Quotient; shapes broadcast. */
export function divide(left: GraphTensor, right: GraphTensor): GraphTensor {
  return binary("Div", left, right);
}

/** The opposite of each boolean. */
export function not(x: GraphTensor): GraphTensor {
  return unary("Not", x);
}

/** Whether elements are equal, as booleans; shapes broadcast. */
export function equal(left: GraphTensor, right: GraphTensor): GraphTensor {
  const shape = broadcast(left.shape, right.shape, "compare");
  return left.graph.emit({ type: "Equal", inputs: [left, right] }, { dtype: "bool", shape });
}

export function tanh(x: GraphTensor): GraphTensor {
  return unary("Tanh", x);
}

export function sigmoid(x: GraphTensor): GraphTensor {
  return unary("Sigmoid", x);
}

export function relu(x: GraphTensor): GraphTensor {
  return unary("Relu", x);
}

/** x · Φ(x), with the normal distribution's Φ exact, or by its usual approximation with tanh. */
export function gelu(x: GraphTensor, approximate: "none" | "tanh" = "none"): GraphTensor {
  const attributes = [attribute.string("approximate", approximate)];
  return x.graph.emit({ type: "Gelu", inputs: [x], attributes }, x);
}

/** The same numbers in another dtype; nothing is emitted when it has that dtype already. */
export function cast(x: GraphTensor, dtype: DType): GraphTensor {
  if (x.dtype === dtype) return x;
  const attributes = [attribute.int("to", DTYPES[dtype].onnx)];
  return x.graph.emit({ type: "Cast", inputs: [x], attributes }, { dtype, shape: x.shape });
}

/** A number as a tensor without axes, to combine with `like`. */
export function scalar(like: GraphTensor, value: number): GraphTensor {
  const { graph, dtype } = like;
  switch (dtype) {
    case "float32":
      return graph.constant(hostTensor(dtype, [], Float32Array.of(value)));
    case "int32":
      return graph.constant(hostTensor(dtype, [], Int32Array.of(value)));
    case "int64":
      return graph.constant(hostTensor(dtype, [], BigInt64Array.of(BigInt(value))));
    default:
      throw new TypeError(`Cannot make a scalar of ${dtype}: use float32, int32 or int64`);
  }
}

function unary(type: string, x: GraphTensor): GraphTensor {
  return x.graph.emit({ type, inputs: [x] }, x);
}

function binary(type: string, left: GraphTensor, right: GraphTensor): GraphTensor {
  if (left.dtype !== right.dtype) {
    throw new TypeError(`Cannot combine ${left.dtype} and ${right.dtype}: cast one of them first`);
  }
  const shape = broadcast(left.shape, right.shape, type.toLowerCase());
  return left.graph.emit({ type, inputs: [left, right] }, { dtype: left.dtype, shape });
}
