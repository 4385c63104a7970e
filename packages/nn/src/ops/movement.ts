/** Operations that move elements and compute nothing. */

import { ShapeError } from "../errors.ts";
import type { Graph, GraphTensor } from "../graph/graph.ts";
import {
  countElements,
  type Dim,
  formatShape,
  mismatch,
  resolveAxis,
  type Shape,
} from "../graph/shapes.ts";
import { hostTensor } from "../host-tensor.ts";
import { attribute } from "../onnx/attributes.ts";
import { multiply } from "./elementwise.ts";

/**
 * The same elements, row-major, under another shape.
 *
 * @throws {ShapeError} when the shapes do not hold the same number of elements.
 */
export function reshape(x: GraphTensor, shape: Shape): GraphTensor {
  const from = countElements(x.shape);
  const to = countElements(shape);
  if (from.factor !== to.factor || from.names.join() !== to.names.join()) {
    throw new ShapeError(
      `Cannot reshape ${formatShape(x.shape)} to ${formatShape(shape)}: they hold different numbers of elements`,
      [x.shape, shape],
    );
  }
  const target = reshapeTarget(x, shape);
  return x.graph.emit({ type: "Reshape", inputs: [x, target] }, { dtype: x.dtype, shape });
}

/** In the engine's terms: 0 keeps the axis of the same index, one -1 takes what is left. */
function reshapeTarget(x: GraphTensor, to: Shape): GraphTensor {
  const unknown = to.filter((dim, axis) => typeof dim === "string" && x.shape[axis] !== dim).length;
  if (unknown <= 1) {
    const target = to.map((dim, axis) => {
      if (typeof dim === "number") return dim;
      return x.shape[axis] === dim ? 0 : -1;
    });
    return int64List(x.graph, target);
  }
  return x.graph.once(`shape ${formatShape(to)}`, () => {
    // Not empty: two axes at least were counted above.
    const sizes = to.map((dim) => sizeTensor(x.graph, dim)) as [GraphTensor, ...GraphTensor[]];
    return concat(sizes, 0);
  });
}

function sizeTensor(graph: Graph, dim: Dim): GraphTensor {
  if (typeof dim === "number") return int64List(graph, [dim]);
  const { factor, names } = countElements([dim]);
  const sizes = names.map((name) => graph.size(name));
  return sizes.reduce((product, size) => multiply(product, size), int64List(graph, [factor]));
}

/** Axes in another order: axis i of the result is axis `order[i]` of `x`. */
export function transpose(x: GraphTensor, order: readonly number[]): GraphTensor {
  const sorted = [...order].sort((a, b) => a - b);
  if (sorted.length !== x.shape.length || sorted.some((axis, index) => axis !== index)) {
    throw new ShapeError(
      `Cannot transpose ${formatShape(x.shape)}: [${order}] is not an order of its ${x.shape.length} axes`,
      [x.shape],
    );
  }
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  const attributes = [attribute.ints("perm", order)];
  return x.graph.emit({ type: "Transpose", inputs: [x], attributes }, { dtype: x.dtype, shape });
}

/** A new axis of size 1 before axis `axis` of `x` (`x`'s rank puts it last). */
export function unsqueeze(x: GraphTensor, axis: number): GraphTensor {
  const index = resolveAxis(axis, [...x.shape, 1], "add an axis");
  const shape = [...x.shape.slice(0, index), 1, ...x.shape.slice(index)];
  const axes = int64List(x.graph, [index]);
  return x.graph.emit({ type: "Unsqueeze", inputs: [x, axes] }, { dtype: x.dtype, shape });
}

/** Tensors one after the other along an axis; all other axes must be equal. */
export function concat(
  tensors: readonly [GraphTensor, ...GraphTensor[]],
  axis: number,
): GraphTensor {
  const [first, ...others] = tensors;
  const index = resolveAxis(axis, first.shape, "concatenate");
  let size = first.shape[index] ?? 1;
  for (const other of others) {
    for (let each = 0; each < first.shape.length; each++) {
      if (each !== index && first.shape[each] !== other.shape[each]) {
        const fromEnd = each - first.shape.length;
        throw mismatch("concatenate", {
          left: first.shape,
          right: other.shape,
          axes: [fromEnd, fromEnd],
        });
      }
    }
    const next = other.shape[index] ?? 1;
    size = typeof size === "number" && typeof next === "number" ? size + next : `${size}+${next}`;
  }
  const shape = first.shape.map((dim, each) => (each === index ? size : dim));
  const attributes = [attribute.int("axis", index)];
  return first.graph.emit(
    { type: "Concat", inputs: tensors, attributes },
    { dtype: first.dtype, shape },
  );
}

/** The numbers 0, 1, … up to the size of an axis of `x`, as int64. */
export function positions(x: GraphTensor, axis: number): GraphTensor {
  const dim = x.shape[resolveAxis(axis, x.shape, "count")] ?? 1;
  const limit = x.graph.emit(
    { type: "Squeeze", inputs: [sizeTensor(x.graph, dim)] },
    { dtype: "int64", shape: [] },
  );
  const zero = x.graph.constant(hostTensor("int64", [], BigInt64Array.of(0n)));
  const one = x.graph.constant(hostTensor("int64", [], BigInt64Array.of(1n)));
  const inputs = [zero, limit, one];
  return x.graph.emit({ type: "Range", inputs }, { dtype: "int64", shape: [dim] });
}

function int64List(graph: Graph, values: readonly number[]): GraphTensor {
  return graph.constant(hostTensor("int64", [values.length], BigInt64Array.from(values, BigInt)));
}
