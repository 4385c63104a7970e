/** BERT, as in "BERT: Pre-training of Deep Bidirectional Transformers" (Devlin et al. 2018). */
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

class BertEncoder extends Module {
  readonly embeddings: BertEmbeddings;
  readonly layers: readonly EncoderLayer[];

  constructor(config: BertConfig) {
    super();
    this.embeddings = new BertEmbeddings(config);
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
    return encode(this.layers, this.embeddings.forward(inputs), { mask: inputs.attentionMask });
  }
}

function withWords(config: BertConfig): HeadedEncoder {
  const encoder = new BertEncoder(config);
  const words = config.tieWordEmbeddings ? encoder.embeddings.words.weight : undefined;
  const { hiddenSize, vocabSize, layerNormEps: epsilon } = config;
  const head = { hiddenSize, vocabSize, epsilon, activation: activation(config.hiddenAct), words };
  return new HeadedEncoder(encoder, new WordScores(head));
}

export const bert: Architecture = defineArchitecture({
  parseConfig: parseBertConfig,
  prefix: "bert.",
  weightNames: bertWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "bert.pooler.dense.weight"];
      const hasPooler = names.some((name) => checkpoint.has(name));
      return new HeadedEncoder(new BertEncoder(config), new HiddenStates(config, hasPooler));
    },
    "sequence-classification": (config) =>
      new HeadedEncoder(new BertEncoder(config), new FirstTokenClassifier(config)),
    "token-classification": (config) =>
      new HeadedEncoder(new BertEncoder(config), new TokenClassifier(config)),
    "question-answering": (config) =>
      new HeadedEncoder(new BertEncoder(config), new AnswerSpans(config)),
    "masked-lm": withWords,
  },
});
