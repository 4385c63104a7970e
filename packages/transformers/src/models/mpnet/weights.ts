import type { WeightNames } from "@bearhug/nn";

/** Where each module's weights stand in a checkpoint; those of the bare encoder lack the `mpnet.`. */
export const mpnetWeightNames: WeightNames = {
  "encoder.embeddings.words": "mpnet.embeddings.word_embeddings",
  "encoder.embeddings.positions": "mpnet.embeddings.position_embeddings",
  "encoder.embeddings.norm": "mpnet.embeddings.LayerNorm",
  "encoder.distances.biases": "mpnet.encoder.relative_attention_bias",
  "encoder.layers.*.attention.query": "mpnet.encoder.layer.*.attention.attn.q",
  "encoder.layers.*.attention.key": "mpnet.encoder.layer.*.attention.attn.k",
  "encoder.layers.*.attention.value": "mpnet.encoder.layer.*.attention.attn.v",
  "encoder.layers.*.attention.output": "mpnet.encoder.layer.*.attention.attn.o",
  "encoder.layers.*.attentionNorm": "mpnet.encoder.layer.*.attention.LayerNorm",
  "encoder.layers.*.intermediate": "mpnet.encoder.layer.*.intermediate.dense",
  "encoder.layers.*.output": "mpnet.encoder.layer.*.output.dense",
  "encoder.layers.*.outputNorm": "mpnet.encoder.layer.*.output.LayerNorm",
  "head.pooler": "mpnet.pooler.dense",
  "head.dense": "classifier.dense",
  "head.output": "classifier.out_proj",
  "head.classifier": "classifier",
  "head.spans": "qa_outputs",
  "head.transform": "lm_head.dense",
  "head.norm": "lm_head.layer_norm",
  "head.decoder.weight": "lm_head.decoder.weight",
  "head.decoder.bias": ["lm_head.decoder.bias", "lm_head.bias"],
};
