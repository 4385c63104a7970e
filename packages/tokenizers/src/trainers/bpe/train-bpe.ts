import { delay, type ProgressEvent } from "@bearhug/core";
import {
  alphabetOf,
  specialTokens,
  type TrainBpeOptions,
  type TrainWordPieceOptions,
} from "../options.ts";
import type { WordCounts } from "../words/word-counts.ts";
import { MergeLearner } from "./merge-learner.ts";
import { addAlphabet, type SymbolWords, TokenList, toSymbols } from "./symbols.ts";

export interface BpeResult {
  /** By id. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** Learns tokens and merges from words. */
export async function* learnBpe(
  words: WordCounts,
  options: TrainBpeOptions | TrainWordPieceOptions,
): AsyncGenerator<ProgressEvent, BpeResult> {
  const { vocabSize = 30_000, minFrequency = 0, maxTokenLength, signal } = options;
  const { continuingSubwordPrefix = "", endOfWordSuffix = "", limitAlphabet } = options;
  const list = new TokenList();
  for (const { content } of specialTokens(options)) list.add(content);
  const initialAlphabet = alphabetOf(options.initialAlphabet);
  addAlphabet(list, words, { limitAlphabet, initialAlphabet });
  const symbols = toSymbols(list, words, { continuingSubwordPrefix, endOfWordSuffix });
  const merging = { vocabSize, minFrequency, maxTokenLength, continuingSubwordPrefix };
  const learner = new MergeLearner(list, symbols, merging);
  yield* countPairs(learner, symbols, signal);
  yield { phase: "merge", done: list.size, total: vocabSize, unit: "items" };
  while (learner.run(WORDS_PER_EVENT)) {
    yield { phase: "merge", done: list.size, total: vocabSize, unit: "items" };
    await delay(0, signal);
  }
  yield { phase: "merge", done: list.size, total: list.size, unit: "items" };
  const { tokens } = list;
  const merges = learner.merges().map(([left, right]) => [tokens[left], tokens[right]] as const);
  return { tokens, merges };
}

async function* countPairs(
  learner: MergeLearner,
  { counts }: SymbolWords,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProgressEvent, void> {
  const total = counts.length;
  for (let from = 0; from < total; from += WORDS_PER_EVENT) {
    const done = Math.min(from + WORDS_PER_EVENT, total);
    learner.countPairs(from, done);
    yield { phase: "count-pairs", done, total, unit: "items" };
    await delay(0, signal);
  }
  learner.queueAll();
}

/** Keeps the event loop alive: some tens of milliseconds of work. */
const WORDS_PER_EVENT = 1 << 16;
