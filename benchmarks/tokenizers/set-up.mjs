// Fetches the rivals and the tokenizers: npm packages into benchmarks/node_modules, Python ones into .venv, the crate's
// program into .assets. What cannot be had is said, and its contestant is listed with its error.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute, installNpmRivals, ROOT } from "../set-up.mjs";
import { prepareTexts } from "./texts.mjs";

const FOLDER = join(ROOT, ".assets", "benchmarks", "tokenizers");
const VENV = join(ROOT, ".venv", "tokenizers");
const CARGO_TARGET = join(ROOT, ".assets", "benchmarks", "cargo");
export const PYTHON = join(VENV, "bin", "python");
/** wordchipper would download its vocabularies; it takes what lies here. */
export const WORDCHIPPER_CACHE = join(FOLDER, "wordchipper");
export const BPE_CRATE = join(CARGO_TARGET, "release", "bearhug-benchmark-bpe");

/** Name → its tokenizer.json in `.assets/`, or how it is made of a vocabulary there. */
export const TOKENIZERS = {
  gpt2: { asset: "tokenizer-gpt2", family: "byte-level BPE" },
  llama3: { asset: "tokenizer-llama3", family: "byte-level BPE" },
  qwen3: { asset: "tokenizer-qwen3", family: "byte-level BPE" },
  gpt4o: { asset: "tokenizer-gpt4o", family: "byte-level BPE" },
  bert: { asset: "all-MiniLM-L6-v2", family: "WordPiece" },
  "unigram-8k": { asset: "tokenizer-unigram-vocabulary", make: unigram8k, family: "Unigram" },
  "xlm-r": { asset: "tokenizer-multilingual-e5", family: "Unigram" },
  llama2: { asset: "tokenizer-llama2", family: "SentencePiece BPE" },
  gemma3: { asset: "tokenizer-gemma3", family: "SentencePiece BPE" },
};

/** @returns `paths` of the tokenizers, `texts`, their `origin`, and `missing`: what could not be had, with the reason */
export async function setUpTokenizers({ names, megabytes }) {
  const missing = {};
  const attempt = async (what, action) => {
    try {
      await action();
    } catch (error) {
      missing[what] = error.message;
      console.log(`${what}: ${error.message}`);
    }
  };
  await attempt("npm packages", installNpmRivals);
  await attempt("Python packages", installPython);
  await attempt("crate bpe", buildCrate);
  await mkdir(FOLDER, { recursive: true });
  const paths = {};
  for (const name of names) {
    await attempt(`tokenizer ${name}`, async () => {
      paths[name] = await prepareTokenizer(name);
    });
  }
  return { paths, missing, ...(await prepareTexts(FOLDER, { root: ROOT, megabytes })) };
}

async function installPython() {
  const wanted = join(import.meta.dirname, "python.txt");
  const installed = join(VENV, "installed.txt");
  const text = await readFile(wanted, "utf8");
  if ((await readFile(installed, "utf8").catch(() => "")) === text) return;
  await execute(process.env["PYTHON"] ?? "python3", ["-m", "venv", "--clear", VENV]);
  const install = (...what) =>
    execute(PYTHON, [
      ...["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"],
      ...["--disable-pip-version-check", ...what],
    ]);
  try {
    await install("--requirement", wanted);
    await copyFile(wanted, installed);
  } catch {
    // One without a wheel for this machine must not take the others with it.
    const lines = text.split("\n").filter((line) => /^[\w.-]+==/.test(line));
    for (const line of lines) await install(line).catch(({ message }) => console.log(message));
  }
}

async function buildCrate() {
  const options = { env: { ...process.env, CARGO_TARGET_DIR: CARGO_TARGET } };
  const manifest = join(import.meta.dirname, "bpe", "Cargo.toml");
  try {
    await execute("cargo", ["--version"]);
  } catch {
    throw new Error("skipped, because cargo is not installed");
  }
  await execute(
    "cargo",
    ["build", "--release", "--locked", "--quiet", "--manifest-path", manifest],
    options,
  );
}

/** A copy without truncation and padding, which would hide most of a long document. */
async function prepareTokenizer(name) {
  const { asset, make } = TOKENIZERS[name];
  const folder = join(ROOT, ".assets", asset);
  if (!existsSync(folder)) {
    await execute(process.execPath, [join(ROOT, "tools", "fetch-assets.mjs"), asset]);
  }
  const read = async (file) => JSON.parse(await readFile(join(folder, file), "utf8"));
  const path = join(FOLDER, `${name}.tokenizer.json`);
  const definition = make ? make(await read("vocab.json")) : await read("tokenizer.json");
  Object.assign(definition, { truncation: null, padding: null });
  definition.model.type ??= "BPE"; // old files leave it out, which not every rival can read
  await writeFile(path, JSON.stringify(definition));
  if (name in RANK_FILES) await writeRanks(definition, RANK_FILES[name]);
  return path;
}

const RANK_FILES = { gpt2: "r50k_base", gpt4o: "o200k_base" };

/** The vocabulary as tiktoken's format has it: a token's bytes in base64, and its rank, which is its id. */
async function writeRanks({ model, added_tokens: added }, encoding) {
  const printable = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  const bytes = new Map();
  for (let byte = 0; byte < 256; byte++) {
    bytes.set(String.fromCharCode(printable(byte) ? byte : next++), byte);
  }
  const special = new Set(added.map(({ content }) => content));
  const lines = Object.entries(model.vocab)
    .filter(([token]) => !special.has(token))
    .sort(([, a], [, b]) => a - b)
    .map(([token, id]) => {
      const raw = Buffer.from(Array.from(token, (character) => bytes.get(character)));
      return `${raw.toString("base64")} ${id}\n`;
    });
  const folder = join(WORDCHIPPER_CACHE, "openai", encoding);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${encoding}.tiktoken`), lines.join(""));
}

const FLAGS = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const special = (id, content) => ({ id, content, ...FLAGS, special: true });

/** A few pieces have no score there. */
const RAREST = -20;

function unigram8k(pieces) {
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  return {
    version: "1.0",
    added_tokens: pieces.slice(0, 3).map(([content], id) => special(id, content)),
    normalizer: { type: "NFKC" },
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    model: {
      type: "Unigram",
      unk_id: 0,
      vocab: pieces.map(([piece, score]) => [piece, score ?? RAREST]),
      byte_fallback: false,
    },
  };
}
