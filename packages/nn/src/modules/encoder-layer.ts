import type { GraphTensor } from "../graph/graph.ts";
import { productDim } from "../graph/shapes.ts";
import { add } from "../ops/elementwise.ts";
import { reshape } from "../ops/movement.ts";
import type { Activation } from "./activations.ts";
import { SelfAttention } from "./attention.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";

export interface EncoderLayerOptions {
  readonly width: number;
  /** Width between the two linear layers that follow attention. */
  readonly innerWidth: number;
  readonly heads: number;
  /** Of both normalizations. */
  readonly epsilon: number;
  readonly activation: Activation;
}

/** What all layers of an encoder see beside the tokens. */
export interface EncoderContext {
  /** [batch, tokens], int32: 1 for a token, 0 for padding. */
  readonly mask: GraphTensor;
  /** Added to the scores of attention: [1, heads, tokens, tokens]. */
  readonly bias?: GraphTensor | undefined;
}

/**
 * A layer of the encoder of "Attention Is All You Need", section 3.1: attention, then two linear layers; what each
 * half adds is normalized together with what it was added to.
 */
export class EncoderLayer extends Module {
  readonly attention: SelfAttention;
  readonly attentionNorm: LayerNorm;
  readonly intermediate: Linear;
  readonly output: Linear;
  readonly outputNorm: LayerNorm;
  readonly activation: Activation;

  constructor({ width, innerWidth, heads, epsilon, activation }: EncoderLayerOptions) {
    super();
    this.attention = new SelfAttention({ width, heads });
    this.attentionNorm = new LayerNorm(width, epsilon);
    this.intermediate = new Linear({ inFeatures: width, outFeatures: innerWidth });
    this.output = new Linear({ inFeatures: innerWidth, outFeatures: width });
    this.outputNorm = new LayerNorm(width, epsilon);
    this.activation = activation;
  }

  /** Tokens as [batch, tokens, width], or all in rows, [batch · tokens, width]; the result likewise. */
  forward(x: GraphTensor, { mask, bias }: EncoderContext): GraphTensor {
    const attended = this.attentionNorm.forward(add(this.attention.forward(x, mask, bias), x));
    const inner = this.activation(this.intermediate.forward(attended)); // […, innerWidth]
    return this.outputNorm.forward(add(this.output.forward(inner), attended)); // […, width]
  }
}

/**
 * Layers one after the other, [batch, tokens, width] to the same. In between all tokens lie in the rows of one
 * matrix, as the products want them.
 */
export function encode(
  layers: readonly EncoderLayer[],
  x: GraphTensor,
  context: EncoderContext,
): GraphTensor {
  const [width = 1] = x.shape.slice(-1);
  const rows = reshape(x, [productDim(x.shape.slice(0, -1)), width]);
  const encoded = layers.reduce((y, layer) => layer.forward(y, context), rows);
  return reshape(encoded, x.shape);
}
