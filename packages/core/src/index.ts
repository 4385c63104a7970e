export { abortable, delay, isAbortError } from "./abort.ts";
export { BatchWriter, type WritePieces } from "./batch-writer.ts";
export { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex } from "./bytes.ts";
export { DTYPES, type DType, type DTypeInfo, dtypeFromSafetensors } from "./dtype.ts";
export { fromBfloat16Bits, fromFloat16Bits, toBfloat16Bits, toFloat16Bits } from "./float16.ts";
export { LibraryError, type LibraryErrorOptions, messageOf } from "./library-error.ts";
export {
  type IntegerLimits,
  isObject,
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseJson,
  parseNumber,
  parseObject,
  parseOneOf,
  parseString,
  parseStrings,
} from "./parse.ts";
export { type MapConcurrentOptions, mapConcurrent } from "./pool.ts";
export { drain, type ProgressEvent, type RunOptions } from "./progress.ts";
export { createRandom, type Random } from "./random.ts";
export { type RetryOptions, retry } from "./retry.ts";
export { SafetensorsError } from "./safetensors/errors.ts";
export {
  MAX_HEADER_BYTES,
  parseHeader,
  readHeaderLength,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors/header.ts";
export { type TensorToWrite, writeSafetensors } from "./safetensors/write.ts";
