import { delay, type JsonObject, type ProgressEvent, parseString } from "@bearhug/core";
import { parseTokenizer } from "../../schema.ts";
import { type AsciiWords, createAsciiWords } from "./ascii-words.ts";
import { ChunkCounter } from "./chunk-counter.ts";
import { findCuts } from "./locality.ts";
import { WordCounts } from "./word-counts.ts";
import { createWordStages, type WordStages } from "./word-stages.ts";

/** Texts one by one or in batches; files are best given line by line, or paragraph by paragraph. */
export type TrainingTexts =
  | Iterable<string | readonly string[]>
  | AsyncIterable<string | readonly string[]>;

export interface CountOptions {
  readonly maxWords: number;
  readonly signal: AbortSignal | undefined;
}

/** Reads all texts and counts their words, as the stages of `base` before the model cut them. */
export async function* countWords(
  base: JsonObject,
  texts: TrainingTexts,
  { maxWords, signal }: CountOptions,
): AsyncGenerator<ProgressEvent, WordCounts> {
  const total = totalOf(texts);
  const collector = new WordCollector(base, maxWords);
  let done = 0;
  for await (const batch of isAsync(texts) ? batchesOfAsync(texts) : batchesOf(texts)) {
    signal?.throwIfAborted();
    collector.add(batch);
    done += batch.length;
    yield { phase: "count-words", done, total, unit: "items" };
    await delay(0, signal);
  }
  const words = collector.finish();
  yield { phase: "count-words", done, total: done, unit: "items" };
  return words;
}

/** Keeps the event loop alive: about 20 ms of work. */
const UNITS_PER_BATCH = 1 << 20;

function isAsync(texts: TrainingTexts): texts is AsyncIterable<string | readonly string[]> {
  return Symbol.asyncIterator in texts;
}

/** Collects texts: one step of the event loop for each would cost more than counting it. */
class Batcher {
  #batch: string[] = [];
  #units = 0;

  add(item: string | readonly string[]): void {
    for (const text of typeof item === "string" ? [item] : item) {
      if (typeof text !== "string") parseString(text, "a training text");
      this.#batch.push(text);
      this.#units += text.length;
    }
  }

  get isFull(): boolean {
    return this.#units >= UNITS_PER_BATCH;
  }

  take(): readonly string[] {
    const batch = this.#batch;
    this.#batch = [];
    this.#units = 0;
    return batch;
  }
}

function* batchesOf(texts: Iterable<string | readonly string[]>): Generator<readonly string[]> {
  const batcher = new Batcher();
  for (const item of texts) {
    batcher.add(item);
    if (batcher.isFull) yield batcher.take();
  }
  yield batcher.take();
}

async function* batchesOfAsync(
  texts: AsyncIterable<string | readonly string[]>,
): AsyncGenerator<readonly string[]> {
  const batcher = new Batcher();
  for await (const item of texts) {
    batcher.add(item);
    if (batcher.isFull) yield batcher.take();
  }
  yield batcher.take();
}

function totalOf(texts: TrainingTexts): number | undefined {
  if (!Array.isArray(texts)) return undefined;
  return texts.reduce((sum, item) => sum + (typeof item === "string" ? 1 : item.length), 0);
}

class WordCollector {
  readonly #words: WordCounts;
  readonly #stages: WordStages;
  readonly #chunks: ChunkCounter | undefined;
  readonly #asciiWords: AsciiWords | undefined;

  constructor(base: JsonObject, maxWords: number) {
    this.#words = new WordCounts(maxWords);
    this.#stages = createWordStages(parseTokenizer(JSON.stringify({ ...base, model: NO_MODEL })));
    const cuts = this.#stages.needsWholeTexts ? "none" : findCuts(base);
    this.#chunks = cuts === "none" ? undefined : new ChunkCounter(cuts);
    this.#asciiWords = createAsciiWords(base);
  }

  add(texts: readonly string[]): void {
    if (!this.#chunks) {
      this.#addWhole(texts);
      return;
    }
    // One long text is read faster than many short ones.
    const isWhole = (text: string) => text.includes("\0") || this.#stages.mayHoldTokens(text);
    const parts = texts.filter((text) => !isWhole(text));
    if (parts.length < texts.length) this.#addWhole(texts.filter(isWhole));
    this.#chunks.add(parts.join("\0"));
    if (this.#chunks.isFull) this.#flush(this.#chunks);
  }

  #addWhole(texts: readonly string[]): void {
    for (const text of texts) for (const word of this.#stages.words(text)) this.#words.add(word, 1);
  }

  finish(): WordCounts {
    if (this.#chunks) this.#flush(this.#chunks);
    return this.#words;
  }

  #flush(chunks: ChunkCounter): void {
    for (const [chunk, count] of chunks.take()) {
      const words = this.#asciiWords?.(chunk) ?? this.#stages.words(chunk);
      for (const word of words) this.#words.add(word, count);
    }
  }
}

/** A tokenizer.json must have a model; this one is never asked. */
const NO_MODEL = { type: "WordLevel", vocab: {}, unk_token: "" };
