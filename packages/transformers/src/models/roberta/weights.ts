import type { WeightNames } from "@bearhug/nn";

/** Where each module's weights stand in a checkpoint; those of the bare encoder lack the `roberta.`. */
export const robertaWeightNames: WeightNames = {
  "encoder.embeddings.words": "roberta.embeddings.word_embeddings",
  "encoder.embeddings.positions": "roberta.embeddings.position_embeddings",
  "encoder.embeddings.tokenTypes": "roberta.embeddings.token_type_embeddings",
  "encoder.embeddings.norm": "roberta.embeddings.LayerNorm",
  "encoder.layers.*.attention.query": "roberta.encoder.layer.*.attention.self.query",
  "encoder.layers.*.attention.key": "roberta.encoder.layer.*.attention.self.key",
  "encoder.layers.*.attention.value": "roberta.encoder.layer.*.attention.self.value",
  "encoder.layers.*.attention.output": "roberta.encoder.layer.*.attention.output.dense",
  "encoder.layers.*.attentionNorm": "roberta.encoder.layer.*.attention.output.LayerNorm",
  "encoder.layers.*.intermediate": "roberta.encoder.layer.*.intermediate.dense",
  "encoder.layers.*.output": "roberta.encoder.layer.*.output.dense",
  "encoder.layers.*.outputNorm": "roberta.encoder.layer.*.output.LayerNorm",
  "head.pooler": "roberta.pooler.dense",
  "head.dense": "classifier.dense",
  "head.output": "classifier.out_proj",
  "head.classifier": "classifier",
  "head.spans": "qa_outputs",
  "head.transform": "lm_head.dense",
  "head.norm": "lm_head.layer_norm",
  "head.decoder.weight": "lm_head.decoder.weight",
  "head.decoder.bias": ["lm_head.decoder.bias", "lm_head.bias"],
};
