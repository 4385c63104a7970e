import { open, realpath } from "node:fs/promises";
import { basename } from "node:path";
import {
  messageOf,
  parseHeader,
  parseJson,
  parseObject,
  parseString,
  readHeaderLength,
  type SafetensorsHeader,
} from "@bearhug/core";
import { CheckpointError } from "../errors.ts";
import type { StoredTensor } from "../graph/parameter.ts";

/** The tensors of a checkpoint by name; their numbers stay in the files. */
export type Checkpoint = ReadonlyMap<string, StoredTensor>;

const LENGTH_BYTES = 8;

/**
 * Reads which tensors safetensors files hold and where. Only headers are read.
 *
 * @param paths the file, or all shards; symbolic links are followed.
 * @throws {CheckpointError} when a file is missing, is not safetensors, or a tensor is in two of them.
 */
export async function readCheckpoint(paths: readonly string[]): Promise<Checkpoint> {
  const tensors = new Map<string, StoredTensor>();
  for (const path of paths) {
    const { header, realPath } = await readFile(path);
    for (const { name, dtype, shape, offset, sizeBytes } of header.tensors) {
      if (tensors.has(name)) {
        throw new CheckpointError(path, `tensor "${name}" is in another shard, too`);
      }
      tensors.set(name, { dtype, shape, data: { path: realPath, offset, sizeBytes } });
    }
  }
  return tensors;
}

/**
 * The shards that a `model.safetensors.index.json` names, each once, in order of appearance.
 *
 * @throws {CheckpointError} when it is not such an index.
 */
export function parseShardIndex(json: string, path: string): readonly string[] {
  try {
    const index = parseObject(parseJson(json, basename(path)), basename(path));
    const map = parseObject(index["weight_map"], "weight_map");
    const shards = Object.entries(map).map(([name, file]) =>
      parseShardName(file, `weight_map["${name}"]`),
    );
    if (shards.length === 0) throw new RangeError("weight_map names no tensor");
    return [...new Set(shards)];
  } catch (cause) {
    throw new CheckpointError(path, messageOf(cause), cause);
  }
}

/** A shard stands beside its index: a name that leads elsewhere is not followed. */
function parseShardName(value: unknown, path: string): string {
  const name = parseString(value, path);
  if (!/^[^/\\]+\.safetensors$/.test(name)) {
    throw new RangeError(`${path} must be the name of a safetensors file, got "${name}"`);
  }
  return name;
}

async function readFile(path: string): Promise<{ header: SafetensorsHeader; realPath: string }> {
  try {
    // The engine refuses files behind links that lead out of a directory, as in the Hub's cache.
    const realPath = await realpath(path);
    const file = await open(realPath);
    try {
      const { size } = await file.stat();
      const lengthBytes = await readExactly(file, LENGTH_BYTES, 0);
      const headerLength = readHeaderLength(lengthBytes);
      if (headerLength > size - LENGTH_BYTES) {
        throw new RangeError(`its header claims ${headerLength} bytes, the file has ${size}`);
      }
      const json = await readExactly(file, headerLength, LENGTH_BYTES);
      return { header: parseHeader(json, size), realPath };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new CheckpointError(path, messageOf(cause), cause);
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function readExactly(
  file: FileHandle,
  length: number,
  position: number,
): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
