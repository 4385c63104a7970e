/** Collects the nodes of a computation. It knows ONNX's names for things, but no layer and no model. */
import type { DType } from "@bearhug/core";
import { bytesOf, type HostTensor } from "../host-tensor.ts";
import { attribute } from "../onnx/attributes.ts";
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValue } from "../onnx/model.ts";
import { writeModel } from "../onnx/writer.ts";
import type { OnnxModel } from "../runtime/runtime.ts";
import { locate } from "./external-data.ts";
import type { Parameter, StoredTensor, Weights } from "./parameter.ts";
import type { Shape, TensorType } from "./shapes.ts";

/** A value that a graph will compute: its type is known, its numbers are not. */
export interface GraphTensor extends TensorType {
  readonly graph: Graph;
  /** Its name inside the graph. */
  readonly name: string;
}

export interface GraphOptions {
  /** The numbers of the parameters that modules use. */
  readonly weights?: Weights | undefined;
  /**
   * `"fused"` (default) may use operators of ONNX Runtime that do the work of several; `"portable"`
   * only standard ones.
   */
  readonly kernels?: "fused" | "portable" | undefined;
}

export interface NodeSpec {
  readonly type: string;
  /** Empty (default) for the standard operators. */
  readonly domain?: string | undefined;
  /** `undefined` leaves an optional input out. */
  readonly inputs: readonly (GraphTensor | undefined)[];
  readonly attributes?: readonly OnnxAttribute[] | undefined;
}

/**
 * A graph under construction.
 *
 * @example
 * ```ts
 * const graph = new Graph();
 * const x = graph.input("x", "float32", ["batch", 4]);
 * graph.output("y", relu(x));
 * await using session = await (await defaultRuntime()).createSession(graph.build());
 * ```
 */
export class Graph {
  readonly kernels: "fused" | "portable";
  readonly #weights: Weights;
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #constants = new Map<string, { tensor: GraphTensor; stored: StoredTensor }>();
  readonly #parameters = new Map<Parameter, { tensor: GraphTensor; stored: StoredTensor }>();
  /** What results are called outside, by the name that nodes know them by. */
  readonly #renamed = new Map<string, string>();
  readonly #shared = new Map<string, GraphTensor>();
  readonly #sizes = new Map<string, GraphTensor>();
  #names = 0;

  constructor({ weights = new Map(), kernels = "fused" }: GraphOptions = {}) {
    this.#weights = weights;
    this.kernels = kernels;
  }

  /** Declares an input; a string in the shape is an axis whose size only a run knows. */
  input(name: string, dtype: DType, shape: Shape): GraphTensor {
    this.#inputs.push({ name, dtype, shape });
    const tensor = { graph: this, name, dtype, shape };
    for (const [axis, dim] of shape.entries()) {
      if (typeof dim === "string" && !this.#sizes.has(dim))
        this.#sizes.set(dim, sizeOf(tensor, axis));
    }
    return tensor;
  }

  /** The size of an axis that an input named, as int64 [1]. */
  size(dim: string): GraphTensor {
    const size = this.#sizes.get(dim);
    if (!size) throw new TypeError(`Cannot tell the size of axis "${dim}": no input has it`);
    return size;
  }

  /** Declares that `tensor` is a result, called `name`. */
  output(name: string, tensor: GraphTensor): void {
    const { dtype, shape } = this.#own(tensor);
    const node = this.#nodes.find(({ outputs }) => outputs.includes(tensor.name));
    if (node && !this.#renamed.has(tensor.name)) this.#renamed.set(tensor.name, name);
    else this.#nodes.push(identity(tensor.name, name));
    this.#outputs.push({ name, dtype, shape });
  }

  /** A value known now; equal values are kept once. */
  constant({ dtype, shape, data }: HostTensor): GraphTensor {
    const key = `${dtype}[${shape}]${data.join()}`;
    const known = this.#constants.get(key);
    if (known) return known.tensor;
    const tensor = { graph: this, name: this.#newName("constant"), dtype, shape };
    this.#constants.set(key, {
      tensor,
      stored: { dtype, shape, data: bytesOf({ dtype, shape, data }) },
    });
    return tensor;
  }

  /** A parameter's numbers, in the dtype that they are stored in. */
  parameter(parameter: Parameter): GraphTensor {
    const known = this.#parameters.get(parameter);
    if (known) return known.tensor;
    const stored = this.#weights.get(parameter);
    if (!stored)
      throw new TypeError("Cannot use a parameter that the graph was given no weight for");
    const { dtype, shape } = stored;
    const tensor = { graph: this, name: this.#newName("weight"), dtype, shape };
    this.#parameters.set(parameter, { tensor, stored });
    return tensor;
  }

  /** Appends a node with one result of the given type. */
  emit(spec: NodeSpec, { dtype, shape }: TensorType): GraphTensor {
    const { type, domain = "", inputs, attributes = [] } = spec;
    const name = this.#newName(type);
    this.#nodes.push({
      type,
      domain,
      name,
      inputs: inputs.map((input) => (input ? this.#own(input).name : "")),
      outputs: [name],
      attributes,
    });
    return { graph: this, name, dtype, shape };
  }

  /** The graph as ONNX; weights that lie in files stay there. */
  build(): OnnxModel {
    const stored = [...this.#constants.values(), ...this.#parameters.values()];
    const { directory, locations } = locate(stored.map((entry) => entry.stored));
    const initializers = stored.map(({ tensor, stored: { dtype, shape, data } }): OnnxTensor => {
      if (data instanceof Uint8Array) return { name: tensor.name, dtype, shape, data };
      const { path, offset, sizeBytes } = data;
      const location = locations.get(path) ?? path;
      return { name: tensor.name, dtype, shape, data: { location, offset, sizeBytes } };
    });
    const bytes = writeModel({
      name: "graph",
      nodes: this.#nodes.map((node) => this.#rename(node)),
      initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
    return { bytes, weightsDirectory: directory };
  }

  /** `make()`'s result, made once for each `key`: for small values that many nodes read. */
  once(key: string, make: () => GraphTensor): GraphTensor {
    const known = this.#shared.get(key);
    if (known) return known;
    const tensor = make();
    this.#shared.set(key, tensor);
    return tensor;
  }

  #own(tensor: GraphTensor): GraphTensor {
    if (tensor.graph === this) return tensor;
    throw new TypeError(`Cannot use "${tensor.name}" here: it belongs to another graph`);
  }

  #rename(node: OnnxNode): OnnxNode {
    const outside = (name: string) => this.#renamed.get(name) ?? name;
    return { ...node, inputs: node.inputs.map(outside), outputs: node.outputs.map(outside) };
  }

  #newName(stem: string): string {
    this.#names++;
    return `${stem}_${this.#names}`;
  }
}

function sizeOf(tensor: GraphTensor, axis: number): GraphTensor {
  const attributes = [attribute.int("start", axis), attribute.int("end", axis + 1)];
  return tensor.graph.emit(
    { type: "Shape", inputs: [tensor], attributes },
    { dtype: "int64", shape: [1] },
  );
}

function identity(from: string, to: string): OnnxNode {
  const name = `output:${to}`;
  return { type: "Identity", domain: "", name, inputs: [from], outputs: [to], attributes: [] };
}
