import type { WeightNames } from "@bearhug/nn";

/** Where each module's weights stand in a checkpoint; those of the bare encoder lack the `distilbert.`. */
export const distilBertWeightNames: WeightNames = {
  "encoder.embeddings.words": "distilbert.embeddings.word_embeddings",
  "encoder.embeddings.positions": "distilbert.embeddings.position_embeddings",
  "encoder.embeddings.norm": "distilbert.embeddings.LayerNorm",
  "encoder.layers.*.attention.query": "distilbert.transformer.layer.*.attention.q_lin",
  "encoder.layers.*.attention.key": "distilbert.transformer.layer.*.attention.k_lin",
  "encoder.layers.*.attention.value": "distilbert.transformer.layer.*.attention.v_lin",
  "encoder.layers.*.attention.output": "distilbert.transformer.layer.*.attention.out_lin",
  "encoder.layers.*.attentionNorm": "distilbert.transformer.layer.*.sa_layer_norm",
  "encoder.layers.*.intermediate": "distilbert.transformer.layer.*.ffn.lin1",
  "encoder.layers.*.output": "distilbert.transformer.layer.*.ffn.lin2",
  "encoder.layers.*.outputNorm": "distilbert.transformer.layer.*.output_layer_norm",
  "head.dense": "pre_classifier",
  "head.output": "classifier",
  "head.classifier": "classifier",
  "head.spans": "qa_outputs",
  "head.transform": "vocab_transform",
  "head.norm": "vocab_layer_norm",
  "head.decoder": "vocab_projector",
};
