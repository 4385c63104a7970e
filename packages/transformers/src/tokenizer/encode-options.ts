import type {
  Direction,
  TokenizerInput,
  TruncationOptions,
  TruncationStrategy,
} from "@bearhug/tokenizers";

/** Which rows are filled up: to the longest of them, or to `maxLength`. */
export type PaddingStrategy = boolean | "longest" | "max-length" | "max_length";

/** What is cut of a pair; the reference's spelling serves too. */
export type TruncationChoice =
  | boolean
  | TruncationStrategy
  | "longest_first"
  | "only_first"
  | "only_second";

export interface TokenizeOptions {
  /** Whether special tokens such as `[CLS]` are added. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /**
   * Cuts to `maxLength`: `true` is `"longest-first"`. Default: `true` when `maxLength` is given and no padding is
   * asked for, else `false`.
   */
  readonly truncation?: TruncationChoice | undefined;
  /** Fills rows up: `true` is `"longest"`. */
  readonly padding?: PaddingStrategy | undefined;
  /** Most tokens of a row, special ones included. Default: the model's own limit. */
  readonly maxLength?: number | undefined;
  /** Tokens that an overflowing part repeats of the one before. Default 0. */
  readonly stride?: number | undefined;
  /** The padded length is rounded up to a multiple of this. */
  readonly padToMultipleOf?: number | undefined;
  /** The side that is filled. Default: the tokenizer's. */
  readonly paddingSide?: Direction | undefined;
  /** Cuts the text of special tokens like any other text. Default: the tokenizer's. */
  readonly splitSpecialTokens?: boolean | undefined;
}

export interface TokenizePairOptions extends TokenizeOptions {
  /** The second text of a pair. */
  readonly pair?: TokenizerInput | undefined;
}

export interface TokenizeBatchOptions extends TokenizeOptions {
  /** Keeps the parts that truncation cuts off as rows of their own. Default false. */
  readonly returnOverflowingTokens?: boolean | undefined;
}

export interface PrepareOptions<D extends "int32" | "int64"> extends TokenizeBatchOptions {
  /** Element type of the tensors. Default `"int64"`, which exported models take. */
  readonly dtype?: D | undefined;
}

export interface DecodeTextOptions {
  /** Leaves special tokens out. Default false. */
  readonly skipSpecialTokens?: boolean | undefined;
  /** Takes out spaces before punctuation; not after BPE, where it would harm. Default: what tokenizer_config.json says. */
  readonly cleanUpTokenizationSpaces?: boolean | undefined;
}

/** What the options come down to. */
export interface EncodePlan {
  readonly truncation: TruncationOptions | false;
  /** `false` leaves rows as they are. */
  readonly padding: "longest" | number | false;
  readonly multipleOf: number;
  readonly paddingSide: Direction;
}

interface TokenizerSide {
  readonly modelMaxLength: number;
  readonly paddingSide: Direction;
  readonly truncationSide: Direction;
}

/**
 * Source: transformers 5.23, `_get_padding_truncation_strategies`: a limit that nobody names switches off what needs
 * it.
 *
 * @throws {RangeError} for numbers outside their limits, and for a `maxLength` that is cut to and is no multiple.
 */
export function planEncoding(options: TokenizeOptions, side: TokenizerSide): EncodePlan {
  const { maxLength, stride = 0, padToMultipleOf: multipleOf = 1 } = options;
  if (maxLength !== undefined) checkInteger(maxLength, "maxLength", 1);
  checkInteger(stride, "stride", 0);
  checkInteger(multipleOf, "padToMultipleOf", 1);
  const limit = maxLength ?? side.modelMaxLength;
  const hasLimit = Number.isFinite(limit);
  const padding = paddingOf(options.padding ?? false, limit);
  const asks = options.truncation ?? (maxLength !== undefined && !(options.padding ?? false));
  const strategy = hasLimit ? strategyOf(asks) : undefined;
  if (strategy && padding !== false && limit % multipleOf !== 0) {
    throw new RangeError(
      `maxLength must be a multiple of padToMultipleOf (${multipleOf}) when rows are cut to it, got ${limit}`,
    );
  }
  return {
    truncation: strategy
      ? { maxLength: limit, strategy, direction: side.truncationSide, stride }
      : false,
    padding,
    multipleOf,
    paddingSide: options.paddingSide ?? side.paddingSide,
  };
}

function paddingOf(padding: PaddingStrategy, limit: number): EncodePlan["padding"] {
  if (padding === false) return false;
  if (padding === true || padding === "longest") return "longest";
  if (padding !== "max-length" && padding !== "max_length") {
    throw new RangeError(
      `padding must be true, false, "longest" or "max-length", got ${JSON.stringify(padding)}`,
    );
  }
  return Number.isFinite(limit) ? limit : false;
}

const STRATEGIES: readonly TruncationStrategy[] = ["longest-first", "only-first", "only-second"];

function strategyOf(choice: TruncationChoice): TruncationStrategy | undefined {
  if (choice === false) return undefined;
  if (choice === true) return "longest-first";
  const found = STRATEGIES.find((strategy) => strategy === choice.replace("_", "-"));
  if (found) return found;
  throw new RangeError(
    `truncation must be true, false, ${STRATEGIES.map((item) => `"${item}"`).join(", ")}, got ${JSON.stringify(choice)}`,
  );
}

function checkInteger(value: number, name: string, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new RangeError(`${name} must be an integer of ${min} or more, got ${value}`);
}
