/** The part of ONNX's `ModelProto` that this project writes and reads, as plain data. */
import type { DType } from "@bearhug/core";

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly type: string;
  /** Empty for the standard operators. */
  readonly domain: string;
  readonly name: string;
  /** An empty name leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

export type OnnxAttribute =
  | { readonly type: "float"; readonly name: string; readonly value: number }
  | { readonly type: "int"; readonly name: string; readonly value: number }
  | { readonly type: "string"; readonly name: string; readonly value: string }
  | { readonly type: "floats"; readonly name: string; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly name: string; readonly value: readonly number[] };

export interface OnnxTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The bytes themselves, or where in a file they lie. */
  readonly data: Uint8Array | ExternalData;
}

export interface ExternalData {
  /** Path of the file, relative to the directory that the session is told. */
  readonly location: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface OnnxValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/**
 * The versions that every graph declares: opset 21 is the newest with kernels for all the operators
 * that we need (the random ones have none from 22 on).
 */
export const IR_VERSION = 10;
export const OPSETS: readonly { readonly domain: string; readonly version: number }[] = [
  { domain: "", version: 21 },
  { domain: "com.microsoft", version: 1 },
];
