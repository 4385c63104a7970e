/** RoBERTa (Liu et al. 2019), and XLM-RoBERTa and CamemBERT, which have the same architecture. */
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
  LayerNorm,
  Module,
  multiply,
  not,
  scalar,
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

class RobertaEncoder extends Module {
  readonly embeddings: RobertaEmbeddings;
  readonly layers: readonly EncoderLayer[];

  constructor(config: RobertaConfig) {
    super();
    this.embeddings = new RobertaEmbeddings(config);
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

function withWords(config: RobertaConfig): HeadedEncoder {
  const encoder = new RobertaEncoder(config);
  const words = config.tieWordEmbeddings ? encoder.embeddings.words.weight : undefined;
  const { hiddenSize, vocabSize, layerNormEps: epsilon } = config;
  const head = { hiddenSize, vocabSize, epsilon, activation: activation("gelu"), words };
  return new HeadedEncoder(encoder, new WordScores(head));
}

export const roberta: Architecture = defineArchitecture({
  parseConfig: parseRobertaConfig,
  prefix: "roberta.",
  weightNames: robertaWeightNames,
  networks: {
    base: (config, checkpoint) => {
      const names = ["pooler.dense.weight", "roberta.pooler.dense.weight"];
      const hasPooler = names.some((name) => checkpoint.has(name));
      return new HeadedEncoder(new RobertaEncoder(config), new HiddenStates(config, hasPooler));
    },
    "sequence-classification": (config) =>
      new HeadedEncoder(new RobertaEncoder(config), new FirstTokenClassifier(config)),
    "token-classification": (config) =>
      new HeadedEncoder(new RobertaEncoder(config), new TokenClassifier(config)),
    "question-answering": (config) =>
      new HeadedEncoder(new RobertaEncoder(config), new AnswerSpans(config)),
    "masked-lm": withWords,
  },
});
