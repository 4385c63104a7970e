import type { HostTensor } from "@bearhug/nn";
import { PretrainedModel, type RawOutputs } from "../pretrained-model.ts";
import type { ModelTask } from "./architecture.ts";
import { loadNetwork, type ModelOptions } from "./load-network.ts";
import type { LogitsOutput, ModelOutput, SpanOutput } from "./outputs.ts";

/** Loads models of one kind from their original checkpoints. */
export interface AutoModelClass<Output> {
  /**
   * Loads a model from a local directory or from a repository on the Hub. Its weights are used where
   * they lie in `model.safetensors` (or its shards), without conversion.
   *
   * @throws {UnsupportedModelError} naming what this version lacks.
   * @throws {PretrainedFileMissingError} when `config.json` or the weights are missing.
   * @throws {ConfigError} naming the field of `config.json` that is wrong.
   * @throws {CheckpointError} when a file of weights is damaged.
   * @throws {WeightsMismatchError} when the weights are not those of the configuration.
   */
  fromPretrained(id: string, options?: ModelOptions): Promise<PretrainedModel<Output>>;
}

/**
 * Text encoders without a head.
 *
 * @example
 * ```ts
 * await using model = await AutoModel.fromPretrained("sentence-transformers/all-MiniLM-L6-v2");
 * const inputIds = hostTensor("int32", [1, 4], Int32Array.of(101, 7592, 2088, 102));
 * const { lastHiddenState } = await model.forward({ inputIds });
 * lastHiddenState.shape; // [1, 4, 384]
 * ```
 */
export const AutoModel: AutoModelClass<ModelOutput> = autoClass("base", (results) => {
  const lastHiddenState = float32(results, "last_hidden_state");
  if (!results["pooler_output"]) return { lastHiddenState };
  return { lastHiddenState, poolerOutput: float32(results, "pooler_output") };
});

/** Text encoders that score each label for the whole text. */
export const AutoModelForSequenceClassification: AutoModelClass<LogitsOutput> = autoClass(
  "sequence-classification",
  logits,
);

/** Text encoders that score each label for each token. */
export const AutoModelForTokenClassification: AutoModelClass<LogitsOutput> = autoClass(
  "token-classification",
  logits,
);

/** Text encoders that score each word of the vocabulary for each token. */
export const AutoModelForMaskedLM: AutoModelClass<LogitsOutput> = autoClass("masked-lm", logits);

/** Text encoders that score where the answer to a question begins and ends. */
export const AutoModelForQuestionAnswering: AutoModelClass<SpanOutput> = autoClass(
  "question-answering",
  (results) => ({
    startLogits: float32(results, "start_logits"),
    endLogits: float32(results, "end_logits"),
  }),
);

function autoClass<Output>(
  task: ModelTask,
  toOutput: (results: RawOutputs) => Output,
): AutoModelClass<Output> {
  return {
    fromPretrained: async (id, options = {}) =>
      new PretrainedModel(await loadNetwork(id, task, options), toOutput),
  };
}

function logits(results: RawOutputs): LogitsOutput {
  return { logits: float32(results, "logits") };
}

function float32(results: RawOutputs, name: string): HostTensor<"float32"> {
  const tensor = results[name];
  if (tensor?.dtype !== "float32") throw new TypeError(`The model gave no float32 "${name}"`);
  // The dtype was just checked.
  return tensor as HostTensor<"float32">;
}
