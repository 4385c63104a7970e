import { NativeLibraryError } from "./errors.ts";
import { loadKoffi } from "./koffi.ts";

/** Types that cross the border. A `pointer` is an address, or 0 for none; a `string` is UTF-8. */
export type NativeType =
  | "void"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64"
  | "pointer"
  | "string";

/** What a function takes; `void` is for results only. */
export type NativeArgument = number | bigint | string;
export type NativeResult = number | bigint | string | undefined;

export interface NativeSignature {
  readonly result: NativeType;
  readonly parameters: readonly NativeType[];
}

/**
 * A function of a shared library. Called plainly it holds the thread until it returns; `async` runs
 * it on a worker thread. Memory behind addresses must stay referenced until then.
 */
export interface NativeFunction {
  (...values: readonly NativeArgument[]): NativeResult;
  async(...values: readonly NativeArgument[]): Promise<NativeResult>;
}

const KOFFI_TYPES: Readonly<Record<NativeType, string>> = {
  void: "void",
  int32: "int32_t",
  uint32: "uint32_t",
  int64: "int64_t",
  uint64: "uint64_t",
  float32: "float",
  float64: "double",
  pointer: "void *",
  string: "const char *",
};

type Koffi = Awaited<ReturnType<typeof loadKoffi>>;
type KoffiFunction = ReturnType<ReturnType<Koffi["load"]>["func"]>;

/**
 * Libraries are never closed: a function may still run, or be called through a pointer, after the
 * last reference to its library is gone, and would then jump to unmapped memory.
 */
const open = new Map<string, NativeLibrary>();

/** A shared library in this process, and the memory that it shares with us. */
export class NativeLibrary {
  readonly path: string;
  readonly #koffi: Koffi;
  readonly #handle: ReturnType<Koffi["load"]>;

  constructor(path: string, koffi: Koffi, handle: ReturnType<Koffi["load"]>) {
    this.path = path;
    this.#koffi = koffi;
    this.#handle = handle;
  }

  /** @throws {NativeLibraryError} when the library exports no such function. */
  function(name: string, { result, parameters }: NativeSignature): NativeFunction {
    try {
      const types = parameters.map((type) => KOFFI_TYPES[type]);
      return wrap(this.#handle.func(name, KOFFI_TYPES[result], types));
    } catch (cause) {
      throw new NativeLibraryError(this.path, `it has no function "${name}"`, cause);
    }
  }

  /** The function at an address, for tables of functions that a library hands out. */
  functionAt(address: bigint, { result, parameters }: NativeSignature): NativeFunction {
    const types = parameters.map((type) => KOFFI_TYPES[type]);
    return wrap(this.#koffi.decode(address, this.#koffi.proto(KOFFI_TYPES[result], types)));
  }

  /** The pointer stored at `address + offset` (in bytes), 0 for none. */
  readPointer(address: bigint, offset = 0): bigint {
    return this.#koffi.decode(address, offset, "void *") ?? 0n;
  }

  /** The NUL-terminated UTF-8 text at an address. */
  readString(address: bigint): string {
    return this.#koffi.decode.string(address);
  }

  /**
   * The address of a view's first byte. The caller keeps the view referenced for as long as native
   * code may use the address.
   */
  addressOf(view: ArrayBufferView): bigint {
    // Asking for `buffer` moves the bytes of a small array off V8's movable heap.
    if (view.buffer.byteLength === 0) return 0n;
    return this.#koffi.address(view);
  }

  /** Native memory as an ArrayBuffer, without copying. It must outlive the buffer. */
  viewMemory(address: bigint, sizeBytes: number): ArrayBuffer {
    return this.#koffi.view(address, sizeBytes);
  }
}

/**
 * Opens a shared library, or gives the one already open. It stays open until the process ends.
 *
 * @throws {FfiUnavailableError} when this environment refuses native calls.
 * @throws {NativeLibraryError} when the file is missing or not a library for this platform.
 *
 * @example
 * ```ts
 * const libm = await openLibrary("libm.so.6");
 * const cos = libm.function("cos", { result: "float64", parameters: ["float64"] });
 * cos(0); // 1
 * await cos.async(0); // 1, computed on a worker thread
 * ```
 */
export async function openLibrary(path: string): Promise<NativeLibrary> {
  const koffi = await loadKoffi();
  const known = open.get(path);
  if (known) return known;
  try {
    const library = new NativeLibrary(path, koffi, koffi.load(path));
    open.set(path, library);
    return library;
  } catch (cause) {
    throw new NativeLibraryError(path, "it does not load", cause);
  }
}

function wrap(raw: KoffiFunction): NativeFunction {
  // koffi gives null for a null pointer, and for void nothing.
  const normalize = (value: unknown): NativeResult =>
    value === null ? 0n : (value as NativeResult);
  const call = (...values: readonly NativeArgument[]): NativeResult => normalize(raw(...values));
  const callAsync = (...values: readonly NativeArgument[]): Promise<NativeResult> =>
    new Promise((resolve, reject) => {
      raw.async(...values, (error: unknown, value: unknown) =>
        error ? reject(error) : resolve(normalize(value)),
      );
    });
  return Object.assign(call, { async: callAsync });
}
