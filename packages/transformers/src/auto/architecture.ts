/** What a model's folder offers to the Auto classes. */
import type { JsonObject } from "@bearhug/core";
import { type Checkpoint, type GraphTensor, Module, type WeightNames } from "@bearhug/nn";
import type { TextEncoderConfig } from "./config.ts";

/** What a model is loaded for. */
export type ModelTask =
  | "base"
  | "sequence-classification"
  | "token-classification"
  | "question-answering"
  | "masked-lm";

/** The inputs of a text encoder's graph, all int32 [batch, tokens]. */
export interface TextGraphInputs {
  readonly inputIds: GraphTensor;
  readonly attentionMask: GraphTensor;
  readonly tokenTypeIds: GraphTensor;
}

/** Results by the names that exported ONNX models give them, such as `last_hidden_state`. */
export type GraphOutputs = Readonly<Record<string, GraphTensor>>;

/** A text encoder with or without a head. */
export abstract class TextNetwork extends Module {
  abstract forward(inputs: TextGraphInputs): GraphOutputs;
}

export interface ArchitectureSpec<Config extends TextEncoderConfig> {
  /** @throws {TypeError} naming the field that is wrong. */
  readonly parseConfig: (raw: JsonObject) => Config;
  /** What the reference puts before the encoder's weights in checkpoints with a head. */
  readonly prefix: string;
  readonly weightNames: WeightNames;
  /** The base model may leave out a pooler that the checkpoint lacks. */
  readonly networks: Readonly<
    Partial<Record<ModelTask, (config: Config, checkpoint: Checkpoint) => TextNetwork>>
  >;
}

export interface BuiltNetwork {
  readonly config: TextEncoderConfig;
  readonly network: TextNetwork;
}

/** A model family, with its configuration's type put away. */
export interface Architecture {
  readonly prefix: string;
  readonly weightNames: WeightNames;
  readonly tasks: readonly ModelTask[];
  readonly parseConfig: (raw: JsonObject) => TextEncoderConfig;
  /** `undefined` when the family has no head for the task. */
  build(task: ModelTask, raw: JsonObject, checkpoint: Checkpoint): BuiltNetwork | undefined;
}

export function defineArchitecture<Config extends TextEncoderConfig>(
  spec: ArchitectureSpec<Config>,
): Architecture {
  const { networks, parseConfig, prefix, weightNames } = spec;
  return {
    prefix,
    weightNames,
    // The keys of an object are the keys of its type here: the specs are literals.
    tasks: Object.keys(networks) as ModelTask[],
    parseConfig,
    build: (task, raw, checkpoint) => {
      const config = parseConfig(raw);
      const network = networks[task]?.(config, checkpoint);
      return network && { config, network };
    },
  };
}
