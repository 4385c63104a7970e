// Sentence embeddings per second of the real all-MiniLM-L6-v2 in float32: our pipeline against the reference's
// JavaScript library, the stock ONNX Runtime binding, and PyTorch. Each contestant is a process of its own with the
// same number of threads; all load first, then take turns, round by round, in a changing order. Rounds are short, so
// that the contestants of one meet the same machine, and many.
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { print, save, summarise } from "./report.mjs";
import { CHECKPOINT, ONNX_MODELS, PYTHON, ROOT, setUpEmbeddings } from "./set-up.mjs";
import { Worker } from "./worker.mjs";

const OURS = "bearhug";
const here = (name) => join(import.meta.dirname, "embeddings", name);

const ROUNDS = 15;

export async function run({ rounds = ROUNDS, threads = availableParallelism() } = {}) {
  await setUpEmbeddings();
  const workloads = await makeWorkloads();
  const workers = start(threads);
  const versions = {};
  for (const [name, worker] of Object.entries(workers)) versions[name] = await worker.receive();
  const expected = await goldenVector();
  const samples = {};
  const peaks = {};
  for (let round = -1; round < rounds; round++) {
    for (const [workload, question] of Object.entries(workloads)) {
      for (const [name, worker] of rotated(Object.entries(workers), round + 1)) {
        await delay(100);
        const answer = await worker.ask(question);
        checkSame(name, answer.first, expected[question.texts[0]]);
        peaks[name] = Math.round(answer.peakMemoryMiB);
        if (round < 0) continue; // warm-up
        samples[workload] ??= {};
        samples[workload][name] ??= [];
        const count = question.texts.length;
        samples[workload][name].push({
          rate: count / answer.seconds,
          cpu: answer.cpuSeconds / count,
        });
      }
    }
  }
  for (const worker of Object.values(workers)) await worker.stop();
  const results = summarise(samples, OURS);
  print(results, "embeddings/s");
  if (rounds < ROUNDS) return; // a glance, not a result
  await save("embeddings", {
    unit: "embeddings/s",
    threads,
    rounds,
    contestants: versions,
    peakMemoryMiB: peaks,
    results,
  });
}

function start(threads) {
  const node = (file, ...args) =>
    new Worker(process.execPath, [here(file), ...args, String(threads)], {
      OMP_NUM_THREADS: String(threads),
    });
  const python = [here("pytorch.py"), CHECKPOINT, String(threads)];
  return {
    [OURS]: node("bearhug.mjs", CHECKPOINT),
    "@huggingface/transformers": node("transformers-js.mjs", ONNX_MODELS, "all-MiniLM-L6-v2"),
    "onnxruntime-node, stock binding": node("stock-binding.mjs", ONNX_MODELS, "all-MiniLM-L6-v2"),
    PyTorch: new Worker(PYTHON, python, {
      OMP_NUM_THREADS: String(threads),
      TOKENIZERS_PARALLELISM: "false",
    }),
  };
}

async function fixture() {
  const path = join(ROOT, "fixtures", "transformers", "minilm-embeddings.json");
  return JSON.parse(await readFile(path, "utf8")).cases;
}

/** Short: the golden sentences up to 40 tokens. Long: those and more, joined to about 200 tokens. */
async function makeWorkloads() {
  const cases = await fixture();
  const short = cases.filter(({ tokens }) => tokens <= 40).map(({ input }) => input);
  const long = cases.find(({ name }) => name === "near the limit").input;
  const texts = (count, from) =>
    Array.from({ length: count }, (_, index) => from[index % from.length]);
  return {
    "short texts, batch 1": { texts: texts(48, short), batchSize: 1 },
    "short texts, batch 32": { texts: texts(64, short), batchSize: 32 },
    "long texts (242 tokens), batch 1": { texts: texts(6, [long]), batchSize: 1 },
    "long texts (242 tokens), batch 32": { texts: texts(32, [long]), batchSize: 32 },
  };
}

async function goldenVector() {
  const entries = (await fixture()).map(({ input, expected }) => {
    const bytes = Buffer.from(expected, "base64");
    return [input, Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))];
  });
  return Object.fromEntries(entries);
}

/** A fast wrong answer does not count. */
function checkSame(name, actual, expected) {
  const worst = Math.max(...expected.map((value, index) => Math.abs(value - actual[index])));
  if (!(worst < 1e-4)) throw new Error(`${name} is off by ${worst}`);
}

const rotated = (items, by) => items.map((_, index) => items[(index + by) % items.length]);
