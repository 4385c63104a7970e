/** What stands behind an encoder, shared by the families that follow BERT. Heads know hidden states, and no encoder. */
import {
  type Activation,
  type GraphTensor,
  LayerNorm,
  Linear,
  Module,
  type Parameter,
  select,
  tanh,
} from "@bearhug/nn";
import { type GraphOutputs, type TextGraphInputs, TextNetwork } from "../auto/architecture.ts";

/** Token ids to hidden states [batch, tokens, hidden]. */
export interface TextEncoder extends Module {
  forward(inputs: TextGraphInputs): GraphTensor;
}

/** Hidden states [batch, tokens, hidden] to results. */
export interface TextHead extends Module {
  forward(hidden: GraphTensor): GraphOutputs;
}

export class HeadedEncoder extends TextNetwork {
  readonly encoder: TextEncoder;
  readonly head: TextHead;

  constructor(encoder: TextEncoder, head: TextHead) {
    super();
    this.encoder = encoder;
    this.head = head;
  }

  forward(inputs: TextGraphInputs): GraphOutputs {
    return this.head.forward(this.encoder.forward(inputs));
  }
}

interface Sizes {
  readonly hiddenSize: number;
  readonly numLabels: number;
}

/** The hidden states themselves and, with `pooler`, one vector [batch, hidden] made of the first token. */
export class HiddenStates extends Module implements TextHead {
  readonly pooler: Linear | undefined;

  constructor({ hiddenSize }: Pick<Sizes, "hiddenSize">, hasPooler = false) {
    super();
    const sizes = { inFeatures: hiddenSize, outFeatures: hiddenSize };
    this.pooler = hasPooler ? new Linear(sizes) : undefined;
  }

  forward(hidden: GraphTensor): GraphOutputs {
    const outputs = { last_hidden_state: hidden };
    if (!this.pooler) return outputs;
    return { ...outputs, pooler_output: tanh(this.pooler.forward(select(hidden, 1, 0))) };
  }
}

/** Scores of the labels for the whole text, [batch, labels], read from the first token. */
export class FirstTokenClassifier extends Module implements TextHead {
  readonly dense: Linear;
  readonly output: Linear;
  readonly activation: Activation;

  constructor({ hiddenSize, numLabels }: Sizes, activation: Activation = tanh) {
    super();
    this.dense = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.output = new Linear({ inFeatures: hiddenSize, outFeatures: numLabels });
    this.activation = activation;
  }

  forward(hidden: GraphTensor): GraphOutputs {
    const first = select(hidden, 1, 0); // [batch, hidden]
    return { logits: this.output.forward(this.activation(this.dense.forward(first))) };
  }
}

/** Scores of the labels for each token, [batch, tokens, labels]. */
export class TokenClassifier extends Module implements TextHead {
  readonly classifier: Linear;

  constructor({ hiddenSize, numLabels }: Sizes) {
    super();
    this.classifier = new Linear({ inFeatures: hiddenSize, outFeatures: numLabels });
  }

  forward(hidden: GraphTensor): GraphOutputs {
    return { logits: this.classifier.forward(hidden) };
  }
}

/** Scores of each token as the first, and as the last, of an answer: [batch, tokens] both. */
export class AnswerSpans extends Module implements TextHead {
  readonly spans: Linear;

  constructor({ hiddenSize }: Pick<Sizes, "hiddenSize">) {
    super();
    this.spans = new Linear({ inFeatures: hiddenSize, outFeatures: 2 });
  }

  forward(hidden: GraphTensor): GraphOutputs {
    const spans = this.spans.forward(hidden); // [batch, tokens, 2]
    return { start_logits: select(spans, 2, 0), end_logits: select(spans, 2, 1) };
  }
}

export interface WordScoresOptions {
  readonly hiddenSize: number;
  readonly vocabSize: number;
  /** Of the normalization. */
  readonly epsilon: number;
  readonly activation: Activation;
  /** The encoder's table of words [vocabulary, hidden], where the head uses the same. */
  readonly words: Parameter | undefined;
}

/** Scores of each word for each token: [batch, tokens, vocabulary]. */
export class WordScores extends Module implements TextHead {
  readonly transform: Linear;
  readonly norm: LayerNorm;
  readonly decoder: Linear;
  readonly activation: Activation;

  constructor({ hiddenSize, vocabSize, epsilon, activation, words }: WordScoresOptions) {
    super();
    this.transform = new Linear({ inFeatures: hiddenSize, outFeatures: hiddenSize });
    this.norm = new LayerNorm(hiddenSize, epsilon);
    this.decoder = new Linear({ inFeatures: hiddenSize, outFeatures: vocabSize, weight: words });
    this.activation = activation;
  }

  forward(hidden: GraphTensor): GraphOutputs {
    const transformed = this.norm.forward(this.activation(this.transform.forward(hidden)));
    return { logits: this.decoder.forward(transformed) };
  }
}
