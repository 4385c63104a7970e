import { delay, type ProgressEvent } from "@bearhug/core";
import type { TrainUnigramOptions } from "../options.ts";
import type { WordCounts } from "../words/word-counts.ts";
import { digamma } from "./digamma.ts";
import { finalize, findRequired, type UnigramResult } from "./finalize.ts";
import { Lattice } from "./lattice.ts";
import { PieceModel } from "./piece-model.ts";
import { type PieceUse, Pruner, selectPieces } from "./prune.ts";
import { createSeeds, type Pieces } from "./seeds.ts";
import { createWordText, type WordText } from "./word-text.ts";

/** Pieces that are expected less often than this are dropped. */
const MIN_EXPECTED = 0.5;
/** Words or pieces between two looks at the event loop: some tens of milliseconds of work. */
const SLICE = 1 << 14;

/**
 * Learns pieces and their log probabilities: many pieces to begin with, rounds of expectation and maximization, and
 * in between those pieces go that the words miss the least.
 *
 * Source: Kudo, "Subword Regularization" (2018), and Hugging Face tokenizers 0.23, `models/unigram/trainer.rs`.
 */
export async function* learnUnigram(
  words: WordCounts,
  options: TrainUnigramOptions,
): AsyncGenerator<ProgressEvent, UnigramResult> {
  const { vocabSize = 8000, nSubIterations = 2, shrinkingFactor = 0.75, signal } = options;
  const { maxPieceLength = 16, seedSize = 1_000_000 } = options;
  const text = createWordText(words);
  const required = findRequired(text, options);
  yield { phase: "seed", done: 0, total: words.size, unit: "items" };
  await delay(0, signal);
  let model = new PieceModel(
    text.characters,
    await createSeeds(text, { maxPieceLength, seedSize, signal }),
  );
  yield { phase: "seed", done: words.size, total: words.size, unit: "items" };
  const wanted = Math.floor((vocabSize * 11) / 10);
  const total =
    expectedRounds(model.pieces.starts.length / wanted, shrinkingFactor) * nSubIterations;
  for (let done = 0; ; ) {
    for (let i = 0; i < nSubIterations; i++) {
      model = maximize(model, await expect(text, model, signal));
      done++;
      yield { phase: "learn", done: Math.min(done, total - 1), total, unit: "items" };
    }
    const size = model.pieces.starts.length;
    if (size + 1 <= wanted) break;
    const target = Math.max(wanted, Math.floor((size + 1) * shrinkingFactor));
    const left = await prune(text, model, { size: target - 1, signal });
    model = new PieceModel(text.characters, left);
    // Nothing but what cannot go is left.
    if (left.starts.length === size) break;
  }
  yield { phase: "learn", done: total, total, unit: "items" };
  return finalize(text, model, required);
}

function expectedRounds(excess: number, shrinkingFactor: number): number {
  return Math.max(1, Math.ceil(Math.log(Math.max(excess, 1)) / -Math.log(shrinkingFactor)) + 1);
}

/** How often each piece is expected in all words. */
async function expect(
  text: WordText,
  model: PieceModel,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const { starts, counts } = text;
  const expected = new Float64Array(model.pieces.starts.length);
  const lattice = new Lattice(model);
  for (let word = 0; word < counts.length; word++) {
    if (word % SLICE === SLICE - 1) await delay(0, signal);
    lattice.fill(starts[word], starts[word + 1] - 1);
    lattice.addExpected(counts[word], expected);
  }
  signal?.throwIfAborted();
  return expected;
}

/** New log probabilities, with a prior that favours few pieces (digamma in place of the logarithm). */
function maximize(model: PieceModel, expected: Float64Array): PieceModel {
  const { text, pieces } = model;
  const chosen = new Int32Array(expected.keys()).filter((piece) => expected[piece] >= MIN_EXPECTED);
  const sum = digamma(chosen.reduce((total, piece) => total + expected[piece], 0));
  const scores = Float64Array.from(chosen, (piece) => digamma(expected[piece]) - sum);
  return new PieceModel(text, { ...selectPieces(pieces, chosen), scores });
}

async function prune(
  text: WordText,
  model: PieceModel,
  { size, signal }: { readonly size: number; readonly signal: AbortSignal | undefined },
): Promise<Pieces> {
  const pruner = new Pruner(model, await useOf(text, model, signal));
  const total = model.pieces.starts.length;
  for (let from = 0; from < total; from += SLICE) {
    pruner.judge(from, Math.min(from + SLICE, total));
    await delay(0, signal);
  }
  return pruner.choose(size);
}

async function useOf(
  { starts, counts }: WordText,
  model: PieceModel,
  signal: AbortSignal | undefined,
): Promise<PieceUse> {
  const frequencies = new Float64Array(model.pieces.starts.length);
  const lattice = new Lattice(model);
  let unknown = 0;
  let words = 0;
  for (let word = 0; word < counts.length; word++) {
    if (word % SLICE === SLICE - 1) await delay(0, signal);
    const count = counts[word];
    lattice.fill(starts[word], starts[word + 1] - 1);
    lattice.visitBest((piece) => {
      if (piece < 0) unknown += count;
      else frequencies[piece] += count;
    });
    words += count;
  }
  return { frequencies, unknown, words };
}
