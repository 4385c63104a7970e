// The one entry behind `npm start`, `npm test` and `npm run check`: sets the workspace up, then runs.
// Plain JavaScript, because on a fresh clone nothing is installed or built yet.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = "", ...rest] = process.argv.slice(2);

/** Runs a program with inherited output; stops this process with its exit code when it fails. */
function run(program, args, { quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: quiet ? ["ignore", "pipe", "inherit"] : "inherit",
      shell: process.platform === "win32",
    });
    if (quiet) child.stdout.pipe(process.stderr);
    child.on("error", (error) => {
      console.error(`Cannot run "${program}": ${error.message}`);
      process.exit(1);
    });
    child.on("exit", (code, signal) => {
      if (code === 0) return resolve();
      process.exit(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

const bin = (name) => join(root, "node_modules", ".bin", name);

async function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error("Installing dependencies (npm ci) ...");
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    quiet: true,
  });
}

async function build() {
  await run(bin("tsc"), ["-b", "packages/cli"], { quiet: true });
  await run(process.execPath, [join(root, "tools", "build-assets.mjs")], { quiet: true });
}

/** Replaces the wait: signals reach the child directly, so that a server can close its data folder. */
function hand(program, args) {
  const child = spawn(program, args, { cwd: process.env["INIT_CWD"] ?? root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

const commands = {
  build: () => {},
  start: () =>
    hand(process.execPath, [join(root, "packages/cli/bin/bearhug.js"), "serve", ...rest]),
  test: () => run(bin("vitest"), ["run", ...rest]),
  bench: () => run(process.execPath, [join(root, "benchmarks", "run.mjs"), ...rest]),
  check: async () => {
    await run(bin("biome"), ["check", "."]);
    await run(bin("tsc"), ["-b"]);
    await run(bin("vitest"), ["run", ...rest]);
  },
};

const action = commands[command];
if (!action) {
  console.error(`Usage: node tools/run.mjs ${Object.keys(commands).join(" | ")}`);
  process.exit(2);
}
await install();
await build();
await action();
