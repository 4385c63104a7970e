import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import {
  type BoundWeights,
  bindWeights,
  type Checkpoint,
  defaultRuntime,
  Graph,
  type OnnxModel,
  parseShardIndex,
  type Runtime,
  readCheckpoint,
} from "@bearhug/nn";
import { PretrainedFileMissingError, UnsupportedModelError } from "../errors.ts";
import { openPretrained, type PretrainedFiles } from "../pretrained-files.ts";
import type { LoadedModel } from "../pretrained-model.ts";
import type { PretrainedOptions } from "../pretrained-options.ts";
import type { Architecture, ModelTask, TextNetwork } from "./architecture.ts";
import { checkedConfig, readConfig } from "./auto-config.ts";
import { findArchitecture, MODEL_TYPES } from "./registry.ts";

/** How a model is loaded. */
export interface ModelOptions extends PretrainedOptions {
  /** Where it runs. Default, and only choice in this version: `"cpu"`. */
  readonly device?: "cpu" | undefined;
  /** What it computes in. Default, and only choice in this version: `"float32"`, whatever the file holds. */
  readonly dtype?: "float32" | undefined;
  /** Threads that one run may use. Default: the number of processors. */
  readonly threads?: number | undefined;
  /** See `SessionOptions.prefer` of `@bearhug/nn`. Default `"speed"`. */
  readonly prefer?: "speed" | "memory" | undefined;
  /** The engine. Default: ONNX Runtime in this process. */
  readonly runtime?: Runtime | undefined;
}

const WEIGHTS = "model.safetensors";
const SHARD_INDEX = "model.safetensors.index.json";

/** Loads a checkpoint for a task and opens it in the engine. */
export async function loadNetwork(
  id: string,
  task: ModelTask,
  options: ModelOptions,
): Promise<LoadedModel> {
  checkOptions(id, options);
  const { signal, threads = availableParallelism(), prefer } = options;
  const files = await openPretrained(id, options);
  const raw = await readConfig(files);
  const architecture = await architectureOf(files, raw["model_type"]);
  const checkpoint = await openWeights(files);
  signal?.throwIfAborted();
  const built = checkedConfig(files, () => architecture.build(task, raw, checkpoint));
  if (!built) {
    const reason = `${raw["model_type"]} has no head for ${task} here`;
    throw new UnsupportedModelError(id, reason, `It has ${architecture.tasks.join(", ")}`);
  }
  const { prefix, weightNames: names } = architecture;
  const bound = bindWeights(built.network, checkpoint, { names, prefix });
  const runtime = options.runtime ?? (await defaultRuntime());
  const session = await runtime.createSession(emit(built.network, bound), {
    signal,
    threads,
    prefer,
  });
  const { config } = built;
  return { config, session, concurrency: threads, unusedWeights: bound.unused };
}

/** The graph of a network: batch and tokens are left open. */
function emit(network: TextNetwork, { weights }: BoundWeights): OnnxModel {
  const graph = new Graph({ weights });
  const ids = (name: string) => graph.input(name, "int32", ["batch", "tokens"]);
  const outputs = network.forward({
    inputIds: ids("input_ids"),
    attentionMask: ids("attention_mask"),
    tokenTypeIds: ids("token_type_ids"),
  });
  for (const [name, tensor] of Object.entries(outputs)) graph.output(name, tensor);
  return graph.build();
}

async function architectureOf(files: PretrainedFiles, modelType: unknown): Promise<Architecture> {
  const found = await findArchitecture(String(modelType));
  if (found) return found;
  throw new UnsupportedModelError(
    files.id,
    modelType === undefined
      ? "its config.json names no model_type"
      : `the model type "${modelType}" is not supported`,
    `Supported model types are ${MODEL_TYPES.join(", ")}`,
  );
}

async function openWeights(files: PretrainedFiles): Promise<Checkpoint> {
  const single = await files.find(WEIGHTS);
  if (single) return readCheckpoint([single]);
  const index = await files.find(SHARD_INDEX);
  if (!index) return noWeights(files);
  const shards: string[] = [];
  for (const name of parseShardIndex(await readFile(index, "utf8"), index)) {
    shards.push(await files.require(name));
  }
  return readCheckpoint(shards);
}

async function noWeights(files: PretrainedFiles): Promise<never> {
  for (const name of ["pytorch_model.bin", "pytorch_model.bin.index.json"]) {
    if (await files.find(name)) {
      throw new UnsupportedModelError(
        files.id,
        `its weights are in ${name}, a pickle that runs code when read`,
        "Save the model as safetensors, or use a revision that has them",
      );
    }
  }
  throw new PretrainedFileMissingError(files.id, WEIGHTS);
}

function checkOptions(id: string, { device, dtype }: ModelOptions): void {
  if (device !== undefined && device !== "cpu") {
    throw new UnsupportedModelError(id, `the device "${device}" is not supported`, 'Use "cpu"');
  }
  if (dtype !== undefined && dtype !== "float32") {
    throw new UnsupportedModelError(
      id,
      `computing in "${dtype}" is not supported`,
      'Use "float32": files of any float dtype load into it',
    );
  }
}
