import { isAbortError } from "@bearhug/core";
import { type Command, type Context, UsageError } from "./command.ts";
import { Output } from "./output.ts";
import { readSecret } from "./read-secret.ts";
import { version } from "./version.ts";

interface Entry {
  readonly summary: string;
  /** Loaded when it is run: listing files must not wait for a runtime of models. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: { summary: "Start a Hub", load: () => import("./commands/serve.ts") },
  admin: {
    summary: "Create users and tokens of a Hub's data folder",
    load: () => import("./commands/admin.ts"),
  },
  login: { summary: "Store an access token", load: () => import("./commands/login.ts") },
  logout: { summary: "Forget the stored token", load: () => import("./commands/logout.ts") },
  whoami: { summary: "Show whose token is in use", load: () => import("./commands/whoami.ts") },
  repo: { summary: "Create or delete a repository", load: () => import("./commands/repo.ts") },
  files: { summary: "List a repository's files", load: () => import("./commands/files.ts") },
  upload: { summary: "Upload a file or folder", load: () => import("./commands/upload.ts") },
  download: {
    summary: "Download files into the cache",
    load: () => import("./commands/download.ts"),
  },
  cache: { summary: "List or prune the cache", load: () => import("./commands/cache.ts") },
  run: { summary: "Run a model on inputs", load: () => import("./commands/run.ts") },
};

/** Where a run of the command line reads and writes; tests pass their own. */
export interface MainOptions {
  readonly output?: Output | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly readSecret?: Context["readSecret"] | undefined;
}

/** Runs a command line and gives the exit code: 0 done, 1 failed, 2 wrong usage, 130 aborted. */
export async function main(args: readonly string[], options: MainOptions = {}): Promise<number> {
  const output = options.output ?? new Output(process.stdout, process.stderr);
  const [name, ...rest] = args;
  if (name === "--version" || name === "-v") return say(output, version());
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return say(output, overview(), name === undefined ? 2 : 0);
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    output.note(`Unknown command "${name}". Run "bearhug --help".`);
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) return say(output, command.usage);
  using interruption = options.signal ? undefined : listenForSignals();
  const signal = options.signal ?? interruption?.signal ?? new AbortController().signal;
  // Awaited here: the signals are listened for until the command has ended.
  return await runCommand(command, rest, {
    output,
    signal,
    readSecret: options.readSecret ?? readSecret,
  });
}

async function runCommand(
  command: Command,
  args: readonly string[],
  context: Context,
): Promise<number> {
  const { output } = context;
  try {
    await command.run(args, context);
    return 0;
  } catch (error) {
    if (isUsageError(error)) {
      output.note(`${error.message}\n\nUsage: ${command.usage}`);
      return 2;
    }
    output.fail(error);
    return isAbortError(error) ? 130 : 1;
  } finally {
    output.finish();
  }
}

/** Ours, and what `parseArgs` throws. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("ERR_PARSE_ARGS_");
}

/** The first signal aborts the command, which cleans up; the second ends the process at once. */
function listenForSignals(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

function say(output: Output, text: string, exitCode = 0): number {
  if (exitCode === 0) output.print(text);
  else output.note(text);
  return exitCode;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return [
    "Usage: bearhug COMMAND",
    "",
    ...lines,
    "",
    '"bearhug COMMAND --help" explains a command. The Hub is chosen by HF_ENDPOINT, the account by HF_TOKEN.',
  ].join("\n");
}
