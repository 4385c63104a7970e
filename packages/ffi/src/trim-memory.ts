import { FfiUnavailableError, NativeLibraryError } from "./errors.ts";
import { openLibrary } from "./library.ts";

/**
 * Gives back to the system what has been freed and the C library keeps for the next who asks: glibc, which otherwise
 * holds on to most of what a download or a model's opening needed for a while. Elsewhere it does nothing. Takes some
 * milliseconds, on a worker thread.
 */
export async function trimMemory(): Promise<void> {
  if (process.platform !== "linux") return;
  try {
    const libc = await openLibrary("libc.so.6");
    const trim = libc.function("malloc_trim", { result: "int32", parameters: ["uint64"] });
    await trim.async(0);
  } catch (error) {
    // Another C library, or none that may be called.
    if (error instanceof NativeLibraryError || error instanceof FfiUnavailableError) return;
    throw error;
  }
}
