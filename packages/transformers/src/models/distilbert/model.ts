/** DistilBERT (Sanh et al. 2019): BERT without token types and pooler. */
import {
  activation,
  add,
  Embedding,
  EncoderLayer,
  encode,
  type GraphTensor,
  LayerNorm,
  Module,
  positions,
  relu,
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

class DistilBertEncoder extends Module {
  readonly embeddings: DistilBertEmbeddings;
  readonly layers: readonly EncoderLayer[];

  constructor(config: DistilBertConfig) {
    super();
    this.embeddings = new DistilBertEmbeddings(config);
    const layer = {
      width: config.hiddenSize,
      innerWidth: config.intermediateSize,
      heads: config.numAttentionHeads,
      epsilon: LAYER_NORM_EPSILON,
      activation: activation(config.hiddenAct),
    };
    this.layers = Array.from({ length: config.numHiddenLayers }, () => new EncoderLayer(layer));
  }

  /** [batch, tokens, hidden]. */
  forward(inputs: TextGraphInputs): GraphTensor {
    return encode(this.layers, this.embeddings.forward(inputs), { mask: inputs.attentionMask });
  }
}

function withWords(config: DistilBertConfig): HeadedEncoder {
  const encoder = new DistilBertEncoder(config);
  const words = config.tieWordEmbeddings ? encoder.embeddings.words.weight : undefined;
  const { hiddenSize, vocabSize } = config;
  const head = {
    hiddenSize,
    vocabSize,
    epsilon: LAYER_NORM_EPSILON,
    activation: activation(config.hiddenAct),
    words,
  };
  return new HeadedEncoder(encoder, new WordScores(head));
}

export const distilBert: Architecture = defineArchitecture({
  parseConfig: parseDistilBertConfig,
  prefix: "distilbert.",
  weightNames: distilBertWeightNames,
  networks: {
    base: (config) => new HeadedEncoder(new DistilBertEncoder(config), new HiddenStates(config)),
    "sequence-classification": (config) =>
      new HeadedEncoder(new DistilBertEncoder(config), new FirstTokenClassifier(config, relu)),
    "token-classification": (config) =>
      new HeadedEncoder(new DistilBertEncoder(config), new TokenClassifier(config)),
    "question-answering": (config) =>
      new HeadedEncoder(new DistilBertEncoder(config), new AnswerSpans(config)),
    "masked-lm": withWords,
  },
});
