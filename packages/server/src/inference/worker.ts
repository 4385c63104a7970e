/**
 * A process that holds one model and runs it. It is started by the server, talks to it over Node's own channel, and
 * ends with it. It may crash or be killed at any time: the server then starts another.
 */
import { LibraryError, messageOf } from "@bearhug/core";
import { loadRunner, type TaskRunner } from "./run-task.ts";
import type { WorkerCommand, WorkerReply } from "./worker-messages.ts";

const running = new Map<number, AbortController>();
let runner: TaskRunner | undefined;
/** Runs go one after the other: one run uses all the threads there are. */
let last: Promise<void> = Promise.resolve();
let hidePath = (text: string): string => text;

process.on("disconnect", () => process.exit(0));
process.on("message", (command: WorkerCommand) => {
  switch (command.type) {
    case "load":
      void load(command);
      break;
    case "run":
      last = last.then(() => run(command));
      running.set(command.id, new AbortController());
      break;
    case "abort":
      running.get(command.id)?.abort();
      break;
  }
});

async function load(command: Extract<WorkerCommand, { type: "load" }>): Promise<void> {
  hidePath = (text) => text.replaceAll(command.directory, command.model);
  try {
    runner = await loadRunner(command.kind, command.directory, { threads: command.threads });
    reply({ type: "loaded" });
  } catch (error) {
    // What the library refuses is the repository's fault; anything else is ours.
    const status = error instanceof LibraryError ? 422 : 500;
    if (status === 500) process.stderr.write(`${errorText(error)}\n`);
    reply({ type: "load-failed", status, message: messageFor(error) });
  }
}

async function run({ id, request }: Extract<WorkerCommand, { type: "run" }>): Promise<void> {
  const controller = running.get(id);
  try {
    controller?.signal.throwIfAborted();
    if (!runner) throw new Error("The model is not loaded");
    const result = await runner.run(request, { signal: controller?.signal });
    reply({ type: "result", id, result });
  } catch (error) {
    const isInput = error instanceof LibraryError || error instanceof RangeError;
    const isAborted = controller?.signal.aborted === true;
    if (!isInput && !isAborted) process.stderr.write(`${errorText(error)}\n`);
    reply({ type: "failed", id, status: isInput ? 400 : 500, message: messageFor(error) });
  } finally {
    running.delete(id);
  }
}

function messageFor(error: unknown): string {
  const hint = error instanceof LibraryError && error.hint ? `. ${error.hint}` : "";
  return hidePath(messageOf(error)) + hidePath(hint);
}

function errorText(error: unknown): string {
  return hidePath(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function reply(message: WorkerReply): void {
  if (process.connected) process.send?.(message);
}
