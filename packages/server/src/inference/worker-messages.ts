import type { ModelKind, TaskRequest } from "./task-request.ts";

/** What the server tells a worker process. */
export type WorkerCommand =
  | {
      readonly type: "load";
      readonly kind: ModelKind;
      /** Folder of the model's files. */
      readonly directory: string;
      /** The repository's id, for messages. */
      readonly model: string;
      readonly threads: number | undefined;
    }
  | { readonly type: "run"; readonly id: number; readonly request: TaskRequest }
  | { readonly type: "abort"; readonly id: number };

/** What a worker process answers. */
export type WorkerReply =
  | { readonly type: "loaded" }
  | { readonly type: "load-failed"; readonly status: number; readonly message: string }
  | { readonly type: "result"; readonly id: number; readonly result: unknown }
  | {
      readonly type: "failed";
      readonly id: number;
      readonly status: number;
      readonly message: string;
    };
