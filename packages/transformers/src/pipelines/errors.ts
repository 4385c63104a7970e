import { LibraryError } from "@bearhug/core";

/** A task that has no pipeline. */
export class UnsupportedTaskError extends LibraryError {
  override readonly name = "UnsupportedTaskError";
  readonly task: string;

  constructor(task: string, tasks: readonly string[]) {
    super("UNSUPPORTED_TASK", `There is no pipeline for the task "${task}"`, {
      hint: `Use one of ${tasks.map((name) => `"${name}"`).join(", ")}`,
    });
    this.task = task;
  }
}

/** A text for fill-mask without the model's mask token, or with several where one is wanted. */
export class MaskTokenError extends LibraryError {
  override readonly name = "MaskTokenError";

  constructor(message: string, hint: string) {
    super("INVALID_MASK_TOKEN", message, { hint });
  }
}
