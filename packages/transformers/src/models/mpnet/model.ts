/** MPNet (Song et al. 2020): attention knows the distance between tokens, in buckets. */
import {
  activation,
  add,
  cast,
  cumulativeSum,
  Embedding,
  EncoderLayer,
  encode,
  equal,
  type GraphTensor,
  gather,
  hostTensor,
  LayerNorm,
  Module,
  multiply,
  not,
  positions,
  scalar,
  subtract,
  transpose,
  unsqueeze,
} from "@bearhug/nn";
import {
  type Architecture,
  defineArchitecture,
  type TextGraphInputs,
} from "../../auto/architecture.ts";
import {
  AnswerSpans,
  FirstTokenClassifier,
  HeadedEncoder,
  HiddenStates,
  TokenClassifier,
  WordScores,
} from "../heads.ts";
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
  readonly layers: readonly EncoderLayer[];

  constructor(config: MPNetConfig) {
    super();
    this.embeddings = new MPNetEmbeddings(config);
    this.distances = new MPNetDistances(config);
    const layer = {
      width: config.hiddenSize,
      innerWidth: config.intermediateSize,
      heads: config.numAttentionHeads,
      epsilon: config.layerNormEps,
      activation: activation(config.hiddenAct),
    };
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new EncoderLayer(layer));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    const bias = this.distances.forward(inputs.inputIds);
    const context = { mask: inputs.attentionMask, bias };
    return encode(this.layers, this.embeddings.forward(inputs), context);
  }
}

function withWords(config: MPNetConfig): HeadedEncoder {
  const encoder = new MPNetEncoder(config);
  const words = config.tieWordEmbeddings ? encoder.embeddings.words.weight : undefined;
  const { hiddenSize, vocabSize, layerNormEps: epsilon } = config;
  const head = { hiddenSize, vocabSize, epsilon, activation: activation("gelu"), words };
  return new HeadedEncoder(encoder, new WordScores(head));
}

export const mpnet: Architecture = defineArchitecture({
  parseConfig: parseMPNetConfig,
  prefix: "mpnet.",
  weightNames: mpnetWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "mpnet.pooler.dense.weight"];
      const hasPooler = names.some((name) => checkpoint.has(name));
      return new HeadedEncoder(new MPNetEncoder(config), new HiddenStates(config, hasPooler));
    },
    "sequence-classification": (config) =>
      new HeadedEncoder(new MPNetEncoder(config), new FirstTokenClassifier(config)),
    "token-classification": (config) =>
      new HeadedEncoder(new MPNetEncoder(config), new TokenClassifier(config)),
    "question-answering": (config) =>
      new HeadedEncoder(new MPNetEncoder(config), new AnswerSpans(config)),
    "masked-lm": withWords,
  },
});
