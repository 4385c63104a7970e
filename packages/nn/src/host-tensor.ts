import { DTYPES, type DType } from "@bearhug/core";

/**
 * The typed array that holds elements of a dtype. Half-width floats are kept as their bits; booleans
 * are bytes of 0 and 1.
 */
export interface TypedArrays {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly int64: BigInt64Array;
  readonly int32: Int32Array;
  readonly int16: Int16Array;
  readonly int8: Int8Array;
  readonly uint64: BigUint64Array;
  readonly uint32: Uint32Array;
  readonly uint16: Uint16Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

/** A tensor in this process's memory: what goes into a model and what comes out of it. */
export interface HostTensor<D extends DType = DType> {
  readonly dtype: D;
  /** Sizes of the axes, outermost first; elements lie row-major. */
  readonly shape: readonly number[];
  readonly data: TypedArrays[D];
}

const ARRAYS = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** The number of elements in a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Wraps `data` as a tensor, without copying.
 *
 * @throws {RangeError} when the elements do not fill the shape.
 * @throws {TypeError} when `data` is not the typed array of `dtype`.
 *
 * @example
 * ```ts
 * const ids = hostTensor("int32", [1, 3], Int32Array.of(101, 7592, 102));
 * ```
 */
export function hostTensor<D extends DType>(
  dtype: D,
  shape: readonly number[],
  data: TypedArrays[D],
): HostTensor<D> {
  if (!(data instanceof ARRAYS[dtype])) {
    throw new TypeError(`A ${dtype} tensor holds a ${ARRAYS[dtype].name}, got ${typeName(data)}`);
  }
  if (data.length !== elementCount(shape)) {
    throw new RangeError(`${data.length} elements do not fill a tensor of shape [${shape}]`);
  }
  return { dtype, shape, data };
}

/** A tensor of zeros whose memory nothing else holds. */
export function allocateTensor<D extends DType>(dtype: D, shape: readonly number[]): HostTensor<D> {
  const buffer = new ArrayBuffer(elementCount(shape) * DTYPES[dtype].sizeBytes);
  // ARRAYS and TypedArrays name the same class for each dtype.
  return { dtype, shape, data: new ARRAYS[dtype](buffer) as unknown as TypedArrays[D] };
}

/** The tensor's bytes, without copying. */
export function bytesOf(tensor: HostTensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function typeName(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
