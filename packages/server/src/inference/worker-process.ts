import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HubError } from "../http/hub-error.ts";
import type { ModelKind, TaskRequest } from "./task-request.ts";
import type { WorkerCommand, WorkerReply } from "./worker-messages.ts";

export interface WorkerOptions {
  readonly kind: ModelKind;
  readonly directory: string;
  readonly model: string;
  readonly threads: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A process that holds one model. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Settles when the process is gone, however it went. */
  readonly exited: Promise<void>;
  /** @throws {HubError} 400 for input that the model refuses, 500 when it fails or the process dies. */
  run(request: TaskRequest, signal?: AbortSignal): Promise<unknown>;
  /** Ends the process at once; runs under way fail. */
  kill(): Promise<void>;
}

/**
 * Starts a process and loads the model in it.
 *
 * @throws {HubError} 422 when this version cannot run the model, 500 when loading fails.
 */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  const child = fork(workerFile(), [], {
    // Nothing of the server's environment that a model could make use of.
    env: { PATH: process.env["PATH"], HF_HUB_OFFLINE: "1", NODE_ENV: process.env["NODE_ENV"] },
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const worker = new Worker(child);
  const stop = () => void worker.kill();
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    await worker.load(options);
    return worker;
  } catch (error) {
    await worker.kill();
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}

/** The compiled worker: beside this file, or in `dist` when this runs from its source. */
function workerFile(): string {
  const isSource = import.meta.url.endsWith(".ts");
  const path = isSource ? "../../dist/inference/worker.js" : "./worker.js";
  const file = fileURLToPath(new URL(path, import.meta.url));
  if (existsSync(file)) return file;
  throw new Error(`Cannot start a model: "${file}" is not built. Run "npm run build"`);
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

class Worker implements WorkerProcess {
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #loading: Waiting | undefined;
  #isGone = false;
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => {
      // Both ends are this package's own.
      this.#receive(message as WorkerReply);
    });
    this.exited = new Promise((resolve) => {
      const gone = () => {
        this.#isGone = true;
        this.#failAll();
        resolve();
      };
      child.once("exit", gone);
      child.once("error", gone);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async load({ kind, directory, model, threads }: WorkerOptions): Promise<void> {
    await new Promise<unknown>((resolve, reject) => {
      this.#loading = { resolve, reject };
      this.#send({ type: "load", kind, directory, model, threads });
    });
  }

  async run(request: TaskRequest, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#isGone) throw crashed();
    const id = ++this.#lastId;
    const abort = () => {
      this.#send({ type: "abort", id });
      this.#waiting.get(id)?.reject(signal?.reason);
      this.#waiting.delete(id);
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#send({ type: "run", id, request });
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async kill(): Promise<void> {
    if (!this.#isGone) this.#child.kill("SIGKILL");
    await this.exited;
  }

  #send(command: WorkerCommand): void {
    // A process that is gone fails what waits for it through its exit event.
    if (this.#child.connected) this.#child.send(command, () => {});
  }

  #receive(reply: WorkerReply): void {
    switch (reply.type) {
      case "loaded":
        this.#loading?.resolve(undefined);
        this.#loading = undefined;
        break;
      case "load-failed":
        this.#loading?.reject(loadError(reply));
        this.#loading = undefined;
        break;
      case "result":
        this.#waiting.get(reply.id)?.resolve(reply.result);
        this.#waiting.delete(reply.id);
        break;
      case "failed":
        this.#waiting.get(reply.id)?.reject(runError(reply));
        this.#waiting.delete(reply.id);
        break;
    }
  }

  #failAll(): void {
    this.#loading?.reject(crashed());
    this.#loading = undefined;
    for (const { reject } of this.#waiting.values()) reject(crashed());
    this.#waiting.clear();
  }
}

function crashed(): HubError {
  return new HubError(500, "Unavailable", {
    message: "The process that ran the model ended unexpectedly. Try again",
    body: { error_type: "generation" },
  });
}

function loadError({ status, message }: { status: number; message: string }): HubError {
  const code = status === 422 ? "UnprocessableContent" : "Unavailable";
  return new HubError(status, code, { message });
}

function runError({ status, message }: { status: number; message: string }): HubError {
  if (status === 400) {
    return new HubError(400, "BadRequest", { message, body: { error_type: "validation" } });
  }
  return new HubError(500, "Unavailable", { message, body: { error_type: "generation" } });
}
