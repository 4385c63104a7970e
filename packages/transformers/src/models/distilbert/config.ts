import { type JsonObject, optional, parseBoolean, parseNumber, parseString } from "@bearhug/core";
import {
  checkHeads,
  parsePretrainedConfig,
  positiveInteger,
  type TextEncoderConfig,
} from "../../auto/config.ts";

export interface DistilBertConfig extends TextEncoderConfig {
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly tieWordEmbeddings: boolean;
}

/** Source: `DistilBertConfig` in transformers 5.23, whose defaults these are. */
export function parseDistilBertConfig(raw: JsonObject): DistilBertConfig {
  const config: DistilBertConfig = {
    ...parsePretrainedConfig(raw),
    vocabSize: positiveInteger(raw, "vocab_size", 30522),
    hiddenSize: positiveInteger(raw, "dim", 768),
    numHiddenLayers: positiveInteger(raw, "n_layers", 6),
    numAttentionHeads: positiveInteger(raw, "n_heads", 12),
    intermediateSize: positiveInteger(raw, "hidden_dim", 3072),
    maxTokens: positiveInteger(raw, "max_position_embeddings", 512),
    padTokenId: optional(raw["pad_token_id"], "config.pad_token_id", parseNumber) ?? 0,
    hiddenAct: optional(raw["activation"], "config.activation", parseString) ?? "gelu",
    tieWordEmbeddings:
      optional(raw["tie_word_embeddings"], "config.tie_word_embeddings", parseBoolean) ?? true,
  };
  checkHeads(config);
  return config;
}
