import { isObject, mapConcurrent } from "@bearhug/core";
import type { SafetensorsInfoJson } from "@bearhug/hub/protocol";
import { parseJsonObject, type RepositoryFiles } from "./repository-files.ts";

/** Headers above this are left out: real ones take a few hundred bytes a tensor. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_SHARDS = 2000;
const CONCURRENT_SHARDS = 4;

type Counts = Map<string, number>;

/**
 * Parameters by dtype, from the headers of `model.safetensors` or of every shard in its index. Only headers are
 * read. `undefined` when there are none, or one cannot be understood.
 */
export async function safetensorsInfo(
  files: RepositoryFiles,
): Promise<SafetensorsInfoJson | undefined> {
  if (files.has("model.safetensors")) {
    const counts = await countParameters(files, "model.safetensors");
    return counts && toInfo(counts);
  }
  const index = await files.json("model.safetensors.index.json", MAX_HEADER_BYTES);
  const shards = shardNames(index);
  if (shards.length === 0 || shards.length > MAX_SHARDS) return undefined;
  const all = await mapConcurrent(shards, (shard) => countParameters(files, shard), {
    limit: CONCURRENT_SHARDS,
  });
  const total: Counts = new Map();
  for (const counts of all) {
    if (!counts) return undefined;
    for (const [dtype, count] of counts) total.set(dtype, (total.get(dtype) ?? 0) + count);
  }
  return { ...toInfo(total), sharded: true };
}

function shardNames(index: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const map = index?.["weight_map"];
  if (!isObject(map)) return [];
  return [...new Set(Object.values(map))].filter(
    (name): name is string => typeof name === "string",
  );
}

async function countParameters(files: RepositoryFiles, path: string): Promise<Counts | undefined> {
  const start = await files.read(path, { start: 0, end: 8 });
  if (start?.length !== 8) return undefined;
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) return undefined;
  const header = await files.read(path, { start: 8, end: 8 + Number(length) });
  if (header?.length !== Number(length)) return undefined;
  const tensors = parseJsonObject(new TextDecoder().decode(header));
  return tensors && countTensors(tensors);
}

function countTensors(tensors: Readonly<Record<string, unknown>>): Counts | undefined {
  const counts: Counts = new Map();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name === "__metadata__") continue;
    const size = elementCount(tensor);
    if (size === undefined) return undefined;
    counts.set(size.dtype, (counts.get(size.dtype) ?? 0) + size.count);
  }
  return counts;
}

function elementCount(tensor: unknown): { dtype: string; count: number } | undefined {
  if (!isObject(tensor)) return undefined;
  const { dtype, shape } = tensor;
  if (typeof dtype !== "string" || !Array.isArray(shape)) return undefined;
  let count = 1;
  for (const dim of shape as readonly unknown[]) {
    if (typeof dim !== "number" || !Number.isSafeInteger(dim) || dim < 0) return undefined;
    count *= dim;
  }
  return Number.isSafeInteger(count) ? { dtype, count } : undefined;
}

function toInfo(counts: Counts): SafetensorsInfoJson {
  const parameters = Object.fromEntries(counts);
  return { parameters, total: [...counts.values()].reduce((sum, count) => sum + count, 0) };
}
