/** BERT, as in "BERT: Pre-training of Deep Bidirectional Transformers" (Devlin et al. 2018). */
import {
  type Activation,
  activation,
  add,
  Embedding,
  type GraphTensor,
  LayerNorm,
  Linear,
  Module,
  positions,
  SelfAttention,
  select,
  tanh,
} from "@bearhug/nn";
import {
  type Architecture,
  defineArchitecture,
  type GraphOutputs,
  type TextGraphInputs,
  TextNetwork,
} from "../../auto/architecture.ts";
import { type BertConfig, parseBertConfig } from "./config.ts";
import { bertWeightNames } from "./weights.ts";

class BertEmbeddings extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly tokenTypes: Embedding;
  readonly norm: LayerNorm;

  constructor(config: BertConfig) {
    super();
    this.words = new Embedding(config.vocabSize, config.hiddenSize);
    this.positions = new Embedding(config.maxTokens, config.hiddenSize);
    this.tokenTypes = new Embedding(config.typeVocabSize, config.hiddenSize);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  forward({ inputIds, tokenTypeIds }: TextGraphInputs): GraphTensor {
    const tokens = add(this.words.forward(inputIds), this.tokenTypes.forward(tokenTypeIds));
    const places = this.positions.forward(positions(inputIds, 1)); // [tokens, hidden]
    return this.norm.forward(add(tokens, places)); // [batch, tokens, hidden]
  }
}

class BertLayer extends Module {
  readonly attention: SelfAttention;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
  readonly activation: Activation;

  constructor({ hiddenSize, intermediateSize, ...config }: BertConfig) {
    super();
    this.attention = new SelfAttention({ width: hiddenSize, heads: config.numAttentionHeads });
    this.attentionNorm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.intermediate = new Linear({ inFeatures: hiddenSize, outFeatures: intermediateSize });
    this.output = new Linear({ inFeatures: intermediateSize, outFeatures: hiddenSize });
    this.outputNorm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.activation = activation(config.hiddenAct);
  }

  forward(x: GraphTensor, mask: GraphTensor): GraphTensor {
    const attended = this.attentionNorm.forward(add(this.attention.forward(x, mask), x));
    const inner = this.activation(this.intermediate.forward(attended)); // [batch, tokens, intermediate]
    return this.outputNorm.forward(add(this.output.forward(inner), attended));
  }
}

class BertEncoder extends Module {
  readonly embeddings: BertEmbeddings;
  readonly layers: readonly BertLayer[];

  constructor(config: BertConfig) {
    super();
    this.embeddings = new BertEmbeddings(config);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new BertLayer(config));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    const embedded = this.embeddings.forward(inputs);
    return this.layers.reduce((x, layer) => layer.forward(x, inputs.attentionMask), embedded);
  }
}

class BertPooler extends Module {
  readonly dense: Linear;

  constructor({ hiddenSize }: BertConfig) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
  }

  /** [batch, tokens, hidden] to [batch, hidden]: reads the first token. */
  forward(hidden: GraphTensor): GraphTensor {
    return tanh(this.dense.forward(select(hidden, 1, 0)));
  }
}

class BertModel extends TextNetwork {
  readonly encoder: BertEncoder;
  readonly pooler: BertPooler | undefined;

  constructor(config: BertConfig, hasPooler: boolean) {
    super();
    this.encoder = new BertEncoder(config);
    this.pooler = hasPooler ? new BertPooler(config) : undefined;
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const hidden = this.encoder.forward(inputs);
    const outputs = { last_hidden_state: hidden };
    return this.pooler ? { ...outputs, pooler_output: this.pooler.forward(hidden) } : outputs;
  }
}

class BertForSequenceClassification extends TextNetwork {
  readonly encoder: BertEncoder;
  readonly pooler: BertPooler;
  readonly classifier: Linear;

  constructor(config: BertConfig) {
    super();
    this.encoder = new BertEncoder(config);
    this.pooler = new BertPooler(config);
    this.classifier = new Linear({ inFeatures: config.hiddenSize, outFeatures: config.numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classifier.forward(this.pooler.forward(this.encoder.forward(inputs))) };
  }
}

class BertForTokenClassification extends TextNetwork {
  readonly encoder: BertEncoder;
  readonly classifier: Linear;

  constructor(config: BertConfig) {
    super();
    this.encoder = new BertEncoder(config);
    this.classifier = new Linear({ inFeatures: config.hiddenSize, outFeatures: config.numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classifier.forward(this.encoder.forward(inputs)) };
  }
}

class BertForQuestionAnswering extends TextNetwork {
  readonly encoder: BertEncoder;
  readonly spans: Linear;

  constructor(config: BertConfig) {
    super();
    this.encoder = new BertEncoder(config);
    this.spans = new Linear({ inFeatures: config.hiddenSize, outFeatures: 2 });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const spans = this.spans.forward(this.encoder.forward(inputs)); // [batch, tokens, 2]
    return { start_logits: select(spans, 2, 0), end_logits: select(spans, 2, 1) };
  }
}

class BertForMaskedLM extends TextNetwork {
  readonly encoder: BertEncoder;
  readonly transform: Linear;
  readonly norm: LayerNorm;
  readonly decoder: Linear;
  readonly activation: Activation;

  constructor(config: BertConfig) {
    super();
    const { hiddenSize, vocabSize } = config;
    this.encoder = new BertEncoder(config);
    this.transform = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.decoder = new Linear({
      inFeatures: hiddenSize,
      outFeatures: vocabSize,
      weight: config.tieWordEmbeddings ? this.encoder.embeddings.words.weight : undefined,
    });
    this.activation = activation(config.hiddenAct);
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const transformed = this.activation(this.transform.forward(this.encoder.forward(inputs)));
    return { logits: this.decoder.forward(this.norm.forward(transformed)) }; // [batch, tokens, vocabulary]
  }
}

export const bert: Architecture = defineArchitecture({
  parseConfig: parseBertConfig,
  prefix: "bert.",
  weightNames: bertWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "bert.pooler.dense.weight"];
      return new BertModel(
        config,
        names.some((name) => checkpoint.has(name)),
      );
    },
    "sequence-classification": (config) => new BertForSequenceClassification(config),
    "token-classification": (config) => new BertForTokenClassification(config),
    "question-answering": (config) => new BertForQuestionAnswering(config),
    "masked-lm": (config) => new BertForMaskedLM(config),
  },
});
