import {
  drain,
  isObject,
  type JsonObject,
  type ProgressEvent,
  parseJson,
  parseObject,
} from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";
import { Tokenizer } from "../tokenizer.ts";
import { learnBpe } from "./bpe/train-bpe.ts";
import { checkOptions, specialTokens, type TrainOptions } from "./options.ts";
import { learnUnigram } from "./unigram/train-unigram.ts";
import { learnWordLevel } from "./word-level.ts";
import { countWords, type TrainingTexts } from "./words/count-words.ts";
import type { WordCounts } from "./words/word-counts.ts";
import {
  bpeModel,
  type ModelFields,
  unigramModel,
  wordLevelModel,
  wordPieceModel,
  writeTokenizer,
} from "./write.ts";

/** What training gives. */
export interface TrainedTokenizer {
  readonly tokenizer: Tokenizer;
  /** The text of its tokenizer.json, which the Rust and Python libraries load too. */
  readonly json: string;
}

/**
 * Learns a vocabulary from texts.
 *
 * `base` is a tokenizer.json, as its text or as an object, of which only the model may be missing: its normalizer,
 * pre-tokenizer and added tokens decide what the words of the texts are, and everything but the vocabulary is in
 * the result too. Settings of its model stay when it is of the type that is trained. Ids that its post-processor and its padding
 * name become those of the new vocabulary.
 *
 * The same texts and options give the same result. Memory holds the distinct words, not the texts.
 *
 * @throws {TypeError} or {RangeError} for options that are wrong.
 * @throws {TokenizerFormatError} for a base that is.
 * @throws {VocabularyTooSmallError} when a Unigram vocabulary has no room for all characters.
 * @throws {SpecialTokenMissingError} when a template names a token that the new vocabulary lacks.
 *
 * Source: the trainers of Hugging Face tokenizers 0.23. BPE and WordLevel vocabularies are equal to theirs; those of
 * WordPiece, and of BPE with a prefix or a suffix, up to ties, and of Unigram up to rounding, where theirs differ
 * from run to run (fixtures/tokenizers/trainers).
 *
 * @example
 * const base = {
 *   pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
 *   decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
 * };
 * const { tokenizer, json } = await trainTokenizer(base, lines, { type: "BPE", vocabSize: 8000 });
 */
export function trainTokenizer(
  base: string | JsonObject,
  texts: TrainingTexts,
  options: TrainOptions,
): Promise<TrainedTokenizer> {
  return drain(trainTokenizerIter(base, texts, options), options.onProgress);
}

/** {@link trainTokenizer}, whose progress can be iterated over. Phases end with `done` equal to `total`. */
export async function* trainTokenizerIter(
  base: string | JsonObject,
  texts: TrainingTexts,
  options: TrainOptions,
): AsyncGenerator<ProgressEvent, TrainedTokenizer> {
  checkOptions(options);
  if (typeof texts === "string") {
    throw new TypeError("texts must be an iterable of texts, got a single text");
  }
  const { signal, maxWords = 8_000_000 } = options;
  signal?.throwIfAborted();
  const file = parseBase(base);
  const words = yield* countWords(file, texts, { maxWords, signal });
  const model = yield* learn(words, options, modelOf(file, options.type));
  signal?.throwIfAborted();
  const json = writeTokenizer(file, model, specialTokens(options));
  return { tokenizer: Tokenizer.fromJson(json), json };
}

function parseBase(base: string | JsonObject): JsonObject {
  try {
    return parseObject(typeof base === "string" ? parseJson(base, "base") : base, "base");
  } catch (cause) {
    throw new TokenizerFormatError(cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

/** The base's model where it is of the type that is trained. */
function modelOf(file: JsonObject, type: TrainOptions["type"]): JsonObject {
  const { model } = file;
  return isObject(model) && model["type"] === type ? model : {};
}

async function* learn(
  words: WordCounts,
  options: TrainOptions,
  before: JsonObject,
): AsyncGenerator<ProgressEvent, ModelFields> {
  switch (options.type) {
    case "BPE":
      return bpeModel(yield* learnBpe(words, options), options, before);
    case "WordPiece": {
      const prefixed = { continuingSubwordPrefix: "##", ...options };
      return wordPieceModel(yield* learnBpe(words, prefixed), prefixed, before);
    }
    case "WordLevel":
      return wordLevelModel(learnWordLevel(words, options), options, before);
    case "Unigram":
      return unigramModel(yield* learnUnigram(words, options));
  }
}
