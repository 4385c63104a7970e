import { availableParallelism } from "node:os";
import { trimMemory } from "@bearhug/ffi";
import type { OnnxModel, Runtime, Session, SessionOptions } from "../runtime.ts";
import { SLOW_FUSIONS } from "../slow-fusions.ts";
import { SPIN_MICROSECONDS } from "../spinning.ts";
import { loadOrtApi, type OrtApi } from "./api.ts";
import { OrtFfiSession } from "./session.ts";
import { readValueInfos } from "./value-info.ts";

const LOG_FATAL_ONLY = 4;
const OPTIMIZE_ALL = 99;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;

/** ONNX Runtime behind its C API. */
export class OrtFfiRuntime implements Runtime {
  readonly name = "ort-ffi";
  readonly #api: OrtApi;
  readonly #environment: bigint;
  readonly #cpuMemory: bigint;
  /** Memory that the engine reads on a worker thread: it must not be collected meanwhile. */
  readonly #reading = new Set<Uint8Array>();

  constructor(api: OrtApi, environment: bigint, cpuMemory: bigint) {
    this.#api = api;
    this.#environment = environment;
    this.#cpuMemory = cpuMemory;
  }

  async createSession(model: OnnxModel, options: SessionOptions = {}): Promise<Session> {
    options.signal?.throwIfAborted();
    const api = this.#api;
    const sessionOptions = api.make("CreateSessionOptions");
    try {
      configure(api, sessionOptions, { ...options, model });
      const session = await this.#load(model, sessionOptions, options.signal);
      const described = this.#describe(session, options.signal);
      // The engine has laid matrices out anew and freed what it needed for that.
      await trimMemory();
      return described;
    } finally {
      api.release("ReleaseSessionOptions", sessionOptions);
    }
  }

  #describe(session: bigint, signal: AbortSignal | undefined): Session {
    const api = this.#api;
    try {
      signal?.throwIfAborted();
      const inputs = readValueInfos(api, session, "Input");
      const outputs = readValueInfos(api, session, "Output");
      return new OrtFfiSession({ api, session, cpuMemory: this.#cpuMemory }, inputs, outputs);
    } catch (error) {
      api.release("ReleaseSession", session);
      throw error;
    }
  }

  async #load(
    { bytes }: OnnxModel,
    sessionOptions: bigint,
    signal: AbortSignal | undefined,
  ): Promise<bigint> {
    const api = this.#api;
    const place = new BigUint64Array(1);
    const cancel = () => api.call("SessionOptionsSetLoadCancellationFlag", sessionOptions, 1);
    signal?.addEventListener("abort", cancel, { once: true });
    this.#reading.add(bytes);
    try {
      await api.callAsync(
        "CreateSessionFromArray",
        this.#environment,
        api.library.addressOf(bytes),
        bytes.length,
        sessionOptions,
        api.library.addressOf(place),
      );
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#reading.delete(bytes);
    }
    return place[0] ?? 0n;
  }
}

interface Configuration extends SessionOptions {
  readonly model: OnnxModel;
}

function configure(
  api: OrtApi,
  sessionOptions: bigint,
  { model, threads = availableParallelism(), prefer = "speed" }: Configuration,
): void {
  const config = (key: string, value: string) =>
    api.call("AddSessionConfigEntry", sessionOptions, key, value);
  api.call("SetSessionGraphOptimizationLevel", sessionOptions, OPTIMIZE_ALL);
  api.call("SetIntraOpNumThreads", sessionOptions, threads);
  // Plans of memory are kept for each shape of the inputs, and shapes vary without end here.
  api.call("DisableMemPattern", sessionOptions);
  config("session.intra_op.allow_spinning", "1");
  config("session.intra_op.spin_duration_us", SPIN_MICROSECONDS);
  config("optimization.disable_specified_optimizers", SLOW_FUSIONS);
  if (prefer === "memory") config("session.disable_prepacking", "1");
  if (model.weightsDirectory !== undefined) {
    config("session.model_external_initializers_file_folder_path", model.weightsDirectory);
  }
}

/**
 * Loads ONNX Runtime through FFI.
 *
 * @throws {FfiUnavailableError} when this environment refuses native calls.
 * @throws {NativeLibraryError} when there is no library for this platform.
 */
export async function createOrtFfiRuntime(): Promise<Runtime> {
  const api = await loadOrtApi();
  const environment = api.make("CreateEnv", LOG_FATAL_ONLY, "bearhug");
  const cpuMemory = api.make("CreateCpuMemoryInfo", ARENA_ALLOCATOR, DEFAULT_MEMORY);
  return new OrtFfiRuntime(api, environment, cpuMemory);
}
