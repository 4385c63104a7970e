export { alignedBytes } from "./buffer.ts";
export { FfiUnavailableError, NativeLibraryError } from "./errors.ts";
export {
  type NativeArgument,
  type NativeFunction,
  NativeLibrary,
  type NativeResult,
  type NativeSignature,
  type NativeType,
  openLibrary,
} from "./library.ts";
export { trimMemory } from "./trim-memory.ts";
