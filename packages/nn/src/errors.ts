import { LibraryError } from "@bearhug/core";

/** Shapes that do not fit each other or the operation. */
export class ShapeError extends LibraryError {
  override readonly name = "ShapeError";
  /** The shapes concerned; a string is an axis whose size only a run knows. */
  readonly shapes: readonly (readonly (number | string)[])[];

  constructor(message: string, shapes: readonly (readonly (number | string)[])[]) {
    super("SHAPE_MISMATCH", message, { hint: "Change one of the shapes so that the axes agree" });
    this.shapes = shapes;
  }
}

/** Something that is valid but that this version does not do. */
export class UnsupportedOperationError extends LibraryError {
  override readonly name = "UnsupportedOperationError";

  constructor(message: string, hint?: string) {
    super("UNSUPPORTED_OPERATION", message, { hint });
  }
}

/** An input of a run that is missing, unknown, or of the wrong dtype or shape. */
export class FeedError extends LibraryError {
  override readonly name = "FeedError";
  readonly input: string;

  constructor(input: string, message: string, hint?: string) {
    super("INVALID_FEED", `Input "${input}": ${message}`, { hint });
    this.input = input;
  }
}

/** The engine that runs graphs refused one, or failed while it ran. */
export class RuntimeError extends LibraryError {
  override readonly name = "RuntimeError";

  constructor(message: string, cause?: unknown) {
    super("RUNTIME_FAILED", message, {
      hint: "The message after the colon is the engine's own",
      cause,
    });
  }
}

/** A session that was disposed of cannot run. */
export class SessionClosedError extends LibraryError {
  override readonly name = "SessionClosedError";

  constructor() {
    super("SESSION_CLOSED", "Cannot run the graph: its session has been disposed of", {
      hint: "Keep the model open for as long as it is used",
    });
  }
}

/** The files of a checkpoint contradict each other or cannot be read. */
export class CheckpointError extends LibraryError {
  override readonly name = "CheckpointError";
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super("INVALID_CHECKPOINT", `Cannot read the checkpoint "${path}": ${message}`, {
      hint: "Download or save the checkpoint again",
      cause,
    });
    this.path = path;
  }
}

/** How the tensors of a checkpoint differ from those that a model asks for. */
export interface WeightDifferences {
  /** Names that the model needs and the checkpoint lacks. */
  readonly missing: readonly string[];
  /** What has another shape, in words. */
  readonly misshapen: readonly string[];
  /** Names that belong to layers which the model does not have. */
  readonly unexpected: readonly string[];
}

/** The tensors of a checkpoint are not those that the model's configuration asks for. */
export class WeightsMismatchError extends LibraryError implements WeightDifferences {
  override readonly name = "WeightsMismatchError";
  readonly missing: readonly string[];
  readonly misshapen: readonly string[];
  readonly unexpected: readonly string[];

  constructor(message: string, { missing, misshapen, unexpected }: WeightDifferences) {
    super("WEIGHTS_MISMATCH", message, {
      hint: "Check that config.json belongs to these weights, and that the checkpoint was saved for this task",
    });
    this.missing = missing;
    this.misshapen = misshapen;
    this.unexpected = unexpected;
  }
}
