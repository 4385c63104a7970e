import { delay, type RunOptions } from "@bearhug/core";
import type { EncodeInput, Encoding } from "@bearhug/tokenizers";
import type { PretrainedModel } from "../pretrained-model.ts";
import type { PretrainedTokenizer } from "../tokenizer/pretrained-tokenizer.ts";
import type { TokenizedBatch } from "../tokenizer/tokenized-batch.ts";

/** Options of every call of a pipeline. */
export interface PipelineRunOptions extends RunOptions {
  /** Most texts that go through the model at once. Results do not depend on it. Default 16. */
  readonly batchSize?: number | undefined;
}

/** A model with its tokenizer. */
export interface TextEngine<Output> {
  readonly tokenizer: PretrainedTokenizer;
  readonly model: PretrainedModel<Output>;
  /** Longer texts are cut to this many tokens. */
  readonly maxLength: number;
  /** Most tokens of a batch, padding included: what keeps its results within bounds. */
  readonly maxBatchTokens: number;
}

/** Texts tokenized before the first of them runs: bounds memory however many there are. */
const WINDOW = 4096;
/** Characters tokenized before the event loop gets its turn: some ten milliseconds of work. */
const SLICE = 1 << 18;

/**
 * Runs `inputs` through tokenizer and model; results stand in input order. Texts of like length run together,
 * because padding costs as much as text.
 *
 * @param toRows one result for each row of a batch.
 */
export async function runTexts<Output, Row>(
  engine: TextEngine<Output>,
  inputs: readonly EncodeInput[],
  options: PipelineRunOptions & {
    readonly toRows: (output: Output, batch: TokenizedBatch) => readonly Row[];
  },
): Promise<Row[]> {
  const { batchSize = 16, signal, onProgress } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`batchSize must be a positive integer, got ${batchSize}`);
  }
  const rows = new Array<Row>(inputs.length);
  let done = 0;
  for (let start = 0; start < inputs.length; start += WINDOW) {
    const encodings = await tokenize(engine, inputs.slice(start, start + WINDOW), signal);
    for (const members of makeBatches(encodings, batchSize, engine.maxBatchTokens)) {
      signal?.throwIfAborted();
      const chosen = members.map((index) => encodings[index] as Encoding); // indices of encodings
      using batch = engine.tokenizer.pad(chosen);
      const output = await engine.model.forward(batch, { signal });
      options.toRows(output, batch).forEach((row, i) => {
        rows[start + (members[i] ?? 0)] = row;
      });
      done += members.length;
      onProgress?.({ phase: "run", done, total: inputs.length, unit: "items" });
    }
  }
  return rows;
}

async function tokenize(
  { tokenizer, maxLength }: TextEngine<unknown>,
  inputs: readonly EncodeInput[],
  signal: AbortSignal | undefined,
): Promise<readonly Encoding[]> {
  const encodings: Encoding[] = [];
  let characters = 0;
  for (const input of inputs) {
    const { text, pair } = asPair(input);
    encodings.push(tokenizer.encode(text, { pair, truncation: true, maxLength }));
    characters += text.length + (pair?.length ?? 0);
    if (characters < SLICE) continue;
    characters = 0;
    await delay(0, signal);
  }
  return encodings;
}

function asPair(input: EncodeInput): Exclude<EncodeInput, string | readonly string[]> {
  if (typeof input === "string" || Array.isArray(input)) return { text: input };
  // Array.isArray does not narrow readonly arrays away.
  return input as Exclude<EncodeInput, string | readonly string[]>;
}

/** Groups of indices, longest texts first: too large a batch fails at once, not at the end. */
function makeBatches(
  encodings: readonly Encoding[],
  batchSize: number,
  maxTokens: number,
): readonly (readonly number[])[] {
  const lengthOf = (index: number) => encodings[index]?.length ?? 0;
  const order = encodings.map((_, index) => index).sort((a, b) => lengthOf(b) - lengthOf(a));
  const batches: number[][] = [];
  for (let at = 0; at < order.length; ) {
    const width = Math.max(1, lengthOf(order[at] ?? 0));
    const count = Math.max(1, Math.min(batchSize, Math.floor(maxTokens / width)));
    batches.push(order.slice(at, at + count));
    at += count;
  }
  return batches;
}
