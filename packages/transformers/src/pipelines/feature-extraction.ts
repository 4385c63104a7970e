import type { HostTensor } from "@bearhug/nn";
import type { ModelOutput } from "../auto/outputs.ts";
import type { TokenizedBatch } from "../tokenizer/tokenized-batch.ts";
import { type Callable, createCallable } from "./callable.ts";
import { MEASURES } from "./measures.ts";
import { normalizeVector, type PoolingMode, pool, tokenRows } from "./pooling.ts";
import type { SentenceModules } from "./sentence-modules.ts";
import { type PipelineRunOptions, runTexts, type TextEngine } from "./text-engine.ts";

export interface EmbedOptions extends PipelineRunOptions {
  /** Default: what the repository says, else `"mean"`. */
  readonly pooling?: PoolingMode | undefined;
  /** Scales vectors to length 1. Default: what the repository says, else false. */
  readonly normalize?: boolean | undefined;
  /** Name of the repository's prompt to put in front. Default: its default prompt, mostly none. */
  readonly promptName?: string | undefined;
}

/**
 * Texts to vectors.
 *
 * The call gives one vector for each text, the same as `SentenceTransformer(model).encode(texts)` in Python:
 * pooled and normalized as the repository's `modules.json` says, by the mean where it has none. `tokens()` gives
 * one vector for each token, as Python's `pipeline("feature-extraction")`. Texts that are too long are cut.
 *
 * @example
 * await using embed = await pipeline("feature-extraction", "sentence-transformers/all-MiniLM-L6-v2");
 * const vector = await embed("A cat sits on the mat");         // Float32Array of 384
 * const vectors = await embed(["one", "two"]);                 // Float32Array[]
 * const [tokens] = await embed.tokens(["one"]);                // [tokens, 384], [CLS] and [SEP] included
 */
export interface FeatureExtractionPipeline extends Callable<string, Float32Array, EmbedOptions> {
  /** One tensor [tokens, hidden] for each text, special tokens included. */
  tokens(
    texts: readonly string[],
    options?: PipelineRunOptions,
  ): Promise<readonly HostTensor<"float32">[]>;
  /** What the repository says about sentence vectors; `undefined` when it says nothing. */
  readonly sentenceModules: SentenceModules | undefined;
  /** How alike `source` is to each of `sentences`: see the pipeline `"sentence-similarity"`. */
  similarity(
    source: string,
    sentences: readonly string[],
    options?: PipelineRunOptions,
  ): Promise<number[]>;
  /** How many tokens the tokenizer makes of each text, special ones included, before they are cut. */
  countTokens(texts: readonly string[]): readonly number[];
  /** Longer texts are cut to this many tokens. */
  readonly maxLength: number;
}

export function createFeatureExtraction(
  engine: TextEngine<ModelOutput>,
  sentenceModules: SentenceModules | undefined,
): FeatureExtractionPipeline {
  const embed = async (
    texts: readonly string[],
    options: EmbedOptions,
  ): Promise<Float32Array[]> => {
    const modes = options.pooling ? [options.pooling] : (sentenceModules?.pooling ?? ["mean"]);
    const normalizes = options.normalize ?? sentenceModules?.normalize ?? false;
    const prompt = promptOf(sentenceModules, options.promptName);
    return runTexts(engine, withPrompt(texts, prompt), {
      ...options,
      toRows: (output, batch) =>
        spansOf(batch).map((span, row) => {
          const vector = pool(tokenRows(output.lastHiddenState, row, span), modes);
          return normalizes ? normalizeVector(vector) : vector;
        }),
    });
  };
  const tokens = (texts: readonly string[], options: PipelineRunOptions = {}) =>
    runTexts(engine, withPrompt(texts, ""), {
      ...options,
      toRows: (output, batch) =>
        spansOf(batch).map((span, row) => tokenTensor(output.lastHiddenState, row, span)),
    });
  const countTokens = (texts: readonly string[]) =>
    texts.map((text) => engine.tokenizer.encode(text).length);
  const measure = MEASURES[sentenceModules?.similarity ?? "cosine"];
  const similarity = async (
    source: string,
    sentences: readonly string[],
    options: PipelineRunOptions = {},
  ) => {
    const [first = new Float32Array(), ...others] = await embed([source, ...sentences], options);
    return others.map((other) => measure(first, other));
  };
  const dispose = async () => engine.model[Symbol.asyncDispose]();
  const { maxLength } = engine;
  const extras = { tokens, similarity, countTokens, sentenceModules, maxLength };
  return Object.assign(createCallable(embed, dispose), extras);
}

/** Where the tokens of each row stand between its padding. */
function spansOf({ encodings, starts }: TokenizedBatch): readonly Span[] {
  return encodings.map(({ length }, row) => {
    const start = starts[row] ?? 0;
    return { start, end: start + length };
  });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function tokenTensor(
  tensor: HostTensor<"float32">,
  row: number,
  span: Span,
): HostTensor<"float32"> {
  const { data, start, end, hidden } = tokenRows(tensor, row, span);
  return {
    dtype: "float32",
    shape: [end - start, hidden],
    data: data.slice(start * hidden, end * hidden),
  };
}

function promptOf(modules: SentenceModules | undefined, name: string | undefined): string {
  const wanted = name ?? modules?.defaultPromptName;
  if (wanted === undefined) return "";
  const prompt = modules?.prompts[wanted];
  if (prompt !== undefined) return prompt;
  const names = Object.keys(modules?.prompts ?? {});
  throw new RangeError(`promptName must be one of ${JSON.stringify(names)}, got "${wanted}"`);
}

function withPrompt(texts: readonly string[], prompt: string): readonly string[] {
  texts.forEach((text, i) => {
    if (typeof text !== "string") throw new TypeError(`texts[${i}] must be a string`);
  });
  return prompt === "" ? texts : texts.map((text) => prompt + text);
}
