/** What every engine does around a run: check the inputs, and tell the outputs' sizes where they follow from them. */
import type { DType } from "@bearhug/core";
import { FeedError } from "../errors.ts";
import { allocateTensor, elementCount, type HostTensor } from "../host-tensor.ts";
import type { ValueInfo } from "./runtime.ts";

/** The sizes that a run gives to named axes. */
export type AxisSizes = ReadonlyMap<string, number>;

/**
 * Checks what is fed against what the graph declares.
 *
 * @throws {FeedError} naming the input and what is wrong with it.
 */
export function checkFeeds(
  inputs: readonly ValueInfo[],
  feeds: Readonly<Record<string, HostTensor>>,
): AxisSizes {
  const sizes = new Map<string, number>();
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((input) => input.name === name)) {
      throw new FeedError(name, "the graph has no such input", `It has ${listNames(inputs)}`);
    }
  }
  for (const input of inputs) {
    const tensor = feeds[input.name];
    if (!tensor)
      throw new FeedError(input.name, "it is missing", `Give all of ${listNames(inputs)}`);
    checkFeed(input, tensor, sizes);
  }
  return sizes;
}

function checkFeed(input: ValueInfo, tensor: HostTensor, sizes: Map<string, number>): void {
  const { name, dtype, shape } = input;
  if (tensor.dtype !== dtype) throw new FeedError(name, `it must be ${dtype}, got ${tensor.dtype}`);
  if (tensor.data.length !== elementCount(tensor.shape)) {
    const text = `${tensor.data.length} elements do not fill the shape [${tensor.shape}]`;
    throw new FeedError(name, text);
  }
  const wrong = (): FeedError =>
    new FeedError(
      name,
      `its shape must be [${shape.map((dim) => describeDim(dim, sizes)).join(", ")}], got [${tensor.shape.join(", ")}]`,
    );
  if (tensor.shape.length !== shape.length) throw wrong();
  for (const [axis, dim] of shape.entries()) {
    const size = tensor.shape[axis] ?? 0;
    const known = typeof dim === "number" ? dim : sizes.get(dim);
    if (known !== undefined && known !== size) throw wrong();
    if (typeof dim === "string" && dim !== "") sizes.set(dim, size);
  }
}

/**
 * A tensor for an output whose size follows from the inputs, for the engine to write into, or
 * `undefined` where only the engine can tell.
 */
export function allocateOutput(output: ValueInfo, sizes: AxisSizes): HostTensor<DType> | undefined {
  const shape: number[] = [];
  for (const dim of output.shape) {
    const size = typeof dim === "number" ? dim : sizes.get(dim);
    if (size === undefined) return undefined;
    shape.push(size);
  }
  return allocateTensor(output.dtype, shape);
}

function describeDim(dim: number | string, sizes: AxisSizes): string {
  if (typeof dim === "number") return String(dim);
  const size = sizes.get(dim);
  return size === undefined ? dim : `${dim} = ${size}`;
}

function listNames(inputs: readonly ValueInfo[]): string {
  return inputs.map(({ name }) => `"${name}"`).join(", ");
}
