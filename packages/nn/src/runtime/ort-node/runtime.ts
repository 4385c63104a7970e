/**
 * ONNX Runtime behind the binding that its own package brings, for processes that may not use FFI.
 * It holds the event loop during a run, cannot stop one that has begun, and copies results.
 */
import { availableParallelism } from "node:os";
import type { DType } from "@bearhug/core";
import { RuntimeError, SessionClosedError, UnsupportedOperationError } from "../../errors.ts";
import { bytesOf, type HostTensor, hostTensor } from "../../host-tensor.ts";
import { checkFeeds, placeOutputs } from "../feeds.ts";
import type {
  OnnxModel,
  RunSessionOptions,
  Runtime,
  Session,
  SessionOptions,
  ValueInfo,
} from "../runtime.ts";
import { SLOW_FUSIONS } from "../slow-fusions.ts";
import { SPIN_MICROSECONDS } from "../spinning.ts";

type Ort = typeof import("onnxruntime-node");
type OrtSession = Awaited<ReturnType<Ort["InferenceSession"]["create"]>>;
type OrtTensor = InstanceType<Ort["Tensor"]>;

class OrtNodeRuntime implements Runtime {
  readonly name = "ort-node";
  readonly #ort: Ort;

  constructor(ort: Ort) {
    this.#ort = ort;
  }

  async createSession(model: OnnxModel, options: SessionOptions = {}): Promise<Session> {
    const { signal, threads = availableParallelism(), prefer = "speed" } = options;
    signal?.throwIfAborted();
    const session: Record<string, unknown> = {
      intra_op: { allow_spinning: "1", spin_duration_us: SPIN_MICROSECONDS },
    };
    const optimization = { disable_specified_optimizers: SLOW_FUSIONS };
    if (prefer === "memory") session["disable_prepacking"] = "1";
    if (model.weightsDirectory !== undefined) {
      session["model_external_initializers_file_folder_path"] = model.weightsDirectory;
    }
    const created = await this.#ort.InferenceSession.create(model.bytes, {
      intraOpNumThreads: threads,
      graphOptimizationLevel: "all",
      logSeverityLevel: 4,
      enableMemPattern: false,
      extra: { session, optimization },
    }).catch(fail("create a session"));
    signal?.throwIfAborted();
    return new OrtNodeSession(this.#ort, created);
  }
}

class OrtNodeSession implements Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #ort: Ort;
  #session: OrtSession | undefined;

  constructor(ort: Ort, session: OrtSession) {
    this.#ort = ort;
    this.#session = session;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
  }

  async run(
    feeds: Readonly<Record<string, HostTensor>>,
    { signal, outputs: given }: RunSessionOptions = {},
  ): Promise<Readonly<Record<string, HostTensor>>> {
    if (!this.#session) throw new SessionClosedError();
    signal?.throwIfAborted();
    const sizes = checkFeeds(this.inputs, feeds);
    const places = placeOutputs(this.outputs, sizes, given);
    const tensors = Object.entries(feeds).map(([name, { dtype, data, shape }]) => {
      // The binding's own type is a union per dtype, which HostTensor matches by construction.
      const tensor = new this.#ort.Tensor(dtype as "float32", data as Float32Array, shape);
      return [name, tensor] as const;
    });
    const results = await this.#session.run(Object.fromEntries(tensors)).catch(fail("run"));
    signal?.throwIfAborted();
    return Object.fromEntries(
      this.outputs.map(({ name }, index) => {
        const result = toHost(results[name] as OrtTensor);
        return [name, given?.[name] ? copyInto(places[index] ?? result, result) : result];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

function toHost({ type, dims, data }: OrtTensor): HostTensor {
  const dtype = type as DType;
  if (dtype !== "float16") return hostTensor(dtype, dims, data as HostTensor["data"]);
  // Where JavaScript has an array of halves, the binding gives that; tensors here hold their bits.
  const { buffer, byteOffset, length } = data as Uint16Array;
  return hostTensor(dtype, dims, new Uint16Array(buffer, byteOffset, length));
}

function copyInto(place: HostTensor, result: HostTensor): HostTensor {
  bytesOf(place).set(bytesOf(result));
  return place;
}

function valueInfo(metadata: OrtSession["inputMetadata"][number]): ValueInfo {
  if (!metadata.isTensor) throw new UnsupportedOperationError(`"${metadata.name}" is not a tensor`);
  // The binding spells dtypes as we do; other ones are strings, which no tensor of ours has.
  return { name: metadata.name, dtype: metadata.type as DType, shape: metadata.shape };
}

function fail(action: string): (cause: unknown) => never {
  return (cause) => {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError(`ONNX Runtime failed to ${action}: ${text}`, cause);
  };
}

/** Loads ONNX Runtime's own binding. @throws {RuntimeError} when it has no build for this platform. */
export async function createOrtNodeRuntime(): Promise<Runtime> {
  return new OrtNodeRuntime(await import("onnxruntime-node").catch(fail("load")));
}
