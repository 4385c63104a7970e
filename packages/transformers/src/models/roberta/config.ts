import {
  type JsonObject,
  optional,
  parseBoolean,
  parseInteger,
  parseNumber,
  parseString,
} from "@bearhug/core";
import {
  checkHeads,
  parsePretrainedConfig,
  positiveInteger,
  type TextEncoderConfig,
} from "../../auto/config.ts";

export interface RobertaConfig extends TextEncoderConfig {
  readonly intermediateSize: number;
  /** Rows in the table of positions. */
  readonly maxPositions: number;
  readonly typeVocabSize: number;
  readonly hiddenAct: string;
  readonly layerNormEps: number;
  readonly tieWordEmbeddings: boolean;
}

/** Source: `RobertaConfig` in transformers 5.23, whose defaults these are. */
export function parseRobertaConfig(raw: JsonObject): RobertaConfig {
  const maxPositions = positiveInteger(raw, "max_position_embeddings", 512);
  const padTokenId = optional(raw["pad_token_id"], "config.pad_token_id", parseIndex) ?? 1;
  const config: RobertaConfig = {
    ...parsePretrainedConfig(raw),
    vocabSize: positiveInteger(raw, "vocab_size", 50265),
    hiddenSize: positiveInteger(raw, "hidden_size", 768),
    numHiddenLayers: positiveInteger(raw, "num_hidden_layers", 12),
    numAttentionHeads: positiveInteger(raw, "num_attention_heads", 12),
    intermediateSize: positiveInteger(raw, "intermediate_size", 3072),
    maxPositions,
    // Positions are counted from the one after the padding's.
    maxTokens: maxPositions - padTokenId - 1,
    typeVocabSize: positiveInteger(raw, "type_vocab_size", 2),
    padTokenId,
    hiddenAct: optional(raw["hidden_act"], "config.hidden_act", parseString) ?? "gelu",
    layerNormEps: optional(raw["layer_norm_eps"], "config.layer_norm_eps", parseNumber) ?? 1e-12,
    tieWordEmbeddings:
      optional(raw["tie_word_embeddings"], "config.tie_word_embeddings", parseBoolean) ?? true,
  };
  checkHeads(config);
  return config;
}

function parseIndex(value: unknown, path: string): number {
  return parseInteger(value, path, { min: 0 });
}
