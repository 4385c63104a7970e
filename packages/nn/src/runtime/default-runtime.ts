import { FfiUnavailableError, NativeLibraryError } from "@bearhug/ffi";
import { createOrtFfiRuntime } from "./ort-ffi/runtime.ts";
import { createOrtNodeRuntime } from "./ort-node/runtime.ts";
import type { Runtime } from "./runtime.ts";

let loading: Promise<Runtime> | undefined;

/**
 * The engine of this process, loaded at the first call: ONNX Runtime through FFI, or through its
 * own binding where FFI is refused.
 */
export function defaultRuntime(): Promise<Runtime> {
  loading ??= createOrtFfiRuntime().catch((error) => {
    if (error instanceof FfiUnavailableError || error instanceof NativeLibraryError) {
      return createOrtNodeRuntime();
    }
    throw error;
  });
  return loading;
}
