import { concatBytes } from "../bytes.ts";
import { DTYPES, type DType } from "../dtype.ts";

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** The order in which the reference writes element types: its enumeration, from the end. */
const ORDER: readonly DType[] = [
  "uint64",
  "int64",
  "float64",
  "float32",
  "uint32",
  "int32",
  "bfloat16",
  "float16",
  "uint16",
  "int16",
  "int8",
  "uint8",
  "bool",
];

/**
 * A whole safetensors file in memory: ordered by element type, then by name, as by the
 * reference, with the header padded so that data starts at a multiple of 8.
 *
 * @throws {RangeError} when a tensor's bytes do not fit its shape and dtype.
 *
 * Source: safetensors 0.8.0, `prepare` and `serialize` in `safetensors/src/tensor.rs`.
 */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    (a, b) =>
      ORDER.indexOf(a.dtype) - ORDER.indexOf(b.dtype) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const { name, dtype, shape, data } of ordered) {
    const sizeBytes = shape.reduce((product, dim) => product * dim, DTYPES[dtype].sizeBytes);
    if (sizeBytes !== data.length) {
      throw new RangeError(
        `Tensor "${name}": ${data.length} bytes do not fill [${shape}] of ${dtype}`,
      );
    }
    const end = offset + sizeBytes;
    header[name] = { dtype: DTYPES[dtype].safetensors, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  return concatBytes([length, padded, ...ordered.map((tensor) => tensor.data)]);
}
