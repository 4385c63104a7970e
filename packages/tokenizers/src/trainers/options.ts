import { parseInteger, parseNumber, parseOneOf, parseString, type RunOptions } from "@bearhug/core";
import type { AddedToken } from "../added-tokens.ts";

/** What all trainers take. */
export interface CommonTrainOptions extends RunOptions {
  /** Entries of the vocabulary, special tokens included. Default 30,000; for Unigram 8,000. */
  readonly vocabSize?: number | undefined;
  /** Tokens that come first in the vocabulary, in this order, and are found in texts as special tokens. */
  readonly specialTokens?: readonly (string | SpecialToken)[] | undefined;
  /**
   * Most distinct words that are kept in memory. When there are more, the rarest are forgotten, so counts of rare
   * words become estimates. Default 8,000,000.
   */
  readonly maxWords?: number | undefined;
}

/** A special token with flags; those left out are false. */
export type SpecialToken = Pick<AddedToken, "content"> &
  Partial<Pick<AddedToken, "normalized" | "singleWord" | "lstrip" | "rstrip">>;

export interface TrainBpeOptions extends CommonTrainOptions {
  readonly type: "BPE";
  /** Pairs rarer than this are not merged. Default 0. */
  readonly minFrequency?: number | undefined;
  /** Most different characters; the rarest beyond it are dropped. Default: all. */
  readonly limitAlphabet?: number | undefined;
  /** Characters that the alphabet has even when the texts lack them. Of longer strings the first character counts. */
  readonly initialAlphabet?: readonly string[] | undefined;
  /** Marks characters that do not begin a word. Default: none. */
  readonly continuingSubwordPrefix?: string | undefined;
  /** Marks characters that end a word. Default: none. */
  readonly endOfWordSuffix?: string | undefined;
  /** Pairs that would make a token of this many characters or more are not counted. Default: no limit. */
  readonly maxTokenLength?: number | undefined;
  /** The model's token for the unknown. Default: that of the base's model, if any. */
  readonly unkToken?: string | undefined;
}

export interface TrainWordPieceOptions extends Omit<TrainBpeOptions, "type"> {
  readonly type: "WordPiece";
  /** Default `"##"`. */
  readonly continuingSubwordPrefix?: string | undefined;
  /** Default: that of the base's model, else `"[UNK]"`. */
  readonly unkToken?: string | undefined;
}

export interface TrainWordLevelOptions extends CommonTrainOptions {
  readonly type: "WordLevel";
  /** Words rarer than this are left out. Default 0. */
  readonly minFrequency?: number | undefined;
  /** Default: that of the base's model, else `"<unk>"`. */
  readonly unkToken?: string | undefined;
}

export interface TrainUnigramOptions extends CommonTrainOptions {
  readonly type: "Unigram";
  /** Share of the pieces that each pruning keeps. Default 0.75. */
  readonly shrinkingFactor?: number | undefined;
  /** Rounds of expectation and maximization before each pruning. Default 2. */
  readonly nSubIterations?: number | undefined;
  /** Characters of the longest piece. Default 16. */
  readonly maxPieceLength?: number | undefined;
  /** Pieces to begin with. Default 1,000,000. */
  readonly seedSize?: number | undefined;
  /** Characters that the vocabulary has even when the texts lack them. Of longer strings the first character counts. */
  readonly initialAlphabet?: readonly string[] | undefined;
  /** The model's token for the unknown; goes first unless it is a special token. Default: none. */
  readonly unkToken?: string | undefined;
}

export type TrainOptions =
  | TrainBpeOptions
  | TrainWordPieceOptions
  | TrainWordLevelOptions
  | TrainUnigramOptions;

const COUNTS = ["vocabSize", "maxWords", "nSubIterations", "maxPieceLength", "seedSize"];
const LIMITS = ["minFrequency", "limitAlphabet", "maxTokenLength"];
const TEXTS = ["unkToken", "continuingSubwordPrefix", "endOfWordSuffix"];

/**
 * @throws {TypeError} naming the first option that is wrong.
 * @throws {RangeError} for a shrinking factor that does not shrink.
 */
export function checkOptions(options: TrainOptions): void {
  parseOneOf(options.type, "type", ["BPE", "WordPiece", "WordLevel", "Unigram"]);
  const given: Readonly<Record<string, unknown>> = { ...options };
  const check = (names: readonly string[], parse: (value: unknown, name: string) => unknown) => {
    for (const name of names) if (given[name] !== undefined) parse(given[name], name);
  };
  check(COUNTS, (value, name) => parseInteger(value, name, { min: 1 }));
  check(LIMITS, (value, name) => parseInteger(value, name, { min: 0 }));
  check(TEXTS, parseString);
  options.specialTokens?.forEach((token, i) => {
    const content = typeof token === "string" ? token : token?.content;
    parseString(content, `specialTokens[${i}]`);
    if (content === "") throw new TypeError(`specialTokens[${i}] must not be empty`);
  });
  if ("initialAlphabet" in options) {
    options.initialAlphabet?.forEach((item, i) => {
      parseString(item, `initialAlphabet[${i}]`);
    });
  }
  check(["shrinkingFactor"], (value, name) => {
    const factor = parseNumber(value, name);
    if (factor <= 0 || factor >= 1) {
      throw new RangeError(`${name} must be above 0 and below 1, got ${factor}`);
    }
  });
}

/** Special tokens with all their flags. */
export function specialTokens(options: CommonTrainOptions): readonly AddedToken[] {
  return (options.specialTokens ?? []).map((token) => ({
    normalized: false,
    singleWord: false,
    lstrip: false,
    rstrip: false,
    ...(typeof token === "string" ? { content: token } : token),
    special: true,
  }));
}

/** First characters, as code points, of what the caller gave as an alphabet. */
export function alphabetOf(strings: readonly string[] | undefined): readonly number[] {
  return (strings ?? []).flatMap((text) => text.codePointAt(0) ?? []);
}
