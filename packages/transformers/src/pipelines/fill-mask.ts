import type { LogitsOutput } from "../auto/outputs.ts";
import type { PretrainedTokenizer } from "../tokenizer/pretrained-tokenizer.ts";
import { type Callable, createCallable } from "./callable.ts";
import { MaskTokenError } from "./errors.ts";
import { softmax, topIndices } from "./scores.ts";
import { type PipelineRunOptions, runTexts, type TextEngine } from "./text-engine.ts";

export interface FillMaskOptions extends PipelineRunOptions {
  /** How many tokens for a mask, best first. Default 5. */
  readonly topK?: number | undefined;
  /** Only these words; of one that is several tokens, the first. Default: the whole vocabulary. */
  readonly targets?: readonly string[] | undefined;
}

export interface Filling {
  readonly score: number;
  /** Id of the token. */
  readonly token: number;
  readonly tokenStr: string;
  /** The text with the mask filled. */
  readonly sequence: string;
}

/**
 * The tokens that a mask most likely stands for.
 *
 * @example
 * await using fill = await pipeline("fill-mask", "ada/tiny-bert");
 * const [best] = await fill("Paris is the [MASK] of France.");   // Filling[], best first
 * const [first, second] = await fill.masks("[MASK] is [MASK].");  // Filling[] for each mask
 */
export interface FillMaskPipeline extends Callable<string, Filling[], FillMaskOptions> {
  /** For a text with any number of masks: the fillings of each, the others left as they are. */
  masks(text: string, options?: FillMaskOptions): Promise<Filling[][]>;
  masks(texts: readonly string[], options?: FillMaskOptions): Promise<Filling[][][]>;
  readonly maskToken: string;
}

/** @throws {MaskTokenError} when the tokenizer has no mask token. */
export function createFillMask(engine: TextEngine<LogitsOutput>): FillMaskPipeline {
  const { tokenizer } = engine;
  const { maskToken, maskTokenId } = tokenizer;
  if (maskToken === undefined || maskTokenId === undefined) {
    throw new MaskTokenError(
      "Cannot fill masks: the tokenizer has no mask token",
      "Use a model that was trained with masks",
    );
  }
  const fillAll = async (texts: readonly string[], options: FillMaskOptions) => {
    const targets = options.targets && targetIds(tokenizer, options.targets);
    const topK = Math.min(options.topK ?? 5, targets?.length ?? Number.POSITIVE_INFINITY);
    return runTexts(engine, texts, {
      ...options,
      toRows: ({ logits }, { encodings, starts }) => {
        const [, width = 0, vocabulary = 0] = logits.shape;
        return encodings.map(({ ids }, row) => {
          const first = row * width + (starts[row] ?? 0);
          const positions = positionsOf(ids, maskTokenId);
          return positions.map((position) => {
            const start = (first + position) * vocabulary;
            const scores = softmax(logits.data.subarray(start, start + vocabulary));
            const keepsOthers = positions.length > 1;
            return bestTokens(scores, targets, topK).map(([token, score]) => ({
              score,
              token,
              tokenStr: tokenizer.decode([token]),
              sequence: tokenizer.decode(replaced(ids, position, token), {
                // Other masks are special tokens too: they stay visible.
                skipSpecialTokens: !keepsOthers,
              }),
            }));
          });
        });
      },
    });
  };
  const fillOne = async (texts: readonly string[], options: FillMaskOptions) => {
    const rows = await fillAll(texts, options);
    return rows.map((masks, i) => onlyMask(masks, { text: texts[i] ?? "", maskToken }));
  };
  const fillEach = async (texts: readonly string[], options: FillMaskOptions) => {
    const rows = await fillAll(texts, options);
    const missing = rows.findIndex((masks) => masks.length === 0);
    if (missing >= 0) throw noMask(texts[missing] ?? "", maskToken);
    return rows;
  };
  const dispose = async () => engine.model[Symbol.asyncDispose]();
  // The call and its overloads are the same as of the pipeline itself.
  const masks: FillMaskPipeline["masks"] = createCallable(fillEach, dispose);
  return Object.assign(createCallable(fillOne, dispose), { masks, maskToken });
}

function onlyMask(
  masks: readonly Filling[][],
  { text, maskToken }: { readonly text: string; readonly maskToken: string },
): Filling[] {
  const [only, another] = masks;
  if (!only) throw noMask(text, maskToken);
  if (!another) return only;
  throw new MaskTokenError(
    `${JSON.stringify(text.slice(0, 80))} has ${masks.length} masks`,
    "Use masks(), which gives a list for each",
  );
}

function noMask(text: string, maskToken: string): MaskTokenError {
  return new MaskTokenError(
    `${JSON.stringify(text.slice(0, 80))} has no mask`,
    `Put "${maskToken}" where a word is wanted; a text that is too long is cut at its end`,
  );
}

function positionsOf(ids: Int32Array, wanted: number): number[] {
  const positions: number[] = [];
  ids.forEach((id, position) => {
    if (id === wanted) positions.push(position);
  });
  return positions;
}

function bestTokens(
  scores: Float32Array,
  targets: readonly number[] | undefined,
  topK: number,
): (readonly [token: number, score: number])[] {
  const candidates = targets ? Float32Array.from(targets, (id) => scores[id] ?? 0) : scores;
  return topIndices(candidates, topK).map((index) => [
    targets?.[index] ?? index,
    candidates[index] ?? 0,
  ]);
}

/** Ids of the words, or of their first tokens, each once. */
function targetIds(tokenizer: PretrainedTokenizer, words: readonly string[]): readonly number[] {
  const ids = words.flatMap((word) => {
    const id = tokenizer.tokenToId(word);
    if (id !== undefined) return [id];
    return [...tokenizer.encode(word, { addSpecialTokens: false }).ids.subarray(0, 1)];
  });
  if (ids.length === 0) throw new RangeError("targets must hold at least one word");
  return [...new Set(ids)].sort((a, b) => a - b);
}

function replaced(ids: Int32Array, position: number, id: number): Int32Array {
  const copy = ids.slice();
  copy[position] = id;
  return copy;
}
