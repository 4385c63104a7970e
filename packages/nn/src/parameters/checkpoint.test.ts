import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TensorToWrite, writeSafetensors } from "@bearhug/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointError } from "../errors.ts";
import { Graph } from "../graph/graph.ts";
import type { Parameter, StoredTensor } from "../graph/parameter.ts";
import { hostTensor } from "../host-tensor.ts";
import { Embedding } from "../modules/embedding.ts";
import { Linear } from "../modules/linear.ts";
import { createOrtFfiRuntime } from "../runtime/ort-ffi/runtime.ts";
import { createOrtNodeRuntime } from "../runtime/ort-node/runtime.ts";
import { parseShardIndex, readCheckpoint } from "./checkpoint.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-checkpoint-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function float32(name: string, shape: readonly number[], values: readonly number[]): TensorToWrite {
  return { name, dtype: "float32", shape, data: new Uint8Array(Float32Array.from(values).buffer) };
}

async function write(path: string, ...tensors: TensorToWrite[]): Promise<string> {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), writeSafetensors(tensors));
  return join(folder, path);
}

test("readCheckpoint() says where each tensor lies in the real file", async () => {
  const path = await write("blobs/abc", float32("a", [2], [1, 2]), float32("b", [1, 1], [3]));
  const link = join(folder, "model.safetensors");
  await symlink("blobs/abc", link);
  const checkpoint = await readCheckpoint([link]);
  expect([...checkpoint.keys()].sort()).toEqual(["a", "b"]);
  expect(checkpoint.get("b")).toMatchObject({
    dtype: "float32",
    shape: [1, 1],
    data: { path, sizeBytes: 4 },
  });
});

describe.each([
  { name: "ort-ffi", make: createOrtFfiRuntime },
  { name: "ort-node", make: createOrtNodeRuntime },
])("weights stay in their files, with $name", ({ make }) => {
  test("in one file, in several directories, and behind the links of a Hub cache", async () => {
    const weight = float32("weight", [2, 2], [1, 2, 3, 4]);
    const bias = float32("bias", [2], [10, 20]);
    // An odd length of the first tensor leaves the second at an address that fits no float.
    const odd: TensorToWrite = { name: "a", dtype: "uint8", shape: [3], data: new Uint8Array(3) };
    await write("blobs/first", odd, weight);
    await write("elsewhere/deep/second", bias);
    await mkdir(join(folder, "snapshots/main"), { recursive: true });
    await symlink("../../blobs/first", join(folder, "snapshots/main/model-1.safetensors"));
    await symlink(
      join(folder, "elsewhere/deep/second"),
      join(folder, "snapshots/main/model-2.safetensors"),
    );
    const checkpoint = await readCheckpoint([
      join(folder, "snapshots/main/model-1.safetensors"),
      join(folder, "snapshots/main/model-2.safetensors"),
    ]);
    const linear = new Linear({ inFeatures: 2, outFeatures: 2 });
    const weights = new Map<Parameter, StoredTensor>([
      [linear.weight, checkpoint.get("weight")!],
      [linear.bias!, checkpoint.get("bias")!],
    ]);
    const graph = new Graph({ weights });
    graph.output("y", linear.forward(graph.input("x", "float32", ["rows", 2])));
    await using session = await (await make()).createSession(graph.build());
    const x = hostTensor("float32", [1, 2], Float32Array.of(1, 10));
    expect((await session.run({ x }))["y"]?.data).toEqual(Float32Array.of(31, 63));
  });

  test.each([
    { dtype: "float16", bits: [0x3c00, 0x4000, 0xc200, 0x0001], values: [1, 2, -3, 2 ** -24] },
    { dtype: "bfloat16", bits: [0x3f80, 0x4000, 0xc040, 0x4049], values: [1, 2, -3, 3.140625] },
  ] as const)("$dtype is computed with in float32", async ({ dtype, bits, values }) => {
    const data = new Uint8Array(Uint16Array.from(bits).buffer);
    const path = await write("model.safetensors", { name: "w", dtype, shape: [2, 2], data });
    const stored = (await readCheckpoint([path])).get("w")!;
    const embedding = new Embedding(2, 2);
    const linear = new Linear({
      inFeatures: 2,
      outFeatures: 2,
      bias: false,
      weight: embedding.weight,
    });
    const graph = new Graph({ weights: new Map([[embedding.weight, stored]]) });
    graph.output("row", embedding.forward(graph.input("at", "int32", ["count"])));
    graph.output("product", linear.forward(graph.input("x", "float32", ["rows", 2])));
    await using session = await (await make()).createSession(graph.build());
    const results = await session.run({
      at: hostTensor("int32", [2], Int32Array.of(1, 0)),
      x: hostTensor("float32", [1, 2], Float32Array.of(1, 1)),
    });
    const [a, b, c, d] = values;
    expect(results["row"]?.data).toEqual(Float32Array.of(c, d, a, b));
    expect(results["product"]?.data).toEqual(Float32Array.of(a + b, c + d));
  });
});

test("readCheckpoint() names the file and what is wrong with it", async () => {
  const good = await write("good", float32("a", [2], [1, 2]));
  const header = (text: string, tail = 0) => {
    const json = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + json.length + tail);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const broken: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    empty: [new Uint8Array(0), /at least 8 bytes/],
    hugeHeader: [Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127), /Header length/],
    longHeader: [
      Uint8Array.of(200, 0, 0, 0, 0, 0, 0, 0, 123, 125),
      /claims 200 bytes, the file has 10/,
    ],
    notJson: [header("{nope"), /not a JSON object/],
    outside: [header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 4), /describes/],
    wrongSize: [
      header('{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', 8),
      /takes 12 bytes, not 8/,
    ],
    negative: [header('{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', 8), /shape\[0\]/],
    strange: [
      header('{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}', 8),
      /"F8_E4M3" is not supported/,
    ],
  };
  for (const [name, [bytes, message]] of Object.entries(broken)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    const reading = readCheckpoint([path]);
    await expect(reading, name).rejects.toThrow(CheckpointError);
    await expect(reading, name).rejects.toThrow(message);
    await expect(reading, name).rejects.toMatchObject({ path, code: "INVALID_CHECKPOINT" });
  }
  await expect(readCheckpoint([join(folder, "absent")])).rejects.toThrow(/ENOENT/);
  await expect(readCheckpoint([good, good])).rejects.toThrow(/"a" is in another shard, too/);
});

test("parseShardIndex() lists each shard once, and refuses paths that lead elsewhere", () => {
  const index = (map: unknown) => JSON.stringify({ metadata: {}, weight_map: map });
  const [one, two] = ["model-1.safetensors", "model-2.safetensors"];
  expect(parseShardIndex(index({ a: one, b: two, c: one }), "index.json")).toEqual([one, two]);
  const refused: readonly (readonly [string, RegExp])[] = [
    [index({ a: "../secret.safetensors" }), /must be the name of a safetensors file/],
    [index({ a: "/etc/passwd" }), /must be the name of a safetensors file/],
    [index({ a: 1 }), /weight_map\["a"\] must be a string/],
    [index({}), /names no tensor/],
    ["[]", /must be an object/],
    ["{", /not JSON/],
  ];
  for (const [text, message] of refused) {
    expect(() => parseShardIndex(text, "index.json")).toThrow(CheckpointError);
    expect(() => parseShardIndex(text, "index.json")).toThrow(message);
  }
});
