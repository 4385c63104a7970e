/** MPNet (Song et al. 2020): attention knows the distance between tokens, in buckets. */
import {
  type Activation,
  activation,
  add,
  cast,
  cumulativeSum,
  Embedding,
  equal,
  type GraphTensor,
  gather,
  gelu,
  hostTensor,
  LayerNorm,
  Linear,
  Module,
  multiply,
  not,
  positions,
  SelfAttention,
  scalar,
  select,
  subtract,
  tanh,
  transpose,
  unsqueeze,
} from "@bearhug/nn";
import {
  type Architecture,
  defineArchitecture,
  type GraphOutputs,
  type TextGraphInputs,
  TextNetwork,
} from "../../auto/architecture.ts";
import { type MPNetConfig, parseMPNetConfig } from "./config.ts";
import { distanceBuckets } from "./distance-buckets.ts";
import { mpnetWeightNames } from "./weights.ts";

/** The id of padding, which the reference fixes for this family. */
const PADDING = 1;

class MPNetEmbeddings extends Module {
  readonly words: Embedding;
  readonly positions: Embedding;
  readonly norm: LayerNorm;

  constructor(config: MPNetConfig) {
    super();
    this.words = new Embedding(config.vocabSize, config.hiddenSize);
    this.positions = new Embedding(config.maxPositions, config.hiddenSize);
    this.norm = new LayerNorm(config.hiddenSize, config.layerNormEps);
  }

  forward({ inputIds }: TextGraphInputs): GraphTensor {
    const tokens = this.words.forward(inputIds);
    const places = this.positions.forward(this.#positions(inputIds));
    return this.norm.forward(add(tokens, places)); // [batch, tokens, hidden]
  }

  /** Tokens are counted from `PADDING + 1`; padding, which is not counted, is at `PADDING`. */
  #positions(inputIds: GraphTensor): GraphTensor {
    const isToken = cast(not(equal(inputIds, scalar(inputIds, PADDING))), "int32");
    const counted = multiply(cumulativeSum(isToken, 1), isToken); // [batch, tokens]
    return add(counted, scalar(counted, PADDING));
  }
}

class MPNetLayer extends Module {
  readonly attention: SelfAttention;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
  readonly activation: Activation;

  constructor({ hiddenSize, intermediateSize, ...config }: MPNetConfig) {
    super();
    this.attention = new SelfAttention({ width: hiddenSize, heads: config.numAttentionHeads });
    this.attentionNorm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.intermediate = new Linear({ inFeatures: hiddenSize, outFeatures: intermediateSize });
    this.output = new Linear({ inFeatures: intermediateSize, outFeatures: hiddenSize });
    this.outputNorm = new LayerNorm(hiddenSize, config.layerNormEps);
    this.activation = activation(config.hiddenAct);
  }

  /** `bias` is [1, heads, tokens, tokens]. */
  forward(x: GraphTensor, mask: GraphTensor, bias: GraphTensor): GraphTensor {
    const attended = this.attentionNorm.forward(add(this.attention.forward(x, mask, bias), x));
    const inner = this.activation(this.intermediate.forward(attended)); // [batch, tokens, intermediate]
    return this.outputNorm.forward(add(this.output.forward(inner), attended));
  }
}

/** What the distance between two tokens adds to each head's score. */
class MPNetDistances extends Module {
  readonly biases: Embedding;
  readonly maxTokens: number;
  readonly buckets: number;

  constructor(config: MPNetConfig) {
    super();
    this.biases = new Embedding(config.relativeAttentionNumBuckets, config.numAttentionHeads);
    this.maxTokens = config.maxTokens;
    this.buckets = config.relativeAttentionNumBuckets;
  }

  /** For inputs [batch, tokens]: [1, heads, tokens, tokens]. */
  forward(inputIds: GraphTensor): GraphTensor {
    const table = distanceBuckets(this.maxTokens, this.buckets);
    const buckets = inputIds.graph.constant(hostTensor("int64", [table.length], table));
    const at = positions(inputIds, 1); // [tokens]
    const distance = subtract(unsqueeze(at, 0), unsqueeze(at, 1)); // [tokens, tokens]
    const row = add(distance, scalar(distance, this.maxTokens - 1));
    const biases = this.biases.forward(gather(buckets, row)); // [tokens, tokens, heads]
    return unsqueeze(transpose(biases, [2, 0, 1]), 0);
  }
}

class MPNetEncoder extends Module {
  readonly embeddings: MPNetEmbeddings;
  readonly distances: MPNetDistances;
  readonly layers: readonly MPNetLayer[];

  constructor(config: MPNetConfig) {
    super();
    this.embeddings = new MPNetEmbeddings(config);
    this.distances = new MPNetDistances(config);
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new MPNetLayer(config));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    const embedded = this.embeddings.forward(inputs);
    const bias = this.distances.forward(inputs.inputIds);
    const { attentionMask } = inputs;
    return this.layers.reduce((x, layer) => layer.forward(x, attentionMask, bias), embedded);
  }
}

class MPNetPooler extends Module {
  readonly dense: Linear;

  constructor({ hiddenSize }: MPNetConfig) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
  }

  /** [batch, tokens, hidden] to [batch, hidden]: reads the first token. */
  forward(hidden: GraphTensor): GraphTensor {
    return tanh(this.dense.forward(select(hidden, 1, 0)));
  }
}

class MPNetModel extends TextNetwork {
  readonly encoder: MPNetEncoder;
  readonly pooler: MPNetPooler | undefined;

  constructor(config: MPNetConfig, hasPooler: boolean) {
    super();
    this.encoder = new MPNetEncoder(config);
    this.pooler = hasPooler ? new MPNetPooler(config) : undefined;
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const hidden = this.encoder.forward(inputs);
    const outputs = { last_hidden_state: hidden };
    return this.pooler ? { ...outputs, pooler_output: this.pooler.forward(hidden) } : outputs;
  }
}

class MPNetClassificationHead extends Module {
  readonly dense: Linear;
  readonly output: Linear;

  constructor({ hiddenSize, numLabels }: MPNetConfig) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.output = new Linear({ inFeatures: hiddenSize, outFeatures: numLabels });
  }

  /** [batch, tokens, hidden] to [batch, labels]: reads the first token. */
  forward(hidden: GraphTensor): GraphTensor {
    return this.output.forward(tanh(this.dense.forward(select(hidden, 1, 0))));
  }
}

class MPNetForSequenceClassification extends TextNetwork {
  readonly encoder: MPNetEncoder;
  readonly classification: MPNetClassificationHead;

  constructor(config: MPNetConfig) {
    super();
    this.encoder = new MPNetEncoder(config);
    this.classification = new MPNetClassificationHead(config);
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classification.forward(this.encoder.forward(inputs)) };
  }
}

class MPNetForTokenClassification extends TextNetwork {
  readonly encoder: MPNetEncoder;
  readonly classifier: Linear;

  constructor(config: MPNetConfig) {
    super();
    this.encoder = new MPNetEncoder(config);
    this.classifier = new Linear({ inFeatures: config.hiddenSize, outFeatures: config.numLabels });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return { logits: this.classifier.forward(this.encoder.forward(inputs)) };
  }
}

class MPNetForQuestionAnswering extends TextNetwork {
  readonly encoder: MPNetEncoder;
  readonly spans: Linear;

  constructor(config: MPNetConfig) {
    super();
    this.encoder = new MPNetEncoder(config);
    this.spans = new Linear({ inFeatures: config.hiddenSize, outFeatures: 2 });
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    const spans = this.spans.forward(this.encoder.forward(inputs)); // [batch, tokens, 2]
    return { start_logits: select(spans, 2, 0), end_logits: select(spans, 2, 1) };
  }
}

class MPNetForMaskedLM extends TextNetwork {
  readonly encoder: MPNetEncoder;
  readonly transform: Linear;
  readonly norm: LayerNorm;
  readonly decoder: Linear;

  constructor(config: MPNetConfig) {
    super();
    const { hiddenSize, vocabSize } = config;
    this.encoder = new MPNetEncoder(config);
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

export const mpnet: Architecture = defineArchitecture({
  parseConfig: parseMPNetConfig,
  prefix: "mpnet.",
  weightNames: mpnetWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "mpnet.pooler.dense.weight"];
      return new MPNetModel(
        config,
        names.some((name) => checkpoint.has(name)),
      );
    },
    "sequence-classification": (config) => new MPNetForSequenceClassification(config),
    "token-classification": (config) => new MPNetForTokenClassification(config),
    "question-answering": (config) => new MPNetForQuestionAnswering(config),
    "masked-lm": (config) => new MPNetForMaskedLM(config),
  },
});
