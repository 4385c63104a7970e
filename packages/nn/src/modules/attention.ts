import type { GraphTensor } from "../graph/graph.ts";
import { attention } from "../ops/attention.ts";
import { reshape } from "../ops/movement.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

export interface SelfAttentionOptions {
  readonly width: number;
  readonly heads: number;
}

/** Attention of a sequence to itself, in both directions: four linear layers of `width` and {@link attention}. */
export class SelfAttention extends Module {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly heads: number;

  constructor({ width, heads }: SelfAttentionOptions) {
    super();
    const sizes = { inFeatures: width, outFeatures: width };
    this.query = new Linear(sizes);
    this.key = new Linear(sizes);
    this.value = new Linear(sizes);
    this.output = new Linear(sizes);
    this.heads = heads;
  }

  /**
   * @param x [batch, tokens, width], or all tokens in rows: [batch · tokens, width]. The result has the same shape.
   * @param mask [batch, tokens], int32: 1 for a token, 0 for padding.
   * @param bias added to the scores: [1, heads, tokens, tokens].
   */
  forward(x: GraphTensor, mask: GraphTensor, bias?: GraphTensor): GraphTensor {
    const [width = 1] = x.shape.slice(-1);
    const inSequences = (rows: GraphTensor): GraphTensor =>
      rows.shape.length === 2 ? reshape(rows, [...mask.shape, width]) : rows;
    const mixed = attention({
      query: inSequences(this.query.forward(x)),
      key: inSequences(this.key.forward(x)),
      value: inSequences(this.value.forward(x)),
      heads: this.heads,
      mask,
      bias,
    }); // [batch, tokens, width]
    return this.output.forward(x.shape.length === 2 ? reshape(mixed, x.shape) : mixed);
  }
}
