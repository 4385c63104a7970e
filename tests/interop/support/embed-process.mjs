// A user's program of our own pipeline, in a process of its own: `node --expose-gc embed-process.mjs ACTION MODEL`, prints JSON.
// Plain JavaScript, so that it runs against the built packages as they are installed.
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Anonymous memory without garbage: not backed by a file, so it cannot be dropped and read again. Linux. */
const privateBytes = () => {
  globalThis.gc();
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
};

const ofNode = privateBytes();
const [action, model] = process.argv.slice(2);
const { pipeline } = await import("@bearhug/transformers");
const embed = await pipeline("feature-extraction", model);

const actions = {
  /** Largest differences from the golden embeddings, alone and in batches; memory before and after. */
  async compare() {
    const openBytes = privateBytes() - ofNode;
    const fixture = new URL(
      "../../../fixtures/transformers/minilm-embeddings.json",
      import.meta.url,
    );
    const { cases } = JSON.parse(readFileSync(fixture, "utf8"));
    const expected = cases.map(({ expected: text }) => {
      const bytes = Buffer.from(text, "base64");
      return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    });
    const texts = cases.map(({ input }) => input);
    const alone = [];
    for (const text of texts) alone.push(await embed(text));
    const batched = await embed(texts);
    const pairs = await embed(texts, { batchSize: 7 });
    const worst = (vectors) => {
      const each = vectors.map((vector, row) =>
        Math.max(...expected[row].map((value, index) => Math.abs(value - vector[index]))),
      );
      const largest = Math.max(...each);
      return { largest, name: cases[each.indexOf(largest)].name };
    };
    return {
      count: texts.length,
      alone: worst(alone),
      batched: worst(batched),
      pairs: worst(pairs),
      openBytes,
      afterRunsBytes: privateBytes() - ofNode,
    };
  },

  /** How long the event loop was ever kept from its timers while a long batch ran. */
  async responsive() {
    const texts = Array.from({ length: 64 }, (_, n) =>
      `${n} the quick brown fox jumps `.repeat(40),
    );
    await embed(texts.slice(0, 2));
    const histogram = monitorEventLoopDelay({ resolution: 5 });
    histogram.enable();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const started = performance.now();
    await embed(texts);
    const seconds = (performance.now() - started) / 1000;
    clearInterval(timer);
    histogram.disable();
    return { seconds, ticks, p99Ms: histogram.percentile(99) / 1e6, maxMs: histogram.max / 1e6 };
  },

  /** An abort in the middle of the second of six batches: how long that takes, with what it ends, and whether the pipeline still works. */
  async abort() {
    const texts = Array.from({ length: 96 }, (_, n) =>
      `${n} the quick brown fox jumps `.repeat(40),
    );
    const begun = performance.now();
    await embed(texts);
    const wholeMs = performance.now() - begun;
    const controller = new AbortController();
    let abortedAt = Number.NaN;
    const abort = () => {
      abortedAt = performance.now();
      controller.abort();
    };
    let isDue = false;
    const onProgress = () => {
      if (!isDue) setTimeout(abort, wholeMs / 12);
      isDue = true;
    };
    const { name } = await embed(texts, { signal: controller.signal, onProgress }).then(
      () => ({ name: "finished" }),
      (error) => ({ name: error.name }),
    );
    const stoppedAfterMs = performance.now() - abortedAt;
    const vector = await embed("still works");
    return { name, stoppedAfterMs, wholeMs, length: vector.length };
  },

  async once() {
    return { length: (await embed("Hello")).length };
  },
};

const answer = await actions[action]();
await embed[Symbol.asyncDispose]();
console.log(JSON.stringify(answer));
