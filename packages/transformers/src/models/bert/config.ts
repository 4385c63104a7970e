import { type JsonObject, optional, parseBoolean, parseNumber, parseString } from "@bearhug/core";
import {
  checkHeads,
  parsePretrainedConfig,
  positiveInteger,
  type TextEncoderConfig,
} from "../../auto/config.ts";

export interface BertConfig extends TextEncoderConfig {
  readonly intermediateSize: number;
  readonly typeVocabSize: number;
  readonly hiddenAct: string;
  readonly layerNormEps: number;
  readonly tieWordEmbeddings: boolean;
}

/** Source: `BertConfig` in transformers 5.23, whose defaults these are. */
export function parseBertConfig(raw: JsonObject): BertConfig {
  const config: BertConfig = {
    ...parsePretrainedConfig(raw),
    vocabSize: positiveInteger(raw, "vocab_size", 30522),
    hiddenSize: positiveInteger(raw, "hidden_size", 768),
    numHiddenLayers: positiveInteger(raw, "num_hidden_layers", 12),
    numAttentionHeads: positiveInteger(raw, "num_attention_heads", 12),
    intermediateSize: positiveInteger(raw, "intermediate_size", 3072),
    maxTokens: positiveInteger(raw, "max_position_embeddings", 512),
    typeVocabSize: positiveInteger(raw, "type_vocab_size", 2),
    padTokenId: optional(raw["pad_token_id"], "config.pad_token_id", parseNumber) ?? 0,
    hiddenAct: optional(raw["hidden_act"], "config.hidden_act", parseString) ?? "gelu",
    layerNormEps: optional(raw["layer_norm_eps"], "config.layer_norm_eps", parseNumber) ?? 1e-12,
    tieWordEmbeddings:
      optional(raw["tie_word_embeddings"], "config.tie_word_embeddings", parseBoolean) ?? true,
  };
  checkHeads(config);
  return config;
}
