import { LibraryError } from "@bearhug/core";

/** A checkpoint whose family, task or file format this version does not run. */
export class UnsupportedModelError extends LibraryError {
  override readonly name = "UnsupportedModelError";
  /** The id or directory of the model. */
  readonly model: string;

  constructor(model: string, reason: string, hint: string) {
    super("UNSUPPORTED_MODEL", `Cannot load the model "${model}": ${reason}`, { hint });
    this.model = model;
  }
}

/** A file that a model or tokenizer needs and its repository or directory lacks. */
export class PretrainedFileMissingError extends LibraryError {
  override readonly name = "PretrainedFileMissingError";
  readonly model: string;
  readonly file: string;

  constructor(model: string, file: string) {
    super("PRETRAINED_FILE_MISSING", `Cannot load "${model}": it has no file "${file}"`, {
      hint: "Check the id or directory, the revision and the subfolder",
    });
    this.model = model;
    this.file = file;
  }
}

/** What looks like a path, and is not a directory. */
export class PretrainedDirectoryMissingError extends LibraryError {
  override readonly name = "PretrainedDirectoryMissingError";
  readonly path: string;

  constructor(path: string, isFile: boolean) {
    const reason = isFile ? "it is a file" : "there is no such directory";
    super("PRETRAINED_DIRECTORY_MISSING", `Cannot load "${path}": ${reason}`, {
      hint: 'Name the directory that has config.json, or a repository such as "ada/tiny-bert"',
    });
    this.path = path;
  }
}

/** A config.json that is not one. */
export class ConfigError extends LibraryError {
  override readonly name = "ConfigError";
  readonly model: string;

  constructor(model: string, cause: Error) {
    super("INVALID_CONFIG", `Cannot read the configuration of "${model}": ${cause.message}`, {
      hint: "Correct config.json, or get it again",
      cause,
    });
    this.model = model;
  }
}

/** Token ids that do not fit the model: too many in a sequence, or not in its vocabulary. */
export class ModelInputError extends LibraryError {
  override readonly name = "ModelInputError";

  constructor(message: string, hint: string) {
    super("INVALID_MODEL_INPUT", message, { hint });
  }
}
