/** What every engine does around a run: check the inputs, and tell the outputs' sizes where they follow from them. */
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
 * The tensors that a run writes into: those given, new ones where the size follows from the inputs,
 * and `undefined` where only the engine can tell.
 *
 * @throws {FeedError} when one that is given does not fit.
 */
export function placeOutputs(
  outputs: readonly ValueInfo[],
  sizes: AxisSizes,
  given: Readonly<Record<string, HostTensor>> = {},
): readonly (HostTensor | undefined)[] {
  for (const name of Object.keys(given)) {
    if (!outputs.some((output) => output.name === name)) {
      throw new FeedError(name, "the graph has no such output", `It has ${listNames(outputs)}`);
    }
  }
  return outputs.map((output) => {
    const shape = knownShape(output, sizes);
    const place = given[output.name];
    if (!place) return shape && allocateTensor(output.dtype, shape);
    checkFeed({ ...output, shape: shape ?? output.shape }, place, new Map(sizes));
    return place;
  });
}

function knownShape(output: ValueInfo, sizes: AxisSizes): readonly number[] | undefined {
  const shape: number[] = [];
  for (const dim of output.shape) {
    const size = typeof dim === "number" ? dim : sizes.get(dim);
    if (size === undefined) return undefined;
    shape.push(size);
  }
  return shape;
}

function describeDim(dim: number | string, sizes: AxisSizes): string {
  if (typeof dim === "number") return String(dim);
  const size = sizes.get(dim);
  return size === undefined ? dim : `${dim} = ${size}`;
}

function listNames(inputs: readonly ValueInfo[]): string {
  return inputs.map(({ name }) => `"${name}"`).join(", ");
}
