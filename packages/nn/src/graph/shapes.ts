import type { DType } from "@bearhug/core";
import { ShapeError } from "../errors.ts";

/** The size of an axis: a number, or the name of one that only a run knows (`"batch"`). */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** The shape and dtype that an operation's result has. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** An axis counted from the end when negative, as an index from 0. */
export function resolveAxis(axis: number, shape: Shape, operation: string): number {
  const index = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(index) && index >= 0 && index < shape.length) return index;
  throw new ShapeError(
    `Cannot ${operation} along axis ${axis}: ${formatShape(shape)} has ${shape.length} axes`,
    [shape],
  );
}

/**
 * The shape of an element-wise operation: axes are matched from the last; each pair must be equal,
 * or one of them 1.
 *
 * @throws {ShapeError} naming both shapes and the axis of each that differs.
 */
export function broadcast(left: Shape, right: Shape, operation: string): Shape {
  const rank = Math.max(left.length, right.length);
  const shape: Dim[] = [];
  for (let fromEnd = rank; fromEnd >= 1; fromEnd--) {
    const a = left.at(-fromEnd) ?? 1;
    const b = right.at(-fromEnd) ?? 1;
    if (a !== b && a !== 1 && b !== 1) {
      throw mismatch(operation, { left, right, axes: [-fromEnd, -fromEnd] });
    }
    shape.push(a === 1 ? b : a);
  }
  return shape;
}

export interface Mismatch {
  readonly left: Shape;
  readonly right: Shape;
  /** The axis of each that does not fit, counted from the end (-1 is the last). */
  readonly axes: readonly [number, number];
}

/** The error for two axes that must be equal and are not. */
export function mismatch(operation: string, { left, right, axes }: Mismatch): ShapeError {
  const [leftAxis, rightAxis] = axes;
  return new ShapeError(
    `Cannot ${operation} ${formatShape(left)} and ${formatShape(right)}: axis ${leftAxis} of the first is ` +
      `${left.at(leftAxis)}, axis ${rightAxis} of the second is ${right.at(rightAxis)}`,
    [left, right],
  );
}

/** The number of elements, as a number times the product of the named axes. */
export interface ElementCount {
  readonly factor: number;
  /** Sorted, so that equal products read equal. */
  readonly names: readonly string[];
}

export function countElements(shape: Shape): ElementCount {
  let factor = 1;
  const names: string[] = [];
  for (const part of shape.flatMap((dim) => String(dim).split("*"))) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else names.push(part);
  }
  return { factor, names: names.sort() };
}

/** An axis that takes the place of several neighbours: `batch*tokens`. */
export function productDim(dims: Shape): Dim {
  const { factor, names } = countElements(dims);
  if (names.length === 0) return factor;
  return factor === 1 ? names.join("*") : `${factor}*${names.join("*")}`;
}
