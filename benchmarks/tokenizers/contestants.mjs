// Who takes part, in which work, with which tokenizers. Each is a process of its own with as many threads as said.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "../worker.mjs";
import { BPE_CRATE, PYTHON, WORDCHIPPER_CACHE } from "./set-up.mjs";

export const OURS = "bearhug";
/** The two faces of the official library that the bars are about. */
export const OFFICIAL_PYTHON = "official, Python, 1 thread";
export const OFFICIAL_NODE = "official, Node, 1 thread";
export const NPM_PEERS = ["@huggingface/tokenizers", "gpt-tokenizer", "kitoken"];

const cores = availableParallelism();
const here = (name) => join(import.meta.dirname, name);

/** Both libraries of threads that rivals in Rust use, and the switch of the official one. */
const threads = (count) => ({
  RAYON_NUM_THREADS: String(count),
  OMP_NUM_THREADS: String(count),
  TOKENIZERS_PARALLELISM: count > 1 ? "true" : "false",
  WORDCHIPPER_CACHE_DIR: WORDCHIPPER_CACHE,
});
const node = (file, args, count) => () =>
  new Worker(process.execPath, ["--expose-gc", here(file), ...args], threads(count));
const python = (name, count) => () =>
  new Worker(PYTHON, [here("rivals.py"), name, String(count)], threads(count));

const BYTE_LEVEL = ["gpt2", "llama3", "qwen3", "gpt4o"];
const ALL_BPE = [...BYTE_LEVEL, "llama2", "gemma3"];
/** One or two of each kind, where all cores work too. */
const SOME = ["gpt2", "llama3", "bert", "unigram-8k", "llama2"];
const EVERYTHING = ["ids", "short", "full", "decode", "first", "load", "train"];
const WITHOUT_FULL = ["ids", "short", "decode", "load"];

/**
 * `works`: the cases it takes part in; `only`: the tokenizers it can run by its own account, default all;
 * `threads`: of one or of all cores.
 */
export const CONTESTANTS = {
  [OURS]: { start: node("bearhug.mjs", [], 1), works: EVERYTHING },
  [OFFICIAL_PYTHON]: { start: python("official", 1), works: EVERYTHING },
  [OFFICIAL_NODE]: {
    start: node("node-binding.mjs", [], 1),
    works: ["ids", "short", "full", "decode", "first", "load"],
  },
  "official, Python, all cores": {
    start: python("official", cores),
    works: ["ids", "short", "full", "train"],
    only: [...SOME, "BPE", "WordPiece", "Unigram"],
  },
  "official, Node, all cores": {
    start: node("node-binding.mjs", [], cores),
    works: ["ids", "short", "full"],
    only: SOME,
  },
  "@huggingface/tokenizers": {
    start: node("npm-peers.mjs", ["@huggingface/tokenizers"], 1),
    works: WITHOUT_FULL,
  },
  "gpt-tokenizer": {
    start: node("npm-peers.mjs", ["gpt-tokenizer"], 1),
    works: WITHOUT_FULL,
    only: ["gpt2", "gpt4o"],
  },
  kitoken: { start: node("npm-peers.mjs", ["kitoken"], 1), works: WITHOUT_FULL },
  "tiktoken, 1 thread": {
    start: python("tiktoken", 1),
    works: WITHOUT_FULL,
    only: ["gpt2", "llama3", "gpt4o"],
  },
  "tiktoken, all cores": {
    start: python("tiktoken", cores),
    works: ["ids", "short"],
    only: ["gpt2", "llama3"],
  },
  "gigatoken, 1 thread": {
    start: python("gigatoken", 1),
    works: [...WITHOUT_FULL, "train"],
    only: [...ALL_BPE, "BPE"],
  },
  "gigatoken, all cores": {
    start: python("gigatoken", cores),
    works: ["ids", "short"],
    only: ["gpt2", "llama3", "llama2"],
  },
  "fastokens, 1 thread": { start: python("fastokens", 1), works: WITHOUT_FULL, only: ALL_BPE },
  "fastokens, all cores": {
    start: python("fastokens", cores),
    works: ["ids", "short"],
    only: ["gpt2", "llama3", "llama2"],
  },
  "wordchipper, 1 thread": {
    start: python("wordchipper", 1),
    works: WITHOUT_FULL,
    only: ["gpt2", "gpt4o"],
  },
  "wordchipper, all cores": {
    start: python("wordchipper", cores),
    works: ["ids", "short"],
    only: ["gpt2"],
  },
  "bpe (crate), 1 thread": {
    start: () => new Worker(BPE_CRATE, []),
    works: WITHOUT_FULL,
    only: ["gpt4o"],
  },
};
