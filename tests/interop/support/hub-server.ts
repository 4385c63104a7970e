import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { ARTIFACTS, BEARHUG } from "./paths.ts";

const run = promisify(execFile);

/** A real `bearhug serve` in a process of its own, on a free port, with a user and tokens made as scripts make them. */
export interface TestHub extends AsyncDisposable {
  readonly url: string;
  readonly dataDir: string;
  readonly user: "ada";
  readonly password: string;
  /** Write access as ada. */
  readonly token: string;
  /** Read access as ada. */
  readonly readToken: string;
  /** Write access as another user, grace. */
  readonly otherToken: string;
  /** The server process's id; another one after `restart()`. */
  readonly pid: number;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts the server again on the same data folder and port. */
  restart(): Promise<void>;
  /** The most memory that the process has held at once, in bytes. Linux. */
  peakMemory(): Promise<number>;
}

/** Runs `bearhug …` to its end; gives what it printed. */
export async function bearhug(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(process.execPath, [BEARHUG, ...args], {
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}

/** @param suite names the server's log in the artifacts folder. */
export async function startHub(suite: string): Promise<TestHub> {
  const dataDir = await mkdtemp(join(tmpdir(), `bearhug-${suite}-`));
  await mkdir(ARTIFACTS, { recursive: true });
  const log = createWriteStream(join(ARTIFACTS, `${suite}.server.log`));
  let server = await serve(dataDir, 0, log);
  const password = "correct horse battery staple";
  await bearhug(["admin", "user", "create", "ada", "--password", password, "--data", dataDir]);
  await bearhug(["admin", "user", "create", "grace", "--password", password, "--data", dataDir]);
  const token = (name: string, role: string): Promise<string> =>
    bearhug(["admin", "token", "create", name, "--role", role, "--data", dataDir]);
  const [write, read, other] = [
    await token("ada", "write"),
    await token("ada", "read"),
    await token("grace", "write"),
  ];
  return {
    url: server.url,
    dataDir,
    user: "ada",
    password,
    token: write,
    readToken: read,
    otherToken: other,
    get pid(): number {
      return server.process.pid ?? 0;
    },
    kill: () => end(server.process, "SIGKILL"),
    restart: async () => {
      await end(server.process, "SIGTERM");
      server = await serve(dataDir, Number(new URL(server.url).port), log);
    },
    peakMemory: () => peakMemory(server.process.pid ?? 0),
    [Symbol.asyncDispose]: async () => {
      await end(server.process, "SIGTERM");
      log.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface RunningServer {
  readonly process: ChildProcess;
  readonly url: string;
}

type Log = ReturnType<typeof createWriteStream>;

/** Starts the server and waits for the address that its ready line prints. */
function serve(dataDir: string, port: number, log: Log): Promise<RunningServer> {
  const args = ["serve", "--data", dataDir, "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(process.execPath, [BEARHUG, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let printed = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      log.write(chunk);
      printed += chunk.toString();
      const url = /ready at (http:\/\/127\.0\.0\.1:\d+)/.exec(printed)?.[1];
      if (url) resolve({ process: child, url });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`bearhug serve exited ${code}:\n${printed}`)));
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.on("exit", () => resolve());
    child.kill(signal);
  });
}

async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Runs a program to its end and gives its output; a failure's error holds all that it printed. */
export async function command(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { ...options, env: { ...process.env, ...options.env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout.toString());
        const line = [basename(program), ...args].join(" ");
        reject(new Error(`"${line}" exited ${error.code}:\n${stdout}${stderr}`));
      },
    );
  });
}
