/** DistilBERT (Sanh et al. 2019): BERT without token types and pooler. */
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
  relu,
  SelfAttention,
  select,
} from "@bearhug/nn";
import {
  type Architecture,
  defineArchitecture,
  type GraphOutputs,
  type TextGraphInputs,
  TextNetwork,
} from "../../auto/architecture.ts";
import { type DistilBertConfig, parseDistilBertConfig } from "./config.ts";
import { distilBertWeightNames } from "./weights.ts";

/** The reference fixes it for this family. */
const LAYER_NORM_EPSILON = 1e-12;

class DistilBertEmbeddings extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly norm: LayerNorm;

  constructor(config: DistilBertConfig) {
    super();
    this.words = new Embedding(config.vocabSize, config.hiddenSize);
    this.positions = new Embedding(config.maxTokens, config.hiddenSize);
    this.norm = new LayerNorm(config.hiddenSize, LAYER_NORM_EPSILON);
  }

  forward({ inputIds }: TextGraphInputs): GraphTensor {
    const tokens = this.words.forward(inputIds);
    const places = this.positions.forward(positions(inputIds, 1)); // [tokens, hidden]
    return this.norm.forward(add(tokens, places)); // [batch, tokens, hidden]
  }
}

class DistilBertLayer extends Module {
  readonly attention: SelfAttention;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
  readonly activation: Activation;

  constructor({ hiddenSize, intermediateSize, ...config }: DistilBertConfig) {
    super();
    this.attention = new SelfAttention({ width: hiddenSize, heads: config.numAttentionHeads });
    this.attentionNorm = new LayerNorm(hiddenSize, LAYER_NORM_EPSILON);
    this.intermediate = new Linear({ inFeatures: hiddenSize, outFeatures: intermediateSize });
    this.output = new Linear({ inFeatures: intermediateSize, outFeatures: hiddenSize });
    this.outputNorm = new LayerNorm(hiddenSize, LAYER_NORM_EPSILON);
    this.activation = activation(config.hiddenAct);
  }

  forward(x: GraphTensor, mask: GraphTensor): GraphTensor {
    const attended = this.attentionNorm.forward(add(this.attention.forward(x, mask), x));
    const inner = this.activation(this.intermediate.forward(attended)); // [batch, tokens, intermediate]
    return this.outputNorm.forward(add(this.output.forward(inner), attended));
  }
}

class DistilBertEncoder extends Module {
  readonly embeddings: DistilBertEmbeddings;
  readonly layers: readonly DistilBertLayer[];

  constructor(config: DistilBertConfig) {
    super();
    this.embeddings = new DistilBertEmbeddings(config);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new DistilBertLayer(config));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    const embedded = this.embeddings.forward(inputs);
    return this.layers.reduce((x, layer) => layer.forward(x, inputs.attentionMask), embedded);
  }
}

class DistilBertModel extends TextNetwork {
  readonly encoder: DistilBertEncoder;

  constructor(config: DistilBertConfig) {
    super();
    this.encoder = new DistilBertEncoder(config);
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { last_hidden_state: this.encoder.forward(inputs) };
  }
}

class DistilBertForSequenceClassification extends TextNetwork {
  readonly encoder: DistilBertEncoder;
  readonly preClassifier: Linear;
  readonly classifier: Linear;

  constructor(config: DistilBertConfig) {
    super();
    const { hiddenSize, numLabels } = config;
    this.encoder = new DistilBertEncoder(config);
    this.preClassifier = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.classifier = new Linear({ inFeatures: hiddenSize, outFeatures: numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const first = select(this.encoder.forward(inputs), 1, 0); // [batch, hidden]
    return { logits: this.classifier.forward(relu(this.preClassifier.forward(first))) };
  }
}

class DistilBertForTokenClassification extends TextNetwork {
  readonly encoder: DistilBertEncoder;
  readonly classifier: Linear;

  constructor(config: DistilBertConfig) {
    super();
    this.encoder = new DistilBertEncoder(config);
    this.classifier = new Linear({ inFeatures: config.hiddenSize, outFeatures: config.numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classifier.forward(this.encoder.forward(inputs)) };
  }
}

class DistilBertForQuestionAnswering extends TextNetwork {
  readonly encoder: DistilBertEncoder;
  readonly spans: Linear;

  constructor(config: DistilBertConfig) {
    super();
    this.encoder = new DistilBertEncoder(config);
    this.spans = new Linear({ inFeatures: config.hiddenSize, outFeatures: 2 });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const spans = this.spans.forward(this.encoder.forward(inputs)); // [batch, tokens, 2]
    return { start_logits: select(spans, 2, 0), end_logits: select(spans, 2, 1) };
  }
}

class DistilBertForMaskedLM extends TextNetwork {
  readonly encoder: DistilBertEncoder;
  readonly transform: Linear;
  readonly norm: LayerNorm;
  readonly decoder: Linear;
  readonly activation: Activation;

  constructor(config: DistilBertConfig) {
    super();
    const { hiddenSize, vocabSize } = config;
    this.encoder = new DistilBertEncoder(config);
    this.transform = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.norm = new LayerNorm(hiddenSize, LAYER_NORM_EPSILON);
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

export const distilBert: Architecture = defineArchitecture({
  parseConfig: parseDistilBertConfig,
  prefix: "distilbert.",
  weightNames: distilBertWeightNames,
  networks: {
    base: (config) => new DistilBertModel(config),
    "sequence-classification": (config) => new DistilBertForSequenceClassification(config),
    "token-classification": (config) => new DistilBertForTokenClassification(config),
    "question-answering": (config) => new DistilBertForQuestionAnswering(config),
    "masked-lm": (config) => new DistilBertForMaskedLM(config),
  },
});
