/** Where ONNX Runtime's functions stand in its table. Only data. */
import type { NativeType } from "@bearhug/ffi";

const pointer = "pointer";

export type OrtFunction =
  | "GetErrorMessage"
  | "CreateEnv"
  | "CreateSessionFromArray"
  | "Run"
  | "CreateSessionOptions"
  | "DisableMemPattern"
  | "SetSessionGraphOptimizationLevel"
  | "SetIntraOpNumThreads"
  | "SessionGetInputCount"
  | "SessionGetOutputCount"
  | "SessionGetInputTypeInfo"
  | "SessionGetOutputTypeInfo"
  | "SessionGetInputName"
  | "SessionGetOutputName"
  | "CreateRunOptions"
  | "RunOptionsSetTerminate"
  | "CreateTensorWithDataAsOrtValue"
  | "GetTensorMutableData"
  | "CastTypeInfoToTensorInfo"
  | "GetTensorElementType"
  | "GetDimensionsCount"
  | "GetDimensions"
  | "GetSymbolicDimensions"
  | "GetTensorTypeAndShape"
  | "CreateCpuMemoryInfo"
  | "AllocatorFree"
  | "GetAllocatorWithDefaultOptions"
  | "ReleaseStatus"
  | "ReleaseSession"
  | "ReleaseValue"
  | "ReleaseRunOptions"
  | "ReleaseTypeInfo"
  | "ReleaseTensorTypeAndShapeInfo"
  | "ReleaseSessionOptions"
  | "AddSessionConfigEntry"
  | "SessionOptionsSetLoadCancellationFlag";

export interface Slot {
  readonly at: number;
  readonly takes: readonly NativeType[];
  readonly gives?: NativeType;
}

/**
 * Place and signature of each function used. What gives a pointer here gives a status: 0 for success.
 *
 * Source: ONNX Runtime, `struct OrtApi` in `onnxruntime_c_api.h`.
 */
export const SLOTS: Readonly<Record<OrtFunction, Slot>> = {
  GetErrorMessage: { at: 2, takes: [pointer] },
  CreateEnv: { at: 3, takes: ["int32", "string", pointer] },
  CreateSessionFromArray: { at: 8, takes: [pointer, pointer, "uint64", pointer, pointer] },
  Run: {
    at: 9,
    takes: [pointer, pointer, pointer, pointer, "uint64", pointer, "uint64", pointer],
  },
  CreateSessionOptions: { at: 10, takes: [pointer] },
  DisableMemPattern: { at: 17, takes: [pointer] },
  SetSessionGraphOptimizationLevel: { at: 23, takes: [pointer, "int32"] },
  SetIntraOpNumThreads: { at: 24, takes: [pointer, "int32"] },
  SessionGetInputCount: { at: 30, takes: [pointer, pointer] },
  SessionGetOutputCount: { at: 31, takes: [pointer, pointer] },
  SessionGetInputTypeInfo: { at: 33, takes: [pointer, "uint64", pointer] },
  SessionGetOutputTypeInfo: { at: 34, takes: [pointer, "uint64", pointer] },
  SessionGetInputName: { at: 36, takes: [pointer, "uint64", pointer, pointer] },
  SessionGetOutputName: { at: 37, takes: [pointer, "uint64", pointer, pointer] },
  CreateRunOptions: { at: 39, takes: [pointer] },
  RunOptionsSetTerminate: { at: 46, takes: [pointer] },
  CreateTensorWithDataAsOrtValue: {
    at: 49,
    takes: [pointer, pointer, "uint64", pointer, "uint64", "int32", pointer],
  },
  GetTensorMutableData: { at: 51, takes: [pointer, pointer] },
  CastTypeInfoToTensorInfo: { at: 55, takes: [pointer, pointer] },
  GetTensorElementType: { at: 60, takes: [pointer, pointer] },
  GetDimensionsCount: { at: 61, takes: [pointer, pointer] },
  GetDimensions: { at: 62, takes: [pointer, pointer, "uint64"] },
  GetSymbolicDimensions: { at: 63, takes: [pointer, pointer, "uint64"] },
  GetTensorTypeAndShape: { at: 65, takes: [pointer, pointer] },
  CreateCpuMemoryInfo: { at: 69, takes: ["int32", "int32", pointer] },
  AllocatorFree: { at: 76, takes: [pointer, pointer] },
  GetAllocatorWithDefaultOptions: { at: 78, takes: [pointer] },
  ReleaseStatus: { at: 93, takes: [pointer], gives: "void" },
  ReleaseSession: { at: 95, takes: [pointer], gives: "void" },
  ReleaseValue: { at: 96, takes: [pointer], gives: "void" },
  ReleaseRunOptions: { at: 97, takes: [pointer], gives: "void" },
  ReleaseTypeInfo: { at: 98, takes: [pointer], gives: "void" },
  ReleaseTensorTypeAndShapeInfo: { at: 99, takes: [pointer], gives: "void" },
  ReleaseSessionOptions: { at: 100, takes: [pointer], gives: "void" },
  AddSessionConfigEntry: { at: 130, takes: [pointer, "string", "string"] },
  SessionOptionsSetLoadCancellationFlag: { at: 293, takes: [pointer, "int32"] },
};
