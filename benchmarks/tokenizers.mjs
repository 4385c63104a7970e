// Text to ids and back, against the official library in Rust and the fastest tokenizers that registries hold, in one
// run. README.md in this folder says how. Each contestant is a process of its own; rounds are interleaved.
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { median, save } from "./report.mjs";
import {
  CONTESTANTS,
  NPM_PEERS,
  OFFICIAL_NODE,
  OFFICIAL_PYTHON,
  OURS,
} from "./tokenizers/contestants.mjs";
import { judge, judgeMemory, printBars, printCase, summarise } from "./tokenizers/report.mjs";
import { setUpTokenizers, TOKENIZERS } from "./tokenizers/set-up.mjs";
import { TRAINING } from "./tokenizers/training.mjs";

const BOTH_ENDS = ["gpt2", "llama3", "bert", "unigram-8k", "llama2"];
const CASES = {
  ids: { title: "long documents, warm", work: "ids", texts: "long", of: Object.keys(TOKENIZERS) },
  short: { title: "2,000 sentences a call", work: "ids", texts: "short", of: BOTH_ENDS },
  full: { title: "every field of an encoding", work: "full", texts: "long", of: BOTH_ENDS },
  decode: { title: "ids to text", work: "decode", texts: "long", of: BOTH_ENDS },
  first: { title: "first pass of a fresh process", of: ["gpt2", "llama3", "qwen3", "gpt4o"] },
  load: { title: "file to first ids", of: ["llama3", "gpt4o"] },
  train: { title: "training", of: Object.keys(TRAINING) },
};
const WARM = ["ids", "short", "full", "decode"];
/** Slices whose ids are compared: many of ours, few of slow rivals. */
const CHECKED = { [OURS]: 16, [OFFICIAL_PYTHON]: 16 };
/** Those that the engine compiles while they run. */
const COMPILED = new Set([OURS, ...NPM_PEERS]);
const WARM_UP_SECONDS = 1;
const FIRST_BYTES = 2e6;
/** Those that the bars are about have all their rounds; another that takes longer than this has one. */
const RATIOS = new Set([OURS, OFFICIAL_PYTHON, OFFICIAL_NODE]);
const PATIENCE_MS = 15_000;
/** A rival that hangs must not hold up the others. */
const LIMITS = { limitSeconds: 300 };

/**
 * @param options `case`, `tokenizer`, `contestant`: only these (the contestants of the ratios always take part);
 *   `rounds`; `megabytes` of text; `seconds` that a contestant works at most, a round
 */
export async function run(options = {}) {
  const { rounds = 5, megabytes = 16, seconds = 0.25 } = options;
  const chosen = choose(options);
  const set = await setUpTokenizers({ names: tokenizersOf(chosen), megabytes });
  const context = { ...set, chosen, rounds, seconds, results: {}, bars: [], versions: {} };
  for (const tokenizer of Object.keys(set.paths)) await runWarm(tokenizer, context);
  for (const tokenizer of chosen.first ?? []) await runFirst(tokenizer, context);
  for (const tokenizer of chosen.load ?? []) await runLoad(tokenizer, context);
  for (const name of chosen.train ?? []) await runTraining(name, context);
  printBars(context.bars);
  if (context.failed) process.exitCode = 1;
  if (options.case || options.tokenizer || options.contestant) {
    console.log("\nNot saved: a part of the benchmark.");
    return;
  }
  const texts = Object.entries(set.texts).map(([name, { path: _, ...rest }]) => [name, rest]);
  await save("tokenizers", {
    unit: "MB/s, a megabyte is 10^6 bytes of UTF-8; load: loads/s",
    rounds,
    secondsPerRound: seconds,
    cores: availableParallelism(),
    commit: await commit(),
    origin: set.origin,
    texts: Object.fromEntries(texts),
    contestants: context.versions,
    missing: set.missing,
    bars: context.bars,
    results: context.results,
  });
}

/** Case → what it runs on. */
function choose({ case: cases, tokenizer: names, contestant: contestants }) {
  for (const name of cases ?? []) check(name, CASES, "case");
  for (const name of names ?? []) check(name, { ...TOKENIZERS, ...TRAINING }, "tokenizer");
  for (const name of contestants ?? []) check(name, CONTESTANTS, "contestant");
  const chosen = { contestants };
  for (const [name, { of }] of Object.entries(CASES)) {
    if (cases && !cases.includes(name)) continue;
    // A named tokenizer runs in every case that can take it, even where it is not one of the usual.
    const able = name === "train" ? TRAINING : TOKENIZERS;
    chosen[name] = names ? names.filter((item) => item in able) : of;
  }
  return chosen;
}

function check(name, known, what) {
  if (name in known) return;
  console.error(`No ${what} "${name}". There are: ${Object.keys(known).join(", ")}`);
  process.exit(2);
}

function tokenizersOf(chosen) {
  const { train: _, contestants: _names, ...others } = chosen;
  const used = new Set(Object.values(others).flat());
  return Object.keys(TOKENIZERS).filter((name) => used.has(name));
}

/** Contestants of some cases, on one tokenizer. */
function contestantsOf(works, tokenizer, { chosen }) {
  return Object.keys(CONTESTANTS).filter((name) => {
    const { works: able, only } = CONTESTANTS[name];
    const isWanted = !chosen.contestants || chosen.contestants.includes(name) || RATIOS.has(name);
    return (
      isWanted && works.some((work) => able.includes(work)) && (only?.includes(tokenizer) ?? true)
    );
  });
}

/** One process a contestant for all the warm cases of a tokenizer. */
async function runWarm(tokenizer, context) {
  const cases = WARM.filter((name) => context.chosen[name]?.includes(tokenizer));
  if (cases.length === 0) return;
  const errors = {};
  const workers = {};
  for (const name of contestantsOf(cases, tokenizer, context)) {
    try {
      workers[name] = await begin(name, context);
      await load(workers[name], tokenizer, context);
    } catch (error) {
      errors[name] = error.message;
      await workers[name]?.stop();
      delete workers[name];
    }
  }
  for (const name of cases) {
    const isAble = ([rival]) => CONTESTANTS[rival].works.includes(name);
    const able = Object.fromEntries(Object.entries(workers).filter(isAble));
    const entry = { samples: {}, same: {}, errors: { ...errors } };
    await verify(name, able, { ...context, entry });
    await measure(name, able, { ...context, entry });
    report(name, tokenizer, { ...context, entry, context });
  }
  for (const worker of Object.values(workers)) await worker.stop();
}

async function begin(name, { versions }) {
  const worker = CONTESTANTS[name].start();
  const self = await worker.receive();
  if (self.error) {
    await worker.stop();
    throw new Error(self.error);
  }
  versions[name] = self.versions;
  return worker;
}

async function ask(worker, question) {
  const answer = await worker.ask(question, LIMITS);
  if (answer.error) throw new Error(answer.error);
  return answer;
}

const load = (worker, name, { paths }) => ask(worker, { do: "load", name, path: paths[name] });

/** A fast wrong answer does not count: digests over what each made of the same slices. */
async function verify(name, workers, { texts, entry }) {
  const { work, texts: kind } = CASES[name];
  const digests = {};
  for (const [rival, worker] of Object.entries(workers)) {
    try {
      const question = { do: "digest", work, texts: texts[kind].path, count: CHECKED[rival] ?? 2 };
      digests[rival] = (await ask(worker, question)).digests;
    } catch (error) {
      entry.errors[rival] = error.message;
    }
  }
  const expected = digests[OFFICIAL_PYTHON];
  for (const [rival, own] of Object.entries(digests)) {
    if (expected) entry.same[rival] = own.every((digest, i) => digest === expected[i]);
  }
}

async function measure(name, workers, { texts, rounds, seconds, entry }) {
  const { work, texts: kind } = CASES[name];
  for (let round = -1; round < rounds; round++) {
    for (const [rival, worker] of rotated(Object.entries(workers), round + 1)) {
      if (entry.errors[rival]) continue;
      await delay(50);
      try {
        const question = { do: "measure", work, texts: texts[kind].path, start: (round + 1) * 7 };
        const budgetSeconds = round < 0 && COMPILED.has(rival) ? WARM_UP_SECONDS : seconds;
        const answer = await ask(worker, { ...question, budgetSeconds });
        if (round < 0) continue; // warm-up
        entry.samples[rival] ??= [];
        entry.samples[rival].push(rateOf(answer));
      } catch (error) {
        entry.errors[rival] = error.message;
        delete entry.samples[rival];
      }
    }
  }
}

const rateOf = ({ bytes, seconds, cpuSeconds }) => ({
  value: bytes / 1e6 / seconds,
  perCpu: bytes / 1e6 / cpuSeconds,
});

function report(name, tokenizer, { entry, context }) {
  const family = TOKENIZERS[tokenizer]?.family ?? tokenizer;
  const contestants = summarise(entry);
  const unit = name === "load" ? "loads/s" : "MB/s";
  printCase(`${CASES[name].title}: ${tokenizer} (${family})`, unit, contestants);
  if (entry.same[OURS] === false) {
    console.error(`  What ${OURS} gives differs from what ${OFFICIAL_PYTHON} gives.`);
    context.failed = true;
  }
  context.results[name] ??= {};
  context.results[name][tokenizer] = contestants;
  context.bars.push(...judge(name, { tokenizer, family }, entry));
}

/** A new process for every measurement; `action` gives a sample. */
async function inFreshProcesses(name, tokenizer, { context, rounds = context.rounds, action }) {
  const entry = { samples: {}, same: {}, errors: {} };
  const rivals = contestantsOf([name], tokenizer, context);
  const slow = new Set();
  for (let round = 0; round < rounds; round++) {
    for (const rival of rotated(rivals, round)) {
      if (entry.errors[rival] || slow.has(rival)) continue;
      const started = performance.now();
      let worker;
      try {
        worker = await begin(rival, context);
        const sample = await action(worker, rival);
        entry.samples[rival] ??= [];
        entry.samples[rival].push(sample);
      } catch (error) {
        entry.errors[rival] = error.message;
        delete entry.samples[rival];
      }
      await worker?.stop();
      if (performance.now() - started > PATIENCE_MS && !RATIOS.has(rival)) slow.add(rival);
    }
  }
  report(name, tokenizer, { entry, context });
  return entry;
}

/** Ours reads everything, because it gets faster on the way; the official library is as fast from the start. */
async function runFirst(tokenizer, context) {
  if (!context.paths[tokenizer]) return;
  const { path, bytes } = context.texts.long;
  const { samples } = await inFreshProcesses("first", tokenizer, {
    context,
    action: async (worker, rival) => {
      await load(worker, tokenizer, context);
      const question = { do: "measure", work: "ids", texts: path, start: 0, budgetSeconds: 0 };
      const leastBytes = rival === OURS ? bytes : FIRST_BYTES;
      const answer = await ask(worker, { ...question, leastBytes });
      return { ...rateOf(answer), start: rateOfStart(answer) };
    },
  });
  const starts = (samples[OURS] ?? []).map((sample) => sample.start);
  if (starts.length === 0) return;
  const start = Number(median(starts).toPrecision(4));
  context.results.first[tokenizer][OURS].firstTwoMegabytes = start;
  console.log(`  ${OURS} on the first two megabytes alone: ${start} MB/s`);
}

function rateOfStart({ bytes, slices }) {
  const count = Math.ceil((FIRST_BYTES / bytes) * slices.length);
  const seconds = slices.slice(0, count).reduce((sum, item) => sum + item, 0);
  return ((bytes / slices.length) * Math.min(count, slices.length)) / 1e6 / seconds;
}

async function runLoad(tokenizer, context) {
  if (!context.paths[tokenizer]) return;
  const { samples } = await inFreshProcesses("load", tokenizer, {
    context,
    action: async (worker) => {
      const { seconds, cpuSeconds, ...memory } = await load(worker, tokenizer, context);
      return { value: 1 / seconds, perCpu: 1 / cpuSeconds, ...memory };
    },
  });
  for (const [rival, rounds] of Object.entries(samples)) {
    const entry = context.results.load[tokenizer][rival];
    for (const field of ["memoryMB", "residentMB", "heapMB"]) {
      const values = rounds.map((sample) => sample[field]).filter((value) => value !== undefined);
      if (values.length > 0)
        entry[field] = Math.round(values.sort((a, b) => a - b)[values.length >> 1]);
    }
    const heap = entry.heapMB === undefined ? "" : ` (heap ${entry.heapMB})`;
    console.log(
      `  ${rival.padEnd(32)} +${entry.memoryMB} MB resident${heap}, ${entry.residentMB} in all`,
    );
  }
  context.bars.push(...judgeMemory(tokenizer, samples));
}

async function runTraining(name, context) {
  const { rounds, texts, question } = TRAINING[name];
  const { path, bytes } = context.texts[texts];
  const sizes = new Set();
  await inFreshProcesses("train", name, {
    context,
    rounds: Math.min(rounds, context.rounds),
    action: async (worker) => {
      const answer = await ask(worker, { do: "train", texts: path, ...question });
      sizes.add(answer.vocabularySize);
      const megabytes = bytes / 1e6;
      return { value: megabytes / answer.seconds, perCpu: megabytes / answer.cpuSeconds };
    },
  });
  console.log(
    `  vocabularies of ${[...sizes].join(", ")} tokens from ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

async function commit() {
  const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], {
    cwd: import.meta.dirname,
  }).catch(() => ({ stdout: "" }));
  return stdout.trim() || undefined;
}

const rotated = (items, by) => items.map((_, index) => items[(index + by) % items.length]);
