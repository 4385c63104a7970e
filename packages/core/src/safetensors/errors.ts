import { LibraryError } from "../library-error.ts";

/** A safetensors file whose header breaks a rule of the format. */
export class SafetensorsError extends LibraryError {
  override readonly name = "SafetensorsError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("SAFETENSORS_INVALID", message, {
      ...options,
      hint: "Check that the file was downloaded whole and was written by a safetensors library",
    });
  }
}
