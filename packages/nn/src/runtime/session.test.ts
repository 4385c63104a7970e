import type { DType } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { FeedError, RuntimeError, SessionClosedError } from "../errors.ts";
import { Graph, type GraphTensor } from "../graph/graph.ts";
import { allocateTensor, bytesOf, type HostTensor, hostTensor } from "../host-tensor.ts";
import { add, cast, multiply, tanh } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { defaultRuntime } from "./default-runtime.ts";
import { createOrtFfiRuntime } from "./ort-ffi/runtime.ts";
import { createOrtNodeRuntime } from "./ort-node/runtime.ts";
import { runInParts } from "./run-in-parts.ts";
import type { Session, SessionOptions } from "./runtime.ts";

type Make = typeof createOrtFfiRuntime;

async function sessionOf(
  make: Make,
  define: (graph: Graph) => void,
  options: SessionOptions = {},
): Promise<Session> {
  const graph = new Graph();
  define(graph);
  return (await make()).createSession(graph.build(), { threads: 1, ...options });
}

function float32(...values: number[]): HostTensor<"float32"> {
  return hostTensor("float32", [values.length], Float32Array.from(values));
}

function defineDouble(graph: Graph): void {
  const x = graph.input("x", "float32", ["rows"]);
  graph.output("y", add(x, x));
}

/** Matrix products that take a good part of a second, one after the other. */
function defineSlow(graph: Graph): void {
  let x: GraphTensor = graph.input("x", "float32", [512, 512]);
  for (let step = 0; step < 80; step++) x = tanh(matmul(x, x));
  graph.output("y", x);
}

test("defaultRuntime() is ONNX Runtime through FFI where that works, and always the same", async () => {
  expect((await defaultRuntime()).name).toBe("ort-ffi");
  expect(await defaultRuntime()).toBe(await defaultRuntime());
});

describe.each([
  { name: "ort-ffi", make: createOrtFfiRuntime },
  { name: "ort-node", make: createOrtNodeRuntime },
])("sessions of $name", ({ make }) => {
  test("run() gives new tensors, or writes into those given", async () => {
    await using session = await sessionOf(make, defineDouble);
    expect(session.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["rows"] }]);
    expect(session.outputs).toEqual([{ name: "y", dtype: "float32", shape: ["rows"] }]);
    const { y } = await session.run({ x: float32(1, 2, 3) });
    expect(y).toEqual(float32(2, 4, 6));
    const whole = new Float32Array(5);
    const place = hostTensor("float32", [3], whole.subarray(1, 4));
    const results = await session.run({ x: float32(1, 2, 3) }, { outputs: { y: place } });
    expect(results["y"]).toBe(place);
    expect([...whole]).toEqual([0, 2, 4, 6, 0]);
  });

  test("run() takes a tensor without elements", async () => {
    await using session = await sessionOf(make, defineDouble);
    expect((await session.run({ x: float32() }))["y"]).toEqual(float32());
  });

  test.each(["float64", "float32", "int64", "int32", "uint8", "bool"] as const)(
    "run() carries %s through",
    async (dtype: DType) => {
      await using session = await sessionOf(make, (graph) => {
        graph.output("y", graph.input("x", dtype, ["rows", 2]));
      });
      const x = allocateTensor(dtype, [3, 2]);
      bytesOf(x).fill(1);
      expect((await session.run({ x }))["y"]).toEqual(x);
    },
  );

  test("run() names the input that is missing, unknown, or does not fit", async () => {
    await using session = await sessionOf(make, (graph) => {
      const a = graph.input("a", "float32", ["rows"]);
      graph.output("y", multiply(a, graph.input("b", "float32", ["rows"])));
    });
    const [a, b] = [float32(1), float32(2)];
    const wrong: readonly (readonly [Record<string, HostTensor>, RegExp])[] = [
      [{ a }, /Input "b": it is missing/],
      [{ a, b, c: a }, /Input "c": the graph has no such input/],
      [{ a, b: hostTensor("int32", [1], Int32Array.of(1)) }, /Input "b": it must be float32/],
      [{ a, b: float32(1, 2) }, /Input "b": its shape must be \[rows = 1\], got \[2\]/],
      [{ a: hostTensor("float32", [1, 1], a.data), b }, /Input "a": its shape must be \[rows\]/],
      [{ a: { ...a, shape: [4] }, b }, /Input "a": 1 elements do not fill the shape \[4\]/],
    ];
    for (const [feeds, message] of wrong) {
      const running = session.run(feeds);
      await expect(running).rejects.toThrow(FeedError);
      await expect(running).rejects.toThrow(message);
    }
    const outputs = { y: float32(1, 2) };
    await expect(session.run({ a, b }, { outputs })).rejects.toThrow(
      /"y": its shape must be \[1\]/,
    );
  });

  test("run() refuses after the session was disposed of, and disposing again does nothing", async () => {
    const session = await sessionOf(make, defineDouble);
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await expect(session.run({ x: float32(1) })).rejects.toThrow(SessionClosedError);
  });

  test("createSession() gives the engine's reason for refusing a graph", async () => {
    const opening = (await make()).createSession({ bytes: Uint8Array.of(1, 2, 3) });
    await expect(opening).rejects.toThrow(RuntimeError);
    await expect(opening).rejects.toThrow(/ONNX Runtime failed/);
  });

  test("an aborted signal stops createSession() and run() at once", async () => {
    const signal = AbortSignal.abort(new Error("no more"));
    await expect(sessionOf(make, defineDouble, { signal })).rejects.toThrow("no more");
    await using session = await sessionOf(make, defineDouble);
    await expect(session.run({ x: float32(1) }, { signal })).rejects.toThrow("no more");
  });

  test("runInParts() equals one run, whatever the size of the parts", async () => {
    await using session = await sessionOf(make, (graph) => {
      const x = graph.input("x", "float32", ["rows", 2]);
      graph.output("y", tanh(x));
      graph.output("z", add(x, x));
    });
    const x = hostTensor(
      "float32",
      [7, 2],
      Float32Array.from({ length: 14 }, (_, i) => i / 7),
    );
    const whole = await session.run({ x });
    for (const rowsPerRun of [1, 2, 3, 7, 100]) {
      expect(await runInParts(session, { x }, { rowsPerRun, concurrency: 2 })).toEqual(whole);
    }
  });
});

test("bfloat16 goes in and out as its bits", async () => {
  await using session = await sessionOf(createOrtFfiRuntime, (graph) => {
    const x = graph.input("x", "bfloat16", ["rows"]);
    graph.output("y", cast(add(cast(x, "float32"), cast(x, "float32")), "bfloat16"));
  });
  const x = hostTensor("bfloat16", [2], Uint16Array.of(0x3f80, 0x4000));
  expect((await session.run({ x }))["y"]?.data).toEqual(Uint16Array.of(0x4000, 0x4080));
});

test("a result whose size only the engine knows is copied out", async () => {
  await using session = await sessionOf(createOrtFfiRuntime, (graph) => {
    const x = graph.input("x", "float32", ["rows"]);
    graph.output(
      "at",
      graph.emit({ type: "NonZero", inputs: [x] }, { dtype: "int64", shape: [1, "found"] }),
    );
  });
  const { at } = await session.run({ x: float32(0, 5, 0, 6) });
  expect(at).toEqual({ dtype: "int64", shape: [1, 2], data: BigInt64Array.of(1n, 3n) });
});

test("a run leaves the event loop free, and abort() stops it where it is", async () => {
  await using session = await sessionOf(createOrtFfiRuntime, defineSlow);
  const x = allocateTensor("float32", [512, 512]);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await session.run({ x });
  expect(ticks).toBeGreaterThan(10);
  const controller = new AbortController();
  const reason = new Error("stop");
  setTimeout(() => controller.abort(reason), 30);
  const before = performance.now();
  await expect(session.run({ x }, { signal: controller.signal })).rejects.toBe(reason);
  const aborted = performance.now() - before;
  clearInterval(timer);
  const again = performance.now();
  await session.run({ x });
  expect(aborted).toBeLessThan(performance.now() - again);
});

test("several runs of one session go on at once, and disposing waits for them", async () => {
  const session = await sessionOf(createOrtFfiRuntime, (graph) => {
    let x: GraphTensor = graph.input("x", "float32", ["rows", 64]);
    for (let step = 0; step < 20; step++) x = tanh(matmul(x, graph.constant(eye(64))));
    graph.output("y", x);
  });
  const feeds = (value: number) => {
    const x = allocateTensor("float32", [200, 64]);
    x.data.fill(value);
    return { x };
  };
  const runs = [0.1, 0.2, 0.3, 0.4].map((value) => session.run(feeds(value)));
  await session[Symbol.asyncDispose]();
  const firsts = (await Promise.all(runs)).map((results) => Number(results["y"]?.data[0]));
  const expected = [0.1, 0.2, 0.3, 0.4].map((value) => {
    let y = value;
    for (let step = 0; step < 20; step++) y = Math.tanh(y);
    return y;
  });
  for (const [index, value] of expected.entries()) expect(firsts[index]).toBeCloseTo(value, 5);
});

function eye(size: number): HostTensor<"float32"> {
  const tensor = allocateTensor("float32", [size, size]);
  for (let row = 0; row < size; row++) tensor.data[row * size + row] = 1;
  return tensor;
}
