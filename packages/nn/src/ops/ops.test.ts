import { readFileSync } from "node:fs";
import type { DType } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { Graph, type GraphTensor } from "../graph/graph.ts";
import { type HostTensor, hostTensor } from "../host-tensor.ts";
import { activation } from "../modules/activations.ts";
import { createOrtFfiRuntime } from "../runtime/ort-ffi/runtime.ts";
import { createOrtNodeRuntime } from "../runtime/ort-node/runtime.ts";
import { attention } from "./attention.ts";
import { add, divide, multiply, subtract, tanh } from "./elementwise.ts";
import { gather, select } from "./gather.ts";
import { linear, matmul } from "./matmul.ts";
import { positions, reshape, transpose } from "./movement.ts";
import { layerNorm } from "./normalization.ts";
import { cumulativeSum, max, mean, sum } from "./reduce.ts";
import { softmax } from "./softmax.ts";

interface Golden {
  readonly dtype: "float32" | "int32";
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly name: string;
  readonly input: {
    readonly operation: string;
    readonly tensors: Readonly<Record<string, Golden>>;
    // biome-ignore lint/suspicious/noExplicitAny: each operation has its own options
    readonly options: any;
  };
  readonly expected: Golden;
}

const golden: { readonly tolerance: number; readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("../../../../fixtures/nn/ops.json", import.meta.url), "utf8"),
);

// biome-ignore lint/suspicious/noExplicitAny: each operation has its own options
type Build = (inputs: Record<string, GraphTensor>, options: any) => GraphTensor;
const BUILD: Readonly<Record<string, Build>> = {
  activation: ({ a }, { name }) => activation(name)(a!),
  add: ({ a, b }) => add(a!, b!),
  attention: ({ query, key, value, mask, bias }, { heads }) =>
    attention({ query: query!, key: key!, value: value!, mask: mask!, bias, heads }),
  cumulativeSum: ({ a }, { axis }) => cumulativeSum(a!, axis),
  divide: ({ a, b }) => divide(a!, b!),
  gather: ({ a, indices }) => gather(a!, indices!),
  layerNorm: ({ a, scale, shift }, { epsilon }) =>
    layerNorm(a!, { scale: scale!, shift: shift!, epsilon }),
  linear: ({ a, weight, bias }) => linear(a!, weight!, bias),
  matmul: ({ a, b }) => matmul(a!, b!),
  max: ({ a }, options) => max(a!, options),
  mean: ({ a }, options) => mean(a!, options),
  multiply: ({ a, b }) => multiply(a!, b!),
  select: ({ a }, { axis, at }) => select(a!, axis, at),
  softmax: ({ a }, { axis }) => softmax(a!, axis),
  subtract: ({ a, b }) => subtract(a!, b!),
  sum: ({ a }, options) => sum(a!, options),
  tanh: ({ a }) => tanh(a!),
  transpose: ({ a }, { order }) => transpose(a!, order),
};

function toHost({ dtype, shape, data }: Golden): HostTensor {
  return dtype === "float32"
    ? hostTensor(dtype, shape, Float32Array.from(data))
    : hostTensor(dtype, shape, Int32Array.from(data));
}

const RUNTIMES = { "ort-ffi": createOrtFfiRuntime, "ort-node": createOrtNodeRuntime };
const SETTINGS = (["ort-ffi", "ort-node"] as const).flatMap((runtime) =>
  (["fused", "portable"] as const).map((kernels) => ({ runtime, kernels })),
);

describe.each(SETTINGS)("operations agree with torch, $runtime, $kernels", (setting) => {
  const runtime = RUNTIMES[setting.runtime]();

  test.each(golden.cases)("$name", async ({ input, expected }) => {
    const graph = new Graph({ kernels: setting.kernels });
    const tensors = Object.entries(input.tensors);
    const inputs = tensors.map(([name, { dtype, shape }]) => [
      name,
      graph.input(name, dtype, shape),
    ]);
    const result = BUILD[input.operation]!(Object.fromEntries(inputs), input.options);
    expect(result.shape).toEqual(expected.shape);
    graph.output("result", result);
    await using session = await (await runtime).createSession(graph.build(), { threads: 1 });
    const feeds = tensors.map(([name, tensor]) => [name, toHost(tensor)]);
    const found = (await session.run(Object.fromEntries(feeds)))["result"]!;
    expect(found.shape).toEqual(expected.shape);
    expect(found.dtype).toBe(expected.dtype satisfies DType);
    const worst = expected.data.reduce((most, value, index) => {
      const error = Math.abs(value - Number(found.data[index]));
      return Math.max(most, error / Math.max(1, Math.abs(value)));
    }, 0);
    expect(worst).toBeLessThanOrEqual(golden.tolerance);
  });
});

test("named axes take any size: reshape() and positions() follow the inputs", async () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", ["batch", "tokens", 6]);
  const rows = reshape(x, ["batch*tokens", 6]);
  graph.output("heads", reshape(rows, ["batch", "tokens", 2, 3]));
  graph.output("positions", positions(x, 1));
  await using session = await (await createOrtFfiRuntime()).createSession(graph.build());
  for (const [batch, tokens] of [
    [1, 4],
    [3, 2],
  ] as const) {
    const data = Float32Array.from({ length: batch * tokens * 6 }, (_, index) => index);
    const results = await session.run({ x: hostTensor("float32", [batch, tokens, 6], data) });
    expect(results["heads"]).toEqual({ dtype: "float32", shape: [batch, tokens, 2, 3], data });
    const counted = BigInt64Array.from({ length: tokens }, (_, index) => BigInt(index));
    expect(results["positions"]?.data).toEqual(counted);
  }
});
