// The side of a contestant in JavaScript: loads a tokenizer and times work on slices of texts when asked.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { serveQuestions } from "../worker.mjs";

/**
 * @param rival `versions`; `load(name, path)` → an engine. An engine's `ids(texts)` gives an opaque result, of which
 *   `rows(result)` are the ids of each text; `full(texts)` gives rows with every field materialised; `decode(prepared)`
 *   gives texts, where `prepare(result)` makes the ids what `decode` takes. All may be asynchronous but `rows`.
 *   `train(options)` is optional.
 */
export async function serveTokenizer(makeRival) {
  const rival = await makeRival().catch((error) => ({ error }));
  if (rival.error) return serveQuestions({ error: messageOf(rival.error) }, () => ({}));
  const server = new Server(rival);
  return serveQuestions({ versions: rival.versions }, async (question) => {
    try {
      return await server[question.do](question);
    } catch (error) {
      return { error: messageOf(error) };
    }
  });
}

const messageOf = (error) => String(error?.message ?? error).slice(0, 300);

class Server {
  #rival;
  #engine;
  #texts = new Map();

  constructor(rival) {
    this.#rival = rival;
  }

  /** From the file to the first ids. */
  async load({ name, path }) {
    const before = memory();
    const watch = new Watch();
    await watch.time(async () => {
      this.#engine = await this.#rival.load(name, path);
      await this.#engine.ids(["Hello world"]);
    });
    return { ...watch.result, ...growth(before, memory()) };
  }

  /** Works slice by slice from `start` until time and bytes are reached or every slice had its turn. */
  async measure({ work, texts, start, budgetSeconds, leastBytes = 0 }) {
    const { slices, bytes } = await this.#read(texts);
    const watch = new Watch();
    const seconds = [];
    let done = 0;
    for (let i = 0; i < slices.length; i++) {
      if (watch.seconds >= budgetSeconds && done >= leastBytes) break;
      const at = (start + i) % slices.length;
      const input =
        work === "decode"
          ? await this.#engine.prepare(await this.#engine.ids(slices[at]))
          : slices[at];
      const before = watch.seconds;
      await watch.time(() => this.#engine[work](input));
      seconds.push(watch.seconds - before);
      done += bytes[at];
    }
    return { ...watch.result, bytes: done, slices: seconds };
  }

  /** One digest a slice of the first ones: ids, or ids and all else, or texts. */
  async digest({ work, texts, count }) {
    const { slices } = await this.#read(texts);
    const digests = [];
    for (const slice of slices.slice(0, count)) {
      const hash = createHash("sha256");
      const result = await this.#engine[work === "full" ? "full" : "ids"](slice);
      if (work === "ids") {
        for (const ids of this.#engine.rows(result)) hashIds(hash, ids);
      } else if (work === "full") {
        for (const [i, row] of result.entries()) hashRow(hash, row, slice[i]);
      } else {
        const decoded = await this.#engine.decode(await this.#engine.prepare(result));
        for (const text of decoded) hash.update(text).update("\0");
      }
      digests.push(hash.digest("hex"));
    }
    return { digests };
  }

  async train(options) {
    const texts = JSON.parse(await readFile(options.texts, "utf8")).slices.flat();
    const watch = new Watch();
    let answer;
    await watch.time(async () => {
      answer = await this.#rival.train({ ...options, texts });
    });
    return { ...watch.result, ...answer };
  }

  async #read(path) {
    if (!this.#texts.has(path)) {
      const slices = JSON.parse(await readFile(path, "utf8")).slices;
      const size = (slice) => slice.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      this.#texts.set(path, { slices, bytes: slices.map(size) });
    }
    return this.#texts.get(path);
  }
}

class Watch {
  seconds = 0;
  #cpu = 0;

  async time(action) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const result = action();
    if (result instanceof Promise) await result;
    this.seconds += (performance.now() - started) / 1000;
    const used = process.cpuUsage(cpu);
    this.#cpu += (used.user + used.system) / 1e6;
  }

  get result() {
    return { seconds: this.seconds, cpuSeconds: this.#cpu };
  }
}

function memory() {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

function growth(before, after) {
  return {
    memoryMB: (after.rss - before.rss) / 1e6,
    residentMB: after.rss / 1e6,
    heapMB: (after.heap - before.heap) / 1e6,
  };
}

function hashIds(hash, ids) {
  const row = new Int32Array(ids.length + 1);
  row[0] = ids.length;
  row.set(ids, 1);
  hash.update(new Uint8Array(row.buffer));
}

/** Offsets are compared in code points, as Python gives them. */
function hashRow(hash, row, text) {
  const unit = row.offsetUnit === "utf-16" ? codePoints(text) : undefined;
  const flat = row.offsets.flatMap(([start, end]) =>
    unit ? [unit[start], unit[end]] : [start, end],
  );
  hashIds(hash, row.ids);
  hashIds(hash, flat);
  hashIds(
    hash,
    Array.from(row.wordIds, (word) => word ?? -1),
  );
  hashIds(hash, row.typeIds);
  hashIds(hash, row.attentionMask);
  hashIds(hash, row.specialTokensMask);
  hash.update(row.tokens.join("\0"));
}

/** How many code points end at or before each UTF-16 position. */
function codePoints(text) {
  const counts = new Int32Array(text.length + 1);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    counts[i] = count;
    const isPair = (text.charCodeAt(i) & 0xfc00) === 0xd800 && i + 1 < text.length;
    if (isPair && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) counts[++i] = count;
    count++;
  }
  counts[text.length] = count;
  return counts;
}
