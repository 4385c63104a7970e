import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export const ROOT: string = join(import.meta.dirname, "..", "..", "..");
export const BEARHUG: string = join(ROOT, "packages", "cli", "bin", "bearhug.js");
/** The real all-MiniLM-L6-v2; `npm run assets` fetches it. */
export const CHECKPOINT: string = join(ROOT, ".assets", "all-MiniLM-L6-v2");
/** Where suites leave what a person looks at: screenshots, logs of servers. */
export const ARTIFACTS: string = join(ROOT, ".assets", "interop");

/** The Python of one of the environments that set-up.sh makes. */
export const python = (environment: string): string =>
  join(ROOT, ".venv", environment, "bin", "python");

/** Says what is missing, for the name of a skipped suite; `undefined` when all is there. */
export function missing(...paths: readonly string[]): string | undefined {
  const absent = paths.filter((path) => !existsSync(path));
  return absent.length === 0 ? undefined : `run tests/interop/set-up.sh: no ${absent.join(", ")}`;
}

/** The path of an installed program, or `undefined`. */
export function which(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
