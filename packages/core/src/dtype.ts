/** Element types of tensors, under the names that this project uses everywhere. */
export type DType =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint64"
  | "uint32"
  | "uint16"
  | "uint8"
  | "bool";

export interface DTypeInfo {
  readonly dtype: DType;
  /** Size of one element in bytes. */
  readonly sizeBytes: number;
  /** Its name in a safetensors header. */
  readonly safetensors: string;
  /** Its number in ONNX (`TensorProto.DataType`). */
  readonly onnx: number;
}

export const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  float64: { dtype: "float64", sizeBytes: 8, safetensors: "F64", onnx: 11 },
  float32: { dtype: "float32", sizeBytes: 4, safetensors: "F32", onnx: 1 },
  float16: { dtype: "float16", sizeBytes: 2, safetensors: "F16", onnx: 10 },
  bfloat16: { dtype: "bfloat16", sizeBytes: 2, safetensors: "BF16", onnx: 16 },
  int64: { dtype: "int64", sizeBytes: 8, safetensors: "I64", onnx: 7 },
  int32: { dtype: "int32", sizeBytes: 4, safetensors: "I32", onnx: 6 },
  int16: { dtype: "int16", sizeBytes: 2, safetensors: "I16", onnx: 5 },
  int8: { dtype: "int8", sizeBytes: 1, safetensors: "I8", onnx: 3 },
  uint64: { dtype: "uint64", sizeBytes: 8, safetensors: "U64", onnx: 13 },
  uint32: { dtype: "uint32", sizeBytes: 4, safetensors: "U32", onnx: 12 },
  uint16: { dtype: "uint16", sizeBytes: 2, safetensors: "U16", onnx: 4 },
  uint8: { dtype: "uint8", sizeBytes: 1, safetensors: "U8", onnx: 2 },
  bool: { dtype: "bool", sizeBytes: 1, safetensors: "BOOL", onnx: 9 },
};

const BY_SAFETENSORS: ReadonlyMap<string, DType> = new Map(
  Object.values(DTYPES).map((info) => [info.safetensors, info.dtype]),
);

/** The dtype behind a safetensors name, or `undefined` for one this project does not compute with. */
export function dtypeFromSafetensors(name: string): DType | undefined {
  return BY_SAFETENSORS.get(name);
}
