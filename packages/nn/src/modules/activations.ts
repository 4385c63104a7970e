import { UnsupportedOperationError } from "../errors.ts";
import type { GraphTensor } from "../graph/graph.ts";
import { gelu, multiply, relu, scalar, sigmoid, tanh } from "../ops/elementwise.ts";

export type Activation = (x: GraphTensor) => GraphTensor;

/** The names that configurations use. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: (x) => gelu(x),
  gelu_new: (x) => gelu(x, "tanh"),
  gelu_fast: (x) => gelu(x, "tanh"),
  gelu_pytorch_tanh: (x) => gelu(x, "tanh"),
  gelu_python: (x) => gelu(x),
  quick_gelu: (x) => multiply(x, sigmoid(multiply(x, scalar(x, 1.702)))),
  relu,
  relu2: (x) => multiply(relu(x), relu(x)),
  sigmoid,
  silu: (x) => multiply(x, sigmoid(x)),
  swish: (x) => multiply(x, sigmoid(x)),
  linear: (x) => x,
  tanh,
};

/**
 * The activation that a configuration names.
 *
 * @throws {UnsupportedOperationError} for names without one here.
 *
 * Source: `ACT2FN` in transformers' `activations.py`.
 */
export function activation(name: string): Activation {
  const found = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (found) return found;
  const known = Object.keys(ACTIVATIONS).map((each) => `"${each}"`);
  throw new UnsupportedOperationError(
    `Cannot use the activation "${name}"`,
    `Known ones are ${known.join(", ")}`,
  );
}
