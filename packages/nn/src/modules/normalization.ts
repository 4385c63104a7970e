import type { Graph, GraphTensor } from "../graph/graph.ts";
import { Parameter } from "../graph/parameter.ts";
import { cast } from "../ops/elementwise.ts";
import { type LayerNormWeights, layerNorm } from "../ops/normalization.ts";
import { Module } from "./module.ts";

/** Layer normalization over the last axis, with `weight` and `bias` [width]. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly epsilon: number;

  constructor(width: number, epsilon: number) {
    super();
    this.weight = new Parameter([width]);
    this.bias = new Parameter([width]);
    this.epsilon = epsilon;
  }

  forward(x: GraphTensor): GraphTensor {
    return layerNorm(x, this.#weights(x.graph));
  }

  #weights(graph: Graph): LayerNormWeights {
    return {
      scale: cast(graph.parameter(this.weight), "float32"),
      shift: cast(graph.parameter(this.bias), "float32"),
      epsilon: this.epsilon,
    };
  }
}
