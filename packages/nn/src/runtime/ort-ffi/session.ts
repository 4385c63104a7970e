import { DTYPES, type DType } from "@bearhug/core";
import { SessionClosedError } from "../../errors.ts";
import { allocateTensor, bytesOf, elementCount, type HostTensor } from "../../host-tensor.ts";
import { checkFeeds, placeOutputs } from "../feeds.ts";
import type { RunSessionOptions, Session, ValueInfo } from "../runtime.ts";
import type { OrtApi } from "./api.ts";
import { dtypeFromOnnx, readShape } from "./value-info.ts";

export interface NativeSession {
  readonly api: OrtApi;
  /** Address of the engine's session. */
  readonly session: bigint;
  /** Address of the description of ordinary memory. */
  readonly cpuMemory: bigint;
}

/** Releases sessions that nobody disposed of. */
const forgotten = new FinalizationRegistry<NativeSession>(({ api, session }) => {
  api.release("ReleaseSession", session);
});

/** A session of ONNX Runtime behind its C API: inputs and outputs are used in place, runs take a worker thread. */
export class OrtFfiSession implements Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #native: NativeSession;
  readonly #inputNames: Names;
  readonly #outputNames: Names;
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(native: NativeSession, inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]) {
    this.#native = native;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#inputNames = nativeNames(native.api, inputs);
    this.#outputNames = nativeNames(native.api, outputs);
    forgotten.register(this, native, this);
  }

  async run(
    feeds: Readonly<Record<string, HostTensor>>,
    { signal, outputs: given }: RunSessionOptions = {},
  ): Promise<Readonly<Record<string, HostTensor>>> {
    if (this.#closed) throw new SessionClosedError();
    signal?.throwIfAborted();
    const sizes = checkFeeds(this.inputs, feeds);
    const bound = new BoundValues(this.#native);
    try {
      // checkFeeds: every input is there.
      const inputs = bound.bind(this.inputs.map(({ name }) => feeds[name] as HostTensor));
      const places = placeOutputs(this.outputs, sizes, given);
      const outputs = bound.bind(places);
      await this.#track(this.#runNative(inputs, outputs, signal));
      return this.#collect(bound, places, outputs);
    } finally {
      bound.release();
    }
  }

  /** Waits for runs under way, then releases the engine's memory. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    forgotten.unregister(this);
    await Promise.allSettled(this.#running);
    this.#native.api.release("ReleaseSession", this.#native.session);
  }

  async #runNative(
    inputs: BigUint64Array,
    outputs: BigUint64Array,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { api, session } = this.#native;
    const options = api.make("CreateRunOptions");
    const terminate = () => api.call("RunOptionsSetTerminate", options);
    signal?.addEventListener("abort", terminate, { once: true });
    const at = (view: BigUint64Array) => api.library.addressOf(view);
    try {
      await api.callAsync(
        "Run",
        session,
        options,
        at(this.#inputNames.pointers),
        at(inputs),
        inputs.length,
        at(this.#outputNames.pointers),
        outputs.length,
        at(outputs),
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", terminate);
      api.release("ReleaseRunOptions", options);
    }
  }

  #collect(
    bound: BoundValues,
    places: readonly (HostTensor | undefined)[],
    outputs: BigUint64Array,
  ): Record<string, HostTensor> {
    const results: Record<string, HostTensor> = {};
    for (const [index, { name }] of this.outputs.entries()) {
      results[name] = places[index] ?? bound.adopt(outputs[index] ?? 0n);
    }
    return results;
  }

  async #track(run: Promise<void>): Promise<void> {
    this.#running.add(run);
    try {
      await run;
    } finally {
      this.#running.delete(run);
    }
  }
}

/** The engine's handles of one run's tensors, and what keeps their memory alive until it ends. */
class BoundValues {
  readonly #native: NativeSession;
  readonly #handles: bigint[] = [];
  readonly #held: unknown[] = [];

  constructor(native: NativeSession) {
    this.#native = native;
  }

  /** A list of handles, 0 where there is no tensor and the engine is to make one. */
  bind(tensors: readonly (HostTensor | undefined)[]): BigUint64Array {
    const handles = BigUint64Array.from(tensors, (tensor) => (tensor ? this.#wrap(tensor) : 0n));
    this.#held.push(handles);
    return handles;
  }

  /** Copies a tensor that the engine made, whose memory it keeps, and takes over its handle. */
  adopt(handle: bigint): HostTensor {
    this.#handles.push(handle);
    const { api } = this.#native;
    const info = api.make("GetTensorTypeAndShape", handle);
    try {
      const dtype = dtypeFromOnnx(api.makeInt32("GetTensorElementType", info));
      const shape = readShape(api, info).map(Number);
      const tensor = allocateTensor(dtype, shape);
      const sizeBytes = elementCount(shape) * DTYPES[dtype].sizeBytes;
      if (sizeBytes > 0) {
        const address = api.make("GetTensorMutableData", handle);
        bytesOf(tensor).set(new Uint8Array(api.library.viewMemory(address, sizeBytes)));
      }
      return tensor;
    } finally {
      api.release("ReleaseTensorTypeAndShapeInfo", info);
    }
  }

  release(): void {
    for (const handle of this.#handles) this.#native.api.release("ReleaseValue", handle);
    this.#handles.length = 0;
    this.#held.length = 0;
  }

  #wrap(tensor: HostTensor<DType>): bigint {
    const { api, cpuMemory } = this.#native;
    const dims = BigInt64Array.from(tensor.shape, BigInt);
    const handle = api.make(
      "CreateTensorWithDataAsOrtValue",
      cpuMemory,
      api.library.addressOf(tensor.data),
      tensor.data.byteLength,
      api.library.addressOf(dims),
      dims.length,
      DTYPES[tensor.dtype].onnx,
    );
    this.#handles.push(handle);
    this.#held.push(tensor.data);
    return handle;
  }
}

/** Names as the engine wants them: a list of addresses of NUL-terminated texts. */
interface Names {
  readonly texts: readonly Uint8Array[];
  readonly pointers: BigUint64Array;
}

function nativeNames(api: OrtApi, values: readonly ValueInfo[]): Names {
  const texts = values.map(({ name }) => new TextEncoder().encode(`${name}\0`));
  const pointers = BigUint64Array.from(texts, (text) => api.library.addressOf(text));
  return { texts, pointers };
}
