import {
  isObject,
  type JsonObject,
  optional,
  parseBoolean,
  parseInteger,
  parseNumber,
  parseObject,
  parseString,
} from "@bearhug/core";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { Pieces } from "../io/vocabulary-reader.ts";
import { type BpeDefinition, createBpe, parseMerges } from "./bpe/bpe.ts";
import { Merges } from "./bpe/merges.ts";
import { createUnigram, parsePieces, type UnigramDefinition } from "./unigram.ts";
import { parseVocabulary, type Vocabulary } from "./vocabulary.ts";
import { createWordLevel, type WordLevelDefinition } from "./word-level.ts";
import { createWordPiece, type WordPieceDefinition } from "./word-piece.ts";

/** The `model` of tokenizer.json. */
export type ModelDefinition =
  | WordPieceDefinition
  | WordLevelDefinition
  | BpeDefinition
  | UnigramDefinition;

/** A token of one word: units [start, end) of it. */
export interface ModelToken {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** What the token is called when that is not its entry of the vocabulary: unknown text itself. */
  readonly text?: string;
}

/** Cuts one word into tokens of its vocabulary. */
export interface Model {
  readonly vocabulary: Vocabulary;
  tokenize(word: string): readonly ModelToken[];
  /** The ids of {@link tokenize}, faster. */
  encodeIds(word: string): Int32Array;
}

export function createModel(definition: ModelDefinition): Model {
  switch (definition.type) {
    case "WordPiece":
      return createWordPiece(definition);
    case "WordLevel":
      return createWordLevel(definition);
    case "BPE":
      return createBpe(definition);
    case "Unigram":
      return createUnigram(definition);
  }
}

export function parseModel(value: unknown, path: string): ModelDefinition {
  const fields = parseObject(value, path);
  const type = optional(fields["type"], `${path}.type`, parseString) ?? guessType(fields, path);
  const text = (name: string) => parseString(fields[name], `${path}.${name}`);
  switch (type) {
    case "WordPiece":
      return {
        type,
        vocabulary: parseVocabulary(fields["vocab"], `${path}.vocab`),
        unkToken: text("unk_token"),
        continuingSubwordPrefix: text("continuing_subword_prefix"),
        maxInputCharsPerWord: parseInteger(
          fields["max_input_chars_per_word"],
          `${path}.max_input_chars_per_word`,
          { min: 0 },
        ),
      };
    case "WordLevel":
      return {
        type,
        vocabulary: parseVocabulary(fields["vocab"], `${path}.vocab`),
        unkToken: text("unk_token"),
      };
    case "BPE":
      return parseBpe(fields, path);
    case "Unigram":
      return parseUnigram(fields, path);
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

/** Old files leave the type out; the reference takes the first model whose fields are all there. */
function guessType(fields: JsonObject, path: string): string {
  const has = (...names: string[]) => names.every((name) => name in fields);
  const isList = Array.isArray(fields["vocab"]) || fields["vocab"] instanceof Pieces;
  if (isList) return "Unigram";
  if (isObject(fields["vocab"])) {
    if (has("merges")) return "BPE";
    if (has("unk_token", "continuing_subword_prefix", "max_input_chars_per_word")) {
      return "WordPiece";
    }
    if (has("unk_token")) return "WordLevel";
  }
  throw new TokenizerFormatError(`${path}.type is missing and the fields fit no model`);
}

function parseBpe(fields: JsonObject, path: string): BpeDefinition {
  const text = (name: string) => optional(fields[name], `${path}.${name}`, parseString);
  const flag = (name: string) => optional(fields[name], `${path}.${name}`, parseBoolean) ?? false;
  const dropout = optional(fields["dropout"], `${path}.dropout`, parseNumber);
  if (dropout !== undefined && (dropout < 0 || dropout > 1)) {
    throw new TokenizerFormatError(`${path}.dropout must be from 0 to 1, got ${dropout}`);
  }
  const vocabulary = parseVocabulary(fields["vocab"], `${path}.vocab`);
  const continuingSubwordPrefix = text("continuing_subword_prefix") ?? "";
  const { merges } = fields;
  return {
    type: "BPE",
    vocabulary,
    merges:
      merges instanceof Merges
        ? merges
        : Merges.fromPairs(
            parseMerges(merges, `${path}.merges`),
            vocabulary,
            continuingSubwordPrefix,
          ),
    dropout,
    byteFallback: flag("byte_fallback"),
    unkToken: text("unk_token"),
    continuingSubwordPrefix,
    endOfWordSuffix: text("end_of_word_suffix") ?? "",
    fuseUnk: flag("fuse_unk"),
    ignoreMerges: flag("ignore_merges"),
  };
}

function parseUnigram(fields: JsonObject, path: string): UnigramDefinition {
  const { vocab } = fields;
  const pieces = vocab instanceof Pieces ? vocab : parsePieces(vocab, `${path}.vocab`);
  const max = pieces.scores.length - 1;
  const parse = (value: unknown, at: string) => parseInteger(value, at, { min: 0, max });
  const fallback = optional(fields["byte_fallback"], `${path}.byte_fallback`, parseBoolean);
  return {
    type: "Unigram",
    vocabulary: pieces.vocabulary,
    scores: pieces.scores,
    unkId: optional(fields["unk_id"], `${path}.unk_id`, parse),
    byteFallback: fallback ?? false,
  };
}
