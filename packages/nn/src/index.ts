export {
  allocateTensor,
  bytesOf,
  elementCount,
  type HostTensor,
  hostTensor,
  type TypedArrays,
} from "./host-tensor.ts";
export type {
  OnnxModel,
  RunSessionOptions,
  Runtime,
  Session,
  SessionOptions,
  ValueInfo,
} from "./runtime/runtime.ts";
