import type { GraphTensor } from "../graph/graph.ts";
import { Parameter } from "../graph/parameter.ts";
import { cast } from "../ops/elementwise.ts";
import { gather } from "../ops/gather.ts";
import { Module } from "./module.ts";

/** A table of vectors, `weight` [rows, width], read by index. */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(rows: number, width: number) {
    super();
    this.weight = new Parameter([rows, width]);
  }

  /** Indices […] to vectors […, width]. Only the rows used are read and converted to float32. */
  forward(indices: GraphTensor): GraphTensor {
    return cast(gather(indices.graph.parameter(this.weight), indices), "float32");
  }
}
