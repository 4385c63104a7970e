import { DTYPES, type DType } from "@bearhug/core";
import { UnsupportedOperationError } from "../../errors.ts";
import type { ValueInfo } from "../runtime.ts";
import type { OrtApi } from "./api.ts";

const BY_ONNX: ReadonlyMap<number, DType> = new Map(
  Object.values(DTYPES).map(({ onnx, dtype }) => [onnx, dtype]),
);

/** @throws {UnsupportedOperationError} for element types that no tensor here has. */
export function dtypeFromOnnx(number: number): DType {
  const dtype = BY_ONNX.get(number);
  if (dtype) return dtype;
  throw new UnsupportedOperationError(
    `Cannot use ONNX element type ${number}: no dtype matches it`,
  );
}

/** The sizes in a description of a tensor, -1 for those that only a run knows. */
export function readShape(api: OrtApi, info: bigint): readonly bigint[] {
  const rank = Number(api.make("GetDimensionsCount", info));
  const dims = new BigInt64Array(rank);
  if (rank > 0) api.call("GetDimensions", info, api.library.addressOf(dims), rank);
  return [...dims];
}

/** What a session's inputs or outputs are. */
export function readValueInfos(
  api: OrtApi,
  session: bigint,
  side: "Input" | "Output",
): readonly ValueInfo[] {
  const count = Number(api.make(`SessionGet${side}Count`, session));
  const allocator = api.make("GetAllocatorWithDefaultOptions");
  return Array.from({ length: count }, (_, index) => {
    const text = api.make(`SessionGet${side}Name`, session, index, allocator);
    const name = api.library.readString(text);
    api.call("AllocatorFree", allocator, text);
    const typeInfo = api.make(`SessionGet${side}TypeInfo`, session, index);
    try {
      // The tensor's description belongs to the type's and is released with it.
      const info = api.make("CastTypeInfoToTensorInfo", typeInfo);
      if (info === 0n) throw new UnsupportedOperationError(`"${name}" is not a tensor`);
      const dtype = dtypeFromOnnx(api.makeInt32("GetTensorElementType", info));
      return { name, dtype, shape: namedShape(api, info) };
    } finally {
      api.release("ReleaseTypeInfo", typeInfo);
    }
  });
}

function namedShape(api: OrtApi, info: bigint): readonly (number | string)[] {
  const dims = readShape(api, info);
  const names = new BigUint64Array(dims.length);
  if (dims.length > 0) {
    api.call("GetSymbolicDimensions", info, api.library.addressOf(names), dims.length);
  }
  return dims.map((dim, axis) =>
    dim >= 0n ? Number(dim) : api.library.readString(names[axis] ?? 0n),
  );
}
