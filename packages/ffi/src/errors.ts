import { LibraryError } from "@bearhug/core";

/** This process cannot call native code: the environment forbids it or has no build for the platform. */
export class FfiUnavailableError extends LibraryError {
  override readonly name = "FfiUnavailableError";

  constructor(cause: unknown) {
    super(
      "FFI_UNAVAILABLE",
      `Cannot call native libraries on ${process.platform} ${process.arch}: the "koffi" module does not load`,
      {
        hint: "Install koffi's package for this platform, or choose a runtime that needs no FFI",
        cause,
      },
    );
  }
}

/** A shared library, or a function in it, is missing. */
export class NativeLibraryError extends LibraryError {
  override readonly name = "NativeLibraryError";
  readonly path: string;

  constructor(path: string, message: string, cause?: unknown) {
    super("NATIVE_LIBRARY_UNUSABLE", `Cannot use the library "${path}": ${message}`, {
      hint: "Check that the file exists and was built for this platform and processor",
      cause,
    });
    this.path = path;
  }
}
