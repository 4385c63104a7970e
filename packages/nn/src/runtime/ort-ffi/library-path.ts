import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { NativeLibraryError } from "@bearhug/ffi";

const NAMES: Readonly<Record<string, RegExp>> = {
  linux: /^libonnxruntime\.so(\.\d+)*$/,
  darwin: /^libonnxruntime(\.\d+)*\.dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/**
 * The shared library that the `onnxruntime-node` package brings for this platform.
 *
 * @throws {NativeLibraryError} when it brings none.
 */
export function ortLibraryPath(): string {
  const require = createRequire(import.meta.url);
  const bin = join(dirname(require.resolve("onnxruntime-node/package.json")), "bin");
  const pattern = NAMES[process.platform];
  for (const version of readdirSync(bin).sort().reverse()) {
    const folder = join(bin, version, process.platform, process.arch);
    const name = filesIn(folder).find((file) => pattern?.test(file));
    if (name) return join(folder, name);
  }
  throw new NativeLibraryError(bin, `it has no build for ${process.platform} on ${process.arch}`);
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
