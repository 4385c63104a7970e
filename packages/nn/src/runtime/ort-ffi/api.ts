/** ONNX Runtime's C API: a table of functions, found by their places in it, which never change. */
import { type NativeFunction, type NativeLibrary, openLibrary } from "@bearhug/ffi";
import { RuntimeError } from "../../errors.ts";
import { ortLibraryPath } from "./library-path.ts";
import { type OrtFunction, SLOTS } from "./slots.ts";

const pointer = "pointer";
const POINTER_BYTES = 8;

/** The newest version of the table that we read; every newer library hands it out too. */
const API_VERSION = 22;

type Argument = number | bigint | string;

/** The functions of one loaded library, with its environment. */
export class OrtApi {
  readonly library: NativeLibrary;
  readonly #table: bigint;
  readonly #functions = new Map<OrtFunction, NativeFunction>();

  constructor(library: NativeLibrary, table: bigint) {
    this.library = library;
    this.#table = table;
  }

  /** Calls a function that gives a status. @throws {RuntimeError} with the engine's text. */
  call(name: OrtFunction, ...values: readonly Argument[]): void {
    this.#check(name, this.#function(name)(...values) as bigint);
  }

  /** As {@link call}, on a worker thread. */
  async callAsync(name: OrtFunction, ...values: readonly Argument[]): Promise<void> {
    this.#check(name, (await this.#function(name).async(...values)) as bigint);
  }

  /** Calls a function whose last parameter is a place for a pointer or number of 8 bytes, and reads it. */
  make(name: OrtFunction, ...values: readonly Argument[]): bigint {
    const place = new BigUint64Array(1);
    this.call(name, ...values, this.library.addressOf(place));
    return place[0] ?? 0n;
  }

  /** As {@link make}, for a place of 4 bytes. */
  makeInt32(name: OrtFunction, ...values: readonly Argument[]): number {
    const place = new Int32Array(1);
    this.call(name, ...values, this.library.addressOf(place));
    return place[0] ?? 0;
  }

  /** Gives back what the engine made. */
  release(name: Extract<OrtFunction, `Release${string}`>, object: bigint): void {
    if (object !== 0n) this.#function(name)(object);
  }

  #function(name: OrtFunction): NativeFunction {
    const known = this.#functions.get(name);
    if (known) return known;
    const { at, takes, gives = pointer } = SLOTS[name];
    const address = this.library.readPointer(this.#table, at * POINTER_BYTES);
    const made = this.library.functionAt(address, { result: gives, parameters: takes });
    this.#functions.set(name, made);
    return made;
  }

  #check(name: OrtFunction, status: bigint): void {
    if (status === 0n) return;
    const text = this.library.readString(this.#function("GetErrorMessage")(status) as bigint);
    this.release("ReleaseStatus", status);
    throw new RuntimeError(`ONNX Runtime failed in ${name}: ${text}`);
  }
}

/**
 * Loads ONNX Runtime.
 *
 * @throws {FfiUnavailableError} when this environment refuses native calls.
 * @throws {NativeLibraryError} when the package has no library for this platform.
 */
export async function loadOrtApi(): Promise<OrtApi> {
  const library = await openLibrary(ortLibraryPath());
  const getBase = library.function("OrtGetApiBase", { result: pointer, parameters: [] });
  const getApi = library.functionAt(library.readPointer(getBase() as bigint), {
    result: pointer,
    parameters: ["uint32"],
  });
  const table = getApi(API_VERSION) as bigint;
  if (table === 0n) throw new RuntimeError(`ONNX Runtime has no C API of version ${API_VERSION}`);
  return new OrtApi(library, table);
}
