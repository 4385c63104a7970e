import type { GraphTensor } from "../graph/graph.ts";
import { Parameter } from "../graph/parameter.ts";
import { cast } from "../ops/elementwise.ts";
import { linear } from "../ops/matmul.ts";
import { Module } from "./module.ts";

export interface LinearOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Default true. */
  readonly bias?: boolean | undefined;
  /** A weight [out, in] that another module has, too. */
  readonly weight?: Parameter | undefined;
}

/** x · weightᵀ + bias, with `weight` [out, in] and `bias` [out]. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor({ inFeatures, outFeatures, bias = true, weight }: LinearOptions) {
    super();
    this.weight = weight ?? new Parameter([outFeatures, inFeatures]);
    this.bias = bias ? new Parameter([outFeatures]) : undefined;
  }

  /** […, in] to […, out]. */
  forward(x: GraphTensor): GraphTensor {
    const weight = cast(x.graph.parameter(this.weight), x.dtype);
    const bias = this.bias ? cast(x.graph.parameter(this.bias), x.dtype) : undefined;
    return linear(x, weight, bias);
  }
}
