import type { DType } from "@bearhug/core";
import { expect, test } from "vitest";
import { UnsupportedOperationError, WeightsMismatchError } from "../errors.ts";
import type { StoredTensor } from "../graph/parameter.ts";
import { Linear } from "../modules/linear.ts";
import { Module } from "../modules/module.ts";
import { LayerNorm } from "../modules/normalization.ts";
import { bindWeights, type WeightNames } from "./bind-weights.ts";
import type { Checkpoint } from "./checkpoint.ts";

class Layer extends Module {
  readonly linear = new Linear({ inFeatures: 3, outFeatures: 2 });
  readonly norm = new LayerNorm(2, 1e-5);
}

class Model extends Module {
  readonly layers = [new Layer(), new Layer()];
  readonly head = new Linear({ inFeatures: 2, outFeatures: 1, bias: false });
  readonly tied = new Linear({
    inFeatures: 2,
    outFeatures: 1,
    bias: false,
    weight: this.head.weight,
  });
}

const NAMES: WeightNames = {
  "layers.*.linear": "net.layer.*.dense",
  "layers.*.norm": "net.layer.*.LayerNorm",
  head: ["head.new", "head.old"],
  tied: "tied",
};

const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "net.layer.0.dense.weight": [2, 3],
  "net.layer.0.dense.bias": [2],
  "net.layer.0.LayerNorm.weight": [2],
  "net.layer.0.LayerNorm.bias": [2],
  "net.layer.1.dense.weight": [2, 3],
  "net.layer.1.dense.bias": [2],
  "net.layer.1.LayerNorm.weight": [2],
  "net.layer.1.LayerNorm.bias": [2],
  "head.new.weight": [1, 2],
};

function checkpointOf(
  shapes: Readonly<Record<string, readonly number[]>>,
  dtype: DType = "float32",
): Checkpoint {
  const data = new Uint8Array(0);
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, { dtype, shape, data }]));
}

function renamed(change: (name: string) => string): Checkpoint {
  return checkpointOf(
    Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [change(name), shape])),
  );
}

function bind(checkpoint: Checkpoint): ReadonlyMap<unknown, StoredTensor> {
  return bindWeights(new Model(), checkpoint, { names: NAMES, prefix: "net." }).weights;
}

test("bindWeights() finds each parameter once, under any of its names", () => {
  const asWritten = renamed((name) => name);
  expect(bind(asWritten).size).toBe(9);
  expect(bind(renamed((name) => name.replace("net.", ""))).size).toBe(9);
  expect(bind(renamed((name) => name.replace("head.new", "head.old"))).size).toBe(9);
  const old = (name: string) =>
    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
  expect(bind(renamed(old)).size).toBe(9);
});

test("bindWeights() tells which tensors of the checkpoint it did not use", () => {
  const checkpoint = checkpointOf({ ...SHAPES, "pooler.weight": [1] });
  const { unused } = bindWeights(new Model(), checkpoint, { names: NAMES, prefix: "net." });
  expect(unused).toEqual(["pooler.weight"]);
});

function mismatchOf(checkpoint: Checkpoint): WeightsMismatchError {
  try {
    bind(checkpoint);
  } catch (error) {
    if (error instanceof WeightsMismatchError) return error;
  }
  throw new Error("bindWeights() accepted the checkpoint");
}

test("bindWeights() names all that is missing, misshapen or of layers that are not there", () => {
  const { "net.layer.1.dense.bias": _, "head.new.weight": __, ...rest } = SHAPES;
  const missing = mismatchOf(checkpointOf(rest));
  expect(missing.missing).toEqual(["net.layer.1.dense.bias", "head.new.weight"]);
  expect(missing.message).toContain('it lacks "net.layer.1.dense.bias", "head.new.weight"');
  const misshapen = mismatchOf(checkpointOf({ ...SHAPES, "net.layer.0.dense.weight": [3, 2] }));
  expect(misshapen.message).toContain('"net.layer.0.dense.weight" is [3, 2], not [2, 3]');
  const unexpected = mismatchOf(checkpointOf({ ...SHAPES, "net.layer.2.dense.bias": [2] }));
  expect(unexpected.unexpected).toEqual(["net.layer.2.dense.bias"]);
  const many = mismatchOf(checkpointOf({}));
  expect(many.missing).toHaveLength(9);
  expect(many.message).toMatch(/and 4 more$/);
});

test("bindWeights() refuses quantized weights", () => {
  expect(() => bind(checkpointOf(SHAPES, "int8"))).toThrow(UnsupportedOperationError);
});
