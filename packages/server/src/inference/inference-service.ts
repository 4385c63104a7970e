import { availableParallelism, totalmem } from "node:os";
import { abortable } from "@bearhug/core";
import { HubError } from "../http/hub-error.ts";
import type { ContentService, InferenceService, OpenRepo } from "../services/services.ts";
import { createModelCache, type ModelCache } from "./model-files.ts";
import { KIND_OF_TASK, type ModelKind, parseTaskRequest, TASKS } from "./task-request.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

export interface InferenceOptions {
  readonly content: ContentService;
  /** Folder for models' files; can be deleted at any time while the server is down. */
  readonly cacheDir: string;
  /** Memory that loaded models may take together, in bytes. Default: half of the machine's. */
  readonly memoryBytes?: number | undefined;
  /** Disk that models' files may take, in bytes. Default: 32 GiB. */
  readonly cacheBytes?: number | undefined;
  /** Requests under way or waiting, beyond which new ones get 429. Default 64. */
  readonly maxRequests?: number | undefined;
  /** A model that nobody asks for is unloaded after this long. Default: 10 minutes. */
  readonly idleMs?: number | undefined;
  /** A run that takes longer is stopped, its process ended. Default: 2 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Threads of one run. Default: the number of processors. */
  readonly threads?: number | undefined;
}

/** What a process takes beside its weights: Node, the engine, a batch of work. */
const PROCESS_BYTES = 200 * 2 ** 20;
const GIB = 2 ** 30;

/** A model in its process. */
interface Loaded {
  readonly key: string;
  readonly bytes: number;
  readonly worker: Promise<WorkerProcess>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Runs models in processes of their own, one for each model and kind of task. The least recently used one ends when a
 * new one needs its memory; one that crashes is started again by the next request.
 */
export function createInferenceService(options: InferenceOptions): InferenceService {
  return new WorkerInference(options);
}

class WorkerInference implements InferenceService {
  readonly tasks: readonly string[] = TASKS;
  readonly #files: ModelCache;
  readonly #memoryBytes: number;
  readonly #maxRequests: number;
  readonly #idleMs: number;
  readonly #timeoutMs: number;
  readonly #threads: number;
  /** In order of their last use: the first is the one that was not used for longest. */
  readonly #loaded = new Map<string, Loaded>();
  readonly #closing = new AbortController();
  #requests = 0;

  constructor(options: InferenceOptions) {
    const { content, cacheDir, cacheBytes = 32 * GIB } = options;
    const signal = this.#closing.signal;
    this.#files = createModelCache(content, { directory: cacheDir, maxBytes: cacheBytes, signal });
    this.#memoryBytes = options.memoryBytes ?? Math.floor(machineMemory() / 2);
    this.#maxRequests = options.maxRequests ?? 64;
    this.#idleMs = options.idleMs ?? 10 * 60_000;
    this.#timeoutMs = options.timeoutMs ?? 2 * 60_000;
    this.#threads = options.threads ?? availableParallelism();
  }

  async run(request: Parameters<InferenceService["run"]>[0]): Promise<unknown> {
    const { repo, commit, task, inputs, parameters, signal } = request;
    const wanted = parseTaskRequest(task, inputs, parameters);
    if (this.#requests >= this.#maxRequests) throw overloaded();
    this.#closing.signal.throwIfAborted();
    this.#requests++;
    try {
      const kind = KIND_OF_TASK[wanted.task];
      const model = await abortable(this.#acquire(repo, commit, kind), signal);
      try {
        const worker = await abortable(model.worker, signal);
        return await this.#runWithin(worker, (limit) => worker.run(wanted, limit), signal);
      } finally {
        this.#release(model);
      }
    } finally {
      this.#requests--;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new HubError(503, "Unavailable", { message: "The server is closing" }));
    const models = [...this.#loaded.values()];
    await Promise.all(models.map((model) => this.#unload(model)));
  }

  /** Stops a run that takes too long: its process ends, because it may not listen any more. */
  async #runWithin<T>(
    worker: WorkerProcess,
    run: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await run(signal ? AbortSignal.any([signal, limit]) : limit);
    } catch (error) {
      if (!limit.aborted) throw error;
      await worker.kill();
      throw new HubError(503, "Unavailable", {
        message: `The model took longer than ${this.#timeoutMs / 1000} seconds`,
        body: { error_type: "overloaded" },
      });
    }
  }

  /** The model's process, started if need be, held against eviction until it is released. */
  async #acquire(repo: OpenRepo, commit: string, kind: ModelKind): Promise<Loaded> {
    const key = `${repo.summary.recordId}-${commit}-${kind}`;
    const known = this.#use(key);
    if (known) return known;
    const folder = await this.#files.materialize(repo, commit);
    this.#closing.signal.throwIfAborted();
    const bytes = estimateBytes(repo, folder.weightBytes);
    // Another request may have started it meanwhile; from here to the entry in the map nothing waits.
    const started = this.#use(key);
    if (started) return started;
    const evicted = this.#makeRoom(bytes);
    const worker = Promise.all(evicted).then(() =>
      startWorker({
        kind,
        directory: folder.directory,
        model: repo.summary.id,
        threads: this.#threads,
        signal: this.#closing.signal,
      }),
    );
    const model: Loaded = { key, bytes, worker, users: 1, idle: undefined };
    this.#loaded.set(key, model);
    this.#forgetWhenGone(model);
    return model;
  }

  #use(key: string): Loaded | undefined {
    const model = this.#loaded.get(key);
    if (!model) return undefined;
    clearTimeout(model.idle);
    model.users++;
    this.#loaded.delete(key);
    this.#loaded.set(key, model);
    return model;
  }

  #release(model: Loaded): void {
    model.users--;
    if (model.users > 0 || this.#loaded.get(model.key) !== model) return;
    model.idle = setTimeout(() => void this.#unload(model), this.#idleMs);
    model.idle.unref();
  }

  /** A process that ends, or never came up, is started anew by the next request. */
  #forgetWhenGone(model: Loaded): void {
    const forget = () => {
      if (this.#loaded.get(model.key) === model) this.#loaded.delete(model.key);
    };
    model.worker.then((worker) => worker.exited).then(forget, forget);
  }

  /**
   * Ends processes that nobody uses until `bytes` fit.
   *
   * @throws {HubError} 422 when the model is larger than the whole budget, 429 when all others are at work.
   */
  #makeRoom(bytes: number): Promise<void>[] {
    if (bytes > this.#memoryBytes) {
      throw new HubError(422, "UnprocessableContent", {
        message: `The model needs about ${toMib(bytes)} MiB of memory, and this server has ${toMib(this.#memoryBytes)} MiB for models`,
      });
    }
    let used = [...this.#loaded.values()].reduce((sum, model) => sum + model.bytes, 0);
    const leaving: Loaded[] = [];
    for (const model of this.#loaded.values()) {
      if (used + bytes <= this.#memoryBytes) break;
      if (model.users > 0) continue;
      leaving.push(model);
      used -= model.bytes;
    }
    if (used + bytes > this.#memoryBytes) throw overloaded();
    return leaving.map((model) => this.#unload(model));
  }

  async #unload(model: Loaded): Promise<void> {
    clearTimeout(model.idle);
    if (this.#loaded.get(model.key) === model) this.#loaded.delete(model.key);
    await model.worker.then(
      (worker) => worker.kill(),
      () => {},
    );
  }
}

/** Weights are kept as they are on disk, but half-width ones are widened to 32 bits. */
function estimateBytes({ summary }: OpenRepo, weightBytes: number): number {
  const parameters = summary.safetensors?.total ?? 0;
  return Math.max(weightBytes, parameters * 4) + PROCESS_BYTES;
}

function machineMemory(): number {
  // A container may have less than its machine.
  const limit = process.constrainedMemory();
  const total = totalmem();
  return limit > 0 && limit < total ? limit : total;
}

function toMib(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}

function overloaded(): HubError {
  return new HubError(429, "TooManyRequests", {
    message: "All models of this server are at work. Try again in a moment",
    headers: { "Retry-After": "5" },
    body: { error_type: "overloaded" },
  });
}
