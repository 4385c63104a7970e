import type { Output } from "./output.ts";

/** What a command gets beside its arguments. */
export interface Context {
  readonly output: Output;
  /** Aborted by Ctrl-C, and when the process is asked to end. */
  readonly signal: AbortSignal;
  /** One line from the terminal, not shown while it is typed, or from a pipe. */
  readonly readSecret: (question: string) => Promise<string>;
}

/** A module under `commands/`. */
export interface Command {
  /** Synopsis, then what the options mean. */
  readonly usage: string;
  run(args: readonly string[], context: Context): Promise<void>;
}

/** The command line is wrong: exit 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Checks the number of words and gives them. */
export function words(
  found: readonly string[],
  { min, max = min }: { readonly min: number; readonly max?: number },
): readonly string[] {
  const missing = min - found.length;
  if (missing > 0) throw new UsageError(`${missing} more word${missing > 1 ? "s" : ""} needed`);
  if (found.length > max) throw new UsageError(`unexpected "${found[max]}"`);
  return found;
}

/** Options of every command that talks to a Hub. */
export const HUB_OPTIONS = {
  endpoint: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Options that complete a repository's id. */
export const REPO_OPTIONS = {
  type: { type: "string" },
  revision: { type: "string" },
} as const;
