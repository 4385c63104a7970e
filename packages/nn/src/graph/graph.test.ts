import { expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import { hostTensor } from "../host-tensor.ts";
import { attention } from "../ops/attention.ts";
import { add } from "../ops/elementwise.ts";
import { linear, matmul } from "../ops/matmul.ts";
import { concat, reshape, transpose } from "../ops/movement.ts";
import { layerNorm } from "../ops/normalization.ts";
import { sum } from "../ops/reduce.ts";
import { locate } from "./external-data.ts";
import { Graph, type GraphTensor } from "./graph.ts";
import { Parameter } from "./parameter.ts";
import type { Shape } from "./shapes.ts";

function shaped(shape: Shape, graph: Graph = new Graph()): GraphTensor {
  return graph.input("x", "float32", shape);
}

function two(left: Shape, right: Shape): readonly [GraphTensor, GraphTensor] {
  const graph = new Graph();
  return [graph.input("a", "float32", left), graph.input("b", "float32", right)];
}

test("shapes broadcast from the last axis, named ones only with themselves and 1", () => {
  const [a, b] = two(["batch", 1, 4], ["tokens", 4]);
  expect(add(a, b).shape).toEqual(["batch", "tokens", 4]);
  const [c, d] = two(["batch", 3], ["tokens", 3]);
  expect(() => add(c, d)).toThrow(ShapeError);
});

test("a ShapeError prints both shapes and both axes", () => {
  const [a, b] = two(["batch", "tokens", 384], ["batch", "tokens", 512]);
  expect(() => add(a, b)).toThrow(
    "Cannot add [batch, tokens, 384] and [batch, tokens, 512]: axis -1 of the first is 384, axis -1 of the second is 512",
  );
  expect(() => matmul(a, b)).toThrow(
    /axis -1 of the first is 384, axis -2 of the second is tokens/,
  );
  expect(() => linear(a, b)).toThrow(/axis -1 of the first is 384, axis -1 of the second is 512/);
  expect(() => attention({ query: a, key: b, value: b, heads: 2, mask: a })).toThrow(/attend from/);
  expect(() => layerNorm(a, { scale: b, shift: b, epsilon: 1 })).toThrow(/normalize/);
});

test("operations refuse axes and orders that do not exist", () => {
  const x = shaped(["batch", 3]);
  expect(() => sum(x, { axes: [2] })).toThrow(/along axis 2: \[batch, 3\] has 2 axes/);
  expect(() => transpose(x, [0, 0])).toThrow(/\[0,0\] is not an order of its 2 axes/);
  expect(() => reshape(x, ["batch", 4])).toThrow(/different numbers of elements/);
  const [a, b] = two([2, 3], [3, 3]);
  expect(() => concat([a, b], 1)).toThrow(/axis -2 of the first is 2/);
  expect(concat([a, b], 0).shape).toEqual([5, 3]);
});

test("axes that were joined come apart again", () => {
  const x = shaped(["batch", "tokens", 12]);
  const rows = reshape(x, ["batch*tokens", 12]);
  expect(reshape(rows, ["batch", "tokens", 3, 4]).shape).toEqual(["batch", "tokens", 3, 4]);
  expect(reshape(x, ["12*batch", "tokens"]).shape).toEqual(["12*batch", "tokens"]);
});

test("a graph refuses tensors of another, dtypes that differ, and parameters without numbers", () => {
  const x = shaped([1]);
  expect(() => add(x, shaped([1]))).toThrow(/belongs to another graph/);
  const ids = x.graph.input("ids", "int32", [1]);
  expect(() => add(x, ids)).toThrow("Cannot combine float32 and int32: cast one of them first");
  expect(() => x.graph.parameter(new Parameter([1]))).toThrow(/no weight/);
});

test("equal constants are kept once", () => {
  const graph = new Graph();
  const make = () => graph.constant(hostTensor("int64", [1], BigInt64Array.of(7n)));
  expect(make()).toBe(make());
});

test("locate() names the directory above all files, and their paths in it", () => {
  const at = (path: string) =>
    ({ dtype: "float32", shape: [1], data: { path, offset: 0, sizeBytes: 4 } }) as const;
  expect(locate([]).directory).toBeUndefined();
  expect(locate([at("/data/blobs/abc"), at("/data/blobs/def")])).toEqual({
    directory: "/data/blobs",
    locations: new Map([
      ["/data/blobs/abc", "abc"],
      ["/data/blobs/def", "def"],
    ]),
  });
  expect(locate([at("/data/one/abc"), at("/models/def")])).toEqual({
    directory: "/",
    locations: new Map([
      ["/data/one/abc", "data/one/abc"],
      ["/models/def", "models/def"],
    ]),
  });
});
