import { DTYPES, type DType, dtypeFromSafetensors } from "../dtype.ts";
import { isObject, parseArray, parseInteger, parseObject, parseString } from "../parse.ts";
import { SafetensorsError } from "./errors.ts";

/** Where one tensor lies in a safetensors file. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface SafetensorsHeader {
  /** Tensors in the order of their bytes. */
  readonly tensors: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where tensor data begins, counted from the start of the file. */
  readonly dataOffset: number;
}

/** The longest header that the reference accepts, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/**
 * The header's length, from the first 8 bytes of a file.
 *
 * @throws {SafetensorsError} when it is 0 or above {@link MAX_HEADER_BYTES}.
 */
export function readHeaderLength(firstBytes: Uint8Array): number {
  if (firstBytes.length < 8) {
    throw new SafetensorsError(`A safetensors file has at least 8 bytes, got ${firstBytes.length}`);
  }
  const view = new DataView(firstBytes.buffer, firstBytes.byteOffset, 8);
  const length = view.getBigUint64(0, true);
  if (length === 0n || length > BigInt(MAX_HEADER_BYTES)) {
    throw new SafetensorsError(`Header length ${length} is not between 1 and ${MAX_HEADER_BYTES}`);
  }
  return Number(length);
}

/**
 * Parses and checks the JSON header of a safetensors file.
 *
 * @param json the header's bytes, without the 8 bytes of its length.
 * @param fileSize whole file's size in bytes; when given, the tensors must fill it exactly.
 * @throws {SafetensorsError} when a rule of the format is broken: it names the tensor and the rule.
 *
 * Source: safetensors 0.8.0, `README.md` and `safetensors/src/tensor.rs`.
 */
export function parseHeader(json: Uint8Array, fileSize?: number): SafetensorsHeader {
  const dataOffset = 8 + json.length;
  const raw = decodeObject(json);
  const metadata = parseMetadata(raw["__metadata__"]);
  const tensors = Object.keys(raw)
    .filter((name) => name !== "__metadata__")
    .map((name) => parseEntry(name, raw[name], dataOffset))
    .sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  checkContiguous(tensors, dataOffset, fileSize);
  return { tensors, metadata, dataOffset };
}

function decodeObject(json: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
  } catch (cause) {
    throw new SafetensorsError("Header is not valid UTF-8", { cause });
  }
  if (!text.startsWith("{")) throw new SafetensorsError('Header does not start with "{"');
  try {
    return parseObject(JSON.parse(text), "header");
  } catch (cause) {
    throw new SafetensorsError(`Header is not a JSON object: ${String(cause)}`, { cause });
  }
}

function parseMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isObject(value)) throw new SafetensorsError("__metadata__ must be an object of strings");
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== "string") {
      throw new SafetensorsError(`__metadata__["${key}"] must be a string`);
    }
  }
  // Checked just above: every value is a string.
  return value as Readonly<Record<string, string>>;
}

function parseEntry(name: string, value: unknown, dataOffset: number): SafetensorsEntry {
  try {
    const entry = parseObject(value, "entry");
    const dtype = parseDtype(entry["dtype"]);
    const shape = parseArray(entry["shape"], "shape").map((dim, axis) =>
      parseInteger(dim, `shape[${axis}]`, { min: 0 }),
    );
    const [begin, end] = parseArray(entry["data_offsets"], "data_offsets").map((item, index) =>
      parseInteger(item, `data_offsets[${index}]`, { min: 0 }),
    );
    if (begin === undefined || end === undefined || end < begin) {
      throw new RangeError("data_offsets must be [begin, end] with begin ≤ end");
    }
    const sizeBytes = shape.reduce((product, dim) => product * dim, DTYPES[dtype].sizeBytes);
    if (sizeBytes !== end - begin) {
      throw new RangeError(
        `shape [${shape}] of ${dtype} takes ${sizeBytes} bytes, not ${end - begin}`,
      );
    }
    return { name, dtype, shape, offset: dataOffset + begin, sizeBytes };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SafetensorsError(`Tensor "${name}": ${reason}`, { cause });
  }
}

function parseDtype(value: unknown): DType {
  const name = parseString(value, "dtype");
  const dtype = dtypeFromSafetensors(name);
  if (!dtype) throw new RangeError(`dtype "${name}" is not supported`);
  return dtype;
}

function checkContiguous(
  tensors: readonly SafetensorsEntry[],
  dataOffset: number,
  fileSize: number | undefined,
): void {
  let expected = dataOffset;
  for (const tensor of tensors) {
    if (tensor.offset !== expected) {
      throw new SafetensorsError(
        `Tensor "${tensor.name}" begins at byte ${tensor.offset}, but the one before ends at ${expected}`,
      );
    }
    expected += tensor.sizeBytes;
  }
  if (fileSize !== undefined && fileSize !== expected) {
    throw new SafetensorsError(`File has ${fileSize} bytes, but its header describes ${expected}`);
  }
}
