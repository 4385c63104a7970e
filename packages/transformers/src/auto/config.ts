import {
  type JsonObject,
  optional,
  parseInteger,
  parseObject,
  parseString,
  parseStrings,
} from "@bearhug/core";

/** What every model's `config.json` says, in our spelling; `raw` is all of it, as it stands there. */
export interface PretrainedConfig {
  readonly modelType: string;
  /** Names of the classes in the reference that the checkpoint was saved from. */
  readonly architectures: readonly string[];
  readonly numLabels: number;
  /** The name of each label, by its index in the logits. */
  readonly id2label: readonly string[];
  readonly label2id: Readonly<Record<string, number>>;
  /** `"single_label_classification"`, `"multi_label_classification"` or `"regression"`, when stated. */
  readonly problemType?: string | undefined;
  readonly raw: JsonObject;
}

/** What a text encoder's configuration says on top. */
export interface TextEncoderConfig extends PretrainedConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** The most tokens that a sequence may have. */
  readonly maxTokens: number;
  readonly padTokenId: number;
}

const POSITIVE = { min: 1 } as const;
const DEFAULT_LABELS = 2;

/** @throws {TypeError} naming the field that has the wrong type. */
export function parsePretrainedConfig(value: unknown): PretrainedConfig {
  const raw = parseObject(value, "config");
  const id2label = parseLabels(raw);
  return {
    modelType: parseString(raw["model_type"], "config.model_type"),
    architectures: optional(raw["architectures"], "config.architectures", parseStrings) ?? [],
    numLabels: id2label.length,
    id2label,
    label2id: Object.fromEntries(id2label.map((label, id) => [label, id])),
    problemType: optional(raw["problem_type"], "config.problem_type", parseString),
    raw,
  };
}

/** A positive integer field, or the reference's default where the field is absent. */
export function positiveInteger(raw: JsonObject, field: string, fallback: number): number {
  const parse = (value: unknown, path: string) => parseInteger(value, path, POSITIVE);
  return optional(raw[field], `config.${field}`, parse) ?? fallback;
}

/**
 * Checks that the width can be split evenly among the heads.
 *
 * @throws {RangeError} when it cannot.
 */
export function checkHeads(config: TextEncoderConfig): void {
  if (config.hiddenSize % config.numAttentionHeads === 0) return;
  throw new RangeError(
    `config: the hidden size ${config.hiddenSize} is not a multiple of ${config.numAttentionHeads} attention heads`,
  );
}

/** `id2label` is an object with numbers as keys; without it there are `num_labels` unnamed ones. */
function parseLabels(raw: JsonObject): readonly string[] {
  const given = optional(raw["id2label"], "config.id2label", parseObject);
  if (!given) {
    const count = positiveInteger(raw, "num_labels", DEFAULT_LABELS);
    return Array.from({ length: count }, (_, id) => `LABEL_${id}`);
  }
  return Array.from({ length: Object.keys(given).length }, (_, id) =>
    parseString(given[id], `config.id2label["${id}"]`),
  );
}
