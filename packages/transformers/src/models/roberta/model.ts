/** RoBERTa (Liu et al. 2019), and XLM-RoBERTa and CamemBERT, which have the same architecture. */
import {
  type Activation,
  activation,
  add,
  cast,
  cumulativeSum,
  Embedding,
  equal,
  type GraphTensor,
  gelu,
  LayerNorm,
  Linear,
  Module,
  multiply,
  not,
  SelfAttention,
  scalar,
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
import { parseRobertaConfig, type RobertaConfig } from "./config.ts";
import { robertaWeightNames } from "./weights.ts";

class RobertaEmbeddings extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly tokenTypes: Embedding;
  readonly norm: LayerNorm;
  readonly padTokenId: number;

  constructor(config: RobertaConfig) {
    super();
    this.padTokenId = config.padTokenId;
    this.words = new Embedding(config.vocabSize, config.hiddenSize);
    this.positions = new Embedding(config.maxPositions, config.hiddenSize);
    this.tokenTypes = new Embedding(config.typeVocabSize, config.hiddenSize);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  forward({ inputIds, tokenTypeIds }: TextGraphInputs): GraphTensor {
    const tokens = add(this.words.forward(inputIds), this.tokenTypes.forward(tokenTypeIds));
    const places = this.positions.forward(this.#positions(inputIds));
    return this.norm.forward(add(tokens, places)); // [batch, tokens, hidden]
  }

  /** Tokens are counted from `padTokenId + 1`; padding, which is not counted, is at `padTokenId`. */
  #positions(inputIds: GraphTensor): GraphTensor {
    const isToken = cast(not(equal(inputIds, scalar(inputIds, this.padTokenId))), "int32");
    const counted = multiply(cumulativeSum(isToken, 1), isToken); // [batch, tokens]
    return add(counted, scalar(counted, this.padTokenId));
  }
}

class RobertaLayer extends Module {
  readonly attention: SelfAttention;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
  readonly activation: Activation;

  constructor({ hiddenSize, intermediateSize, ...config }: RobertaConfig) {
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

class RobertaEncoder extends Module {
  readonly embeddings: RobertaEmbeddings;
  readonly layers: readonly RobertaLayer[];

  constructor(config: RobertaConfig) {
    super();
    this.embeddings = new RobertaEmbeddings(config);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new RobertaLayer(config));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    const embedded = this.embeddings.forward(inputs);
    return this.layers.reduce((x, layer) => layer.forward(x, inputs.attentionMask), embedded);
  }
}

class RobertaPooler extends Module {
  readonly dense: Linear;

  constructor({ hiddenSize }: RobertaConfig) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
  }

  /** [batch, tokens, hidden] to [batch, hidden]: reads the first token. */
  forward(hidden: GraphTensor): GraphTensor {
    return tanh(this.dense.forward(select(hidden, 1, 0)));
  }
}

class RobertaModel extends TextNetwork {
  readonly encoder: RobertaEncoder;
  readonly pooler: RobertaPooler | undefined;

  constructor(config: RobertaConfig, hasPooler: boolean) {
    super();
    this.encoder = new RobertaEncoder(config);
    this.pooler = hasPooler ? new RobertaPooler(config) : undefined;
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const hidden = this.encoder.forward(inputs);
    const outputs = { last_hidden_state: hidden };
    return this.pooler ? { ...outputs, pooler_output: this.pooler.forward(hidden) } : outputs;
  }
}

class RobertaClassificationHead extends Module {
  readonly dense: Linear;
  readonly output: Linear;

  constructor({ hiddenSize, numLabels }: RobertaConfig) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.output = new Linear({ inFeatures: hiddenSize, outFeatures: numLabels });
  }

  /** [batch, tokens, hidden] to [batch, labels]: reads the first token. */
  forward(hidden: GraphTensor): GraphTensor {
    return this.output.forward(tanh(this.dense.forward(select(hidden, 1, 0))));
  }
}

class RobertaForSequenceClassification extends TextNetwork {
  readonly encoder: RobertaEncoder;
  readonly classification: RobertaClassificationHead;

  constructor(config: RobertaConfig) {
    super();
    this.encoder = new RobertaEncoder(config);
    this.classification = new RobertaClassificationHead(config);
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classification.forward(this.encoder.forward(inputs)) };
  }
}

class RobertaForTokenClassification extends TextNetwork {
  readonly encoder: RobertaEncoder;
  readonly classifier: Linear;

  constructor(config: RobertaConfig) {
    super();
    this.encoder = new RobertaEncoder(config);
    this.classifier = new Linear({ inFeatures: config.hiddenSize, outFeatures: config.numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classifier.forward(this.encoder.forward(inputs)) };
  }
}

class RobertaForQuestionAnswering extends TextNetwork {
  readonly encoder: RobertaEncoder;
  readonly spans: Linear;

  constructor(config: RobertaConfig) {
    super();
    this.encoder = new RobertaEncoder(config);
    this.spans = new Linear({ inFeatures: config.hiddenSize, outFeatures: 2 });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const spans = this.spans.forward(this.encoder.forward(inputs)); // [batch, tokens, 2]
    return { start_logits: select(spans, 2, 0), end_logits: select(spans, 2, 1) };
  }
}

class RobertaForMaskedLM extends TextNetwork {
  readonly encoder: RobertaEncoder;
  readonly transform: Linear;
  readonly norm: LayerNorm;
  readonly decoder: Linear;

  constructor(config: RobertaConfig) {
    super();
    const { hiddenSize, vocabSize } = config;
    this.encoder = new RobertaEncoder(config);
    this.transform = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.norm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.decoder = new Linear({
      inFeatures: hiddenSize,
      outFeatures: vocabSize,
      weight: config.tieWordEmbeddings ? this.encoder.embeddings.words.weight : undefined,
    });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const transformed = gelu(this.transform.forward(this.encoder.forward(inputs)));
    return { logits: this.decoder.forward(this.norm.forward(transformed)) }; // [batch, tokens, vocabulary]
  }
}

export const roberta: Architecture = defineArchitecture({
  parseConfig: parseRobertaConfig,
  prefix: "roberta.",
  weightNames: robertaWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "roberta.pooler.dense.weight"];
      return new RobertaModel(
        config,
        names.some((name) => checkpoint.has(name)),
      );
    },
    "sequence-classification": (config) => new RobertaForSequenceClassification(config),
    "token-classification": (config) => new RobertaForTokenClassification(config),
    "question-answering": (config) => new RobertaForQuestionAnswering(config),
    "masked-lm": (config) => new RobertaForMaskedLM(config),
  },
});
