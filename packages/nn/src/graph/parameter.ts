import type { DType } from "@bearhug/core";

/** A weight that a module declares; which numbers it holds, a checkpoint says. */
export class Parameter {
  readonly shape: readonly number[];

  constructor(shape: readonly number[]) {
    this.shape = shape;
  }
}

/** Numbers for a parameter: in memory, or where in a file they lie. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | FileRegion;
}

export interface FileRegion {
  /** Real path of the file: absolute, with no symbolic link in it. */
  readonly path: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Gives each parameter its numbers. */
export type Weights = ReadonlyMap<Parameter, StoredTensor>;
