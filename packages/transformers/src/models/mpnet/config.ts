import { type JsonObject, optional, parseBoolean, parseNumber, parseString } from "@bearhug/core";
import {
  checkHeads,
  parsePretrainedConfig,
  positiveInteger,
  type TextEncoderConfig,
} from "../../auto/config.ts";

export interface MPNetConfig extends TextEncoderConfig {
  readonly intermediateSize: number;
  /** Rows in the table of positions. */
  readonly maxPositions: number;
  readonly relativeAttentionNumBuckets: number;
  readonly hiddenAct: string;
  readonly layerNormEps: number;
  readonly tieWordEmbeddings: boolean;
}

/** Source: `MPNetConfig` in transformers 5.23, whose defaults these are. */
export function parseMPNetConfig(raw: JsonObject): MPNetConfig {
  const maxPositions = positiveInteger(raw, "max_position_embeddings", 512);
  const config: MPNetConfig = {
    ...parsePretrainedConfig(raw),
    vocabSize: positiveInteger(raw, "vocab_size", 30527),
    hiddenSize: positiveInteger(raw, "hidden_size", 768),
    numHiddenLayers: positiveInteger(raw, "num_hidden_layers", 12),
    numAttentionHeads: positiveInteger(raw, "num_attention_heads", 12),
    intermediateSize: positiveInteger(raw, "intermediate_size", 3072),
    maxPositions,
    // Positions are counted from 2: the reference keeps 0 and 1 for padding.
    maxTokens: maxPositions - 2,
    relativeAttentionNumBuckets: positiveInteger(raw, "relative_attention_num_buckets", 32),
    padTokenId: optional(raw["pad_token_id"], "config.pad_token_id", parseNumber) ?? 1,
    hiddenAct: optional(raw["hidden_act"], "config.hidden_act", parseString) ?? "gelu",
    layerNormEps: optional(raw["layer_norm_eps"], "config.layer_norm_eps", parseNumber) ?? 1e-12,
    tieWordEmbeddings:
      optional(raw["tie_word_embeddings"], "config.tie_word_embeddings", parseBoolean) ?? true,
  };
  checkHeads(config);
  return config;
}
