export {
  CheckpointError,
  FeedError,
  RuntimeError,
  SessionClosedError,
  ShapeError,
  UnsupportedOperationError,
  type WeightDifferences,
  WeightsMismatchError,
} from "./errors.ts";
export { Graph, type GraphOptions, type GraphTensor, type NodeSpec } from "./graph/graph.ts";
export { type FileRegion, Parameter, type StoredTensor, type Weights } from "./graph/parameter.ts";
export type { Dim, Shape, TensorType } from "./graph/shapes.ts";
export {
  allocateTensor,
  bytesOf,
  elementCount,
  type HostTensor,
  hostTensor,
  type TypedArrays,
} from "./host-tensor.ts";
export { type Activation, activation } from "./modules/activations.ts";
export { SelfAttention, type SelfAttentionOptions } from "./modules/attention.ts";
export { Embedding } from "./modules/embedding.ts";
export {
  type EncoderContext,
  EncoderLayer,
  type EncoderLayerOptions,
  encode,
} from "./modules/encoder-layer.ts";
export { Linear, type LinearOptions } from "./modules/linear.ts";
export { Module } from "./modules/module.ts";
export { LayerNorm } from "./modules/normalization.ts";
export { type AttentionInputs, attention } from "./ops/attention.ts";
export {
  add,
  cast,
  divide,
  equal,
  gelu,
  multiply,
  not,
  relu,
  scalar,
  sigmoid,
  subtract,
  tanh,
} from "./ops/elementwise.ts";
export { gather, select } from "./ops/gather.ts";
export { linear, matmul } from "./ops/matmul.ts";
export { concat, positions, reshape, transpose, unsqueeze } from "./ops/movement.ts";
export { type LayerNormWeights, layerNorm } from "./ops/normalization.ts";
export { cumulativeSum, max, mean, type ReduceOptions, sum } from "./ops/reduce.ts";
export { softmax } from "./ops/softmax.ts";
export {
  type BindOptions,
  type BoundWeights,
  bindWeights,
  type WeightNames,
} from "./parameters/bind-weights.ts";
export { type Checkpoint, parseShardIndex, readCheckpoint } from "./parameters/checkpoint.ts";
export { defaultRuntime } from "./runtime/default-runtime.ts";
export { createOrtFfiRuntime } from "./runtime/ort-ffi/runtime.ts";
export { createOrtNodeRuntime } from "./runtime/ort-node/runtime.ts";
export { type PartsOptions, runInParts } from "./runtime/run-in-parts.ts";
export type {
  OnnxModel,
  RunSessionOptions,
  Runtime,
  Session,
  SessionOptions,
  ValueInfo,
} from "./runtime/runtime.ts";
