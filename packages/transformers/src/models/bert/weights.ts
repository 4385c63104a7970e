import type { WeightNames } from "@bearhug/nn";

/** Where each module's weights stand in a checkpoint; those of the bare encoder lack the `bert.`. */
export const bertWeightNames: WeightNames = {
  "encoder.embeddings.words": "bert.embeddings.word_embeddings",
  "encoder.embeddings.positions": "bert.embeddings.position_embeddings",
  "encoder.embeddings.tokenTypes": "bert.embeddings.token_type_embeddings",
  "encoder.embeddings.norm": "bert.embeddings.LayerNorm",
  "encoder.layers.*.attention.query": "bert.encoder.layer.*.attention.self.query",
  "encoder.layers.*.attention.key": "bert.encoder.layer.*.attention.self.key",
  "encoder.layers.*.attention.value": "bert.encoder.layer.*.attention.self.value",
  "encoder.layers.*.attention.output": "bert.encoder.layer.*.attention.output.dense",
  "encoder.layers.*.attentionNorm": "bert.encoder.layer.*.attention.output.LayerNorm",
  "encoder.layers.*.intermediate": "bert.encoder.layer.*.intermediate.dense",
  "encoder.layers.*.output": "bert.encoder.layer.*.output.dense",
  "encoder.layers.*.outputNorm": "bert.encoder.layer.*.output.LayerNorm",
  "head.pooler": "bert.pooler.dense",
  "head.dense": "bert.pooler.dense",
  "head.output": "classifier",
  "head.classifier": "classifier",
  "head.spans": "qa_outputs",
  "head.transform": "cls.predictions.transform.dense",
  "head.norm": "cls.predictions.transform.LayerNorm",
  "head.decoder.weight": "cls.predictions.decoder.weight",
  "head.decoder.bias": ["cls.predictions.decoder.bias", "cls.predictions.bias"],
};
