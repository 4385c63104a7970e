/** What an engine that runs graphs must offer. It knows ONNX bytes and tensors, no modules and no models. */
import type { DType } from "@bearhug/core";
import type { HostTensor } from "../host-tensor.ts";

/** A graph in ONNX whose weights lie in files beside it. */
export interface OnnxModel {
  /** The serialized `ModelProto`, without weights. */
  readonly bytes: Uint8Array;
  /**
   * Real directory (no symbolic link in it) from which the graph's external data locations count;
   * absent when it has none.
   */
  readonly weightsDirectory?: string | undefined;
}

/** An input or output of a session. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Sizes of the axes; a string is an axis whose size only a run knows. */
  readonly shape: readonly (number | string)[];
}

export interface SessionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Threads that one run may use. Default: the number of processors. */
  readonly threads?: number | undefined;
  /**
   * What to spare when the two conflict. `"speed"` (default) lets the engine keep matrices in the
   * layout that its kernels like best, in private memory; `"memory"` leaves every weight in the file.
   */
  readonly prefer?: "speed" | "memory" | undefined;
}

export interface RunSessionOptions {
  readonly signal?: AbortSignal | undefined;
  /** Tensors to write results into, by output; the others get memory of their own. */
  readonly outputs?: Readonly<Record<string, HostTensor>> | undefined;
}

/** A graph that is ready to run. Dispose of it to release its memory. */
export interface Session extends AsyncDisposable {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /**
   * Runs the graph once, off the event loop where the engine can.
   *
   * @throws {FeedError} when an input, or a tensor for an output, is missing, unknown, or of the
   * wrong dtype or shape.
   * @throws {RuntimeError} when the engine refuses the run.
   */
  run(
    feeds: Readonly<Record<string, HostTensor>>,
    options?: RunSessionOptions,
  ): Promise<Readonly<Record<string, HostTensor>>>;
}

export interface Runtime {
  readonly name: "ort-ffi" | "ort-node";
  createSession(model: OnnxModel, options?: SessionOptions): Promise<Session>;
}
