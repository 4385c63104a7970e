/** Runs the `git` program, with nothing around it that could change what it does. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { concatBytes } from "@bearhug/core";
import { GitError, RepositoryGoneError } from "./errors.ts";

/** Passed to every child and its children through the environment, above any file. */
const CONFIG: Readonly<Record<string, string>> = {
  // Index files belong to `derived-metadata`: without them a synced pack is of no use.
  "core.fsync": "objects,derived-metadata,reference",
  "core.hooksPath": "/dev/null",
  "core.filesRefLockTimeout": "5000",
  "core.packedRefsTimeout": "5000",
  "core.logAllRefUpdates": "false",
  "core.quotePath": "false",
  "core.warnAmbiguousRefs": "false",
  "color.ui": "false",
  "gc.auto": "0",
  "maintenance.auto": "false",
  // The folder may belong to another user than the one the server runs as (a mounted volume).
  "safe.directory": "*",
  "uploadpack.allowFilter": "true",
  "uploadpack.allowTipSHA1InWant": "true",
  "uploadpack.allowReachableSHA1InWant": "true",
};

const OLDEST: readonly [number, number] = [2, 36]; // cat-file --batch-command
const STDERR_BYTES = 16 * 1024;

export interface GitCommand {
  /** The bare repository; absent for commands that need none. */
  readonly directory?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Kills the child. */
  readonly signal?: AbortSignal | undefined;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

export interface GitChild extends ChildProcessWithoutNullStreams {
  /** Settles when the child has ended and its output is read. Never rejects. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>;
}

export function spawnGit(command: GitCommand): GitChild {
  const child = spawn("git", command.args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: environment(command),
    ...(command.directory === undefined ? {} : { cwd: command.directory }),
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (stderr.length < STDERR_BYTES) stderr += chunk.toString();
  });
  // A child that ends early breaks its input pipe; its exit code tells why.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<{ readonly code: number; readonly stderr: string }>((resolve) => {
    child.on("error", (error) => resolve({ code: -1, stderr: stderr || error.message }));
    child.on("close", (code) => resolve({ code: code ?? -1, stderr: stderr.trim() }));
  });
  const kill = () => child.kill("SIGTERM");
  if (command.signal?.aborted) kill();
  command.signal?.addEventListener("abort", kill, { once: true });
  void ended.then(() => command.signal?.removeEventListener("abort", kill));
  return Object.assign(child, { ended });
}

/** Runs to the end; any exit code is an answer. */
export async function tryGit(
  command: GitCommand,
  input?: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<GitResult> {
  const child = spawnGit(command);
  const chunks: Uint8Array[] = [];
  child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  try {
    await writeInput(child, input);
  } catch (error) {
    child.kill("SIGKILL");
    await child.ended;
    throw error;
  }
  const { code, stderr } = await child.ended;
  command.signal?.throwIfAborted();
  return { code, stderr, stdout: concatBytes(chunks) };
}

/** Runs to the end. @throws {GitError} when the exit code is not 0. */
export async function runGit(
  command: GitCommand,
  input?: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  const { code, stdout, stderr } = await tryGit(command, input);
  if (code !== 0) throw gitFailure(command, code, stderr);
  return Buffer.from(stdout.buffer, stdout.byteOffset, stdout.length).toString("utf8");
}

/** The output as it comes. The child is killed when the reader stops. @throws {GitError} */
export async function* streamGit(command: GitCommand): AsyncGenerator<Uint8Array, void> {
  const child = spawnGit(command);
  child.stdin.end();
  let whole = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array; // as: no encoding is set
    whole = true;
  } finally {
    if (!whole) child.kill("SIGKILL");
  }
  const { code, stderr } = await child.ended;
  command.signal?.throwIfAborted();
  if (code !== 0) throw gitFailure(command, code, stderr);
}

/** Writes to the child as fast as it reads; returns when all is written or the child has ended. */
export async function writeInput(
  child: GitChild,
  input: string | Uint8Array | AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  if (input === undefined || typeof input === "string" || input instanceof Uint8Array) {
    child.stdin.end(input ?? "");
    return;
  }
  for await (const chunk of input) {
    if (child.stdin.destroyed) break;
    if (!child.stdin.write(chunk)) await drained(child);
  }
  child.stdin.end();
}

function drained(child: GitChild): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      child.stdin.off("drain", done);
      child.stdin.off("close", done);
      resolve();
    };
    child.stdin.on("drain", done);
    child.stdin.on("close", done);
  });
}

/** What a failed command is to be answered with. */
export function gitFailure(
  { args, directory }: GitCommand,
  code: number,
  stderr: string,
): GitError | RepositoryGoneError {
  const first = stderr.split("\n").slice(0, 3).join("; ") || "no message";
  const failure = new GitError(`"git ${args[0]}" failed with exit code ${code}: ${first}`);
  const isGone = directory !== undefined && !existsSync(directory);
  return isGone ? new RepositoryGoneError({ cause: failure }) : failure;
}

function environment({ directory, env }: GitCommand): NodeJS.ProcessEnv {
  const config = Object.entries(CONFIG).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    PATH: process.env["PATH"],
    TMPDIR: process.env["TMPDIR"],
    HOME: "/nonexistent",
    LC_ALL: "C",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_COUNT: String(Object.keys(CONFIG).length),
    ...Object.fromEntries(config),
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ATTR_NOSYSTEM: "1",
    ...(directory === undefined ? {} : { GIT_DIR: directory }),
    ...env,
  };
}

/** @throws {GitError} when there is no `git`, or one older than 2.36. */
export async function checkGitVersion(): Promise<void> {
  let text: string;
  try {
    text = (await promisify(execFile)("git", ["--version"])).stdout;
  } catch (cause) {
    throw new GitError("Cannot run the git program", { cause, hint: "Install git 2.36 or later" });
  }
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const newer = Number(major) - OLDEST[0] || Number(minor) - OLDEST[1];
  if (newer < 0) {
    throw new GitError(`The git program is too old: ${text.trim()}`, {
      hint: `Install git ${OLDEST.join(".")} or later`,
    });
  }
}
