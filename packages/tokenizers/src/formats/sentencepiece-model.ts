import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { asBytes, asFlag, asFloat, asInteger, asText, readFields } from "./protobuf.ts";

export type PieceType = "normal" | "unknown" | "control" | "user" | "unused" | "byte";

export interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

/** A SentencePiece model file. */
export interface SentencePieceModel {
  /** The position is the id. */
  readonly pieces: readonly Piece[];
  readonly algorithm: "unigram" | "bpe";
  readonly byteFallback: boolean;
  /** Ids of the special pieces; below 0 where the model has none. */
  readonly unkId: number;
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  readonly unkPiece: string;
  readonly bosPiece: string;
  readonly eosPiece: string;
  readonly padPiece: string;
  /** Empty where text is taken as it is. */
  readonly precompiledCharsmap: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

const TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "user",
  "unused",
  "byte",
];

/** More pieces than any model has: a file may not make work beyond its size's worth. */
const MAX_PIECES = 10_000_000;

/**
 * Reads a model file.
 *
 * Source: sentencepiece, `sentencepiece_model.proto`.
 *
 * @throws {TokenizerFormatError} naming the field that is wrong.
 * @throws {UnsupportedComponentError} for word and character models, and for white space as a suffix.
 */
export function parseSentencePiece(bytes: Uint8Array): SentencePieceModel {
  const pieces: Piece[] = [];
  let trainer: TrainerSpec = TRAINER_DEFAULTS;
  let normalizer: NormalizerSpec = NORMALIZER_DEFAULTS;
  for (const field of readFields(bytes, "model")) {
    if (field.number === 1) {
      const path = `model.pieces[${pieces.length}]`;
      if (pieces.length >= MAX_PIECES) throw new TokenizerFormatError(`${path} is one too many`);
      pieces.push(parsePiece(asBytes(field, path), path));
    }
    if (field.number === 2) {
      trainer = parseTrainer(asBytes(field, "model.trainer_spec"), trainer);
    }
    if (field.number === 3) {
      normalizer = parseNormalizer(asBytes(field, "model.normalizer_spec"), normalizer);
    }
  }
  if (pieces.length === 0) throw new TokenizerFormatError("model.pieces is empty");
  const { modelType, whitespaceAsSuffix, ...rest } = trainer;
  if (whitespaceAsSuffix) {
    const path = "model.trainer_spec.treat_whitespace_as_suffix";
    throw new UnsupportedComponentError(path, "true");
  }
  return { ...rest, ...normalizer, pieces, algorithm: algorithmOf(modelType) };
}

function algorithmOf(modelType: number): "unigram" | "bpe" {
  if (modelType === 1) return "unigram";
  if (modelType === 2) return "bpe";
  const name = modelType === 3 ? "word" : modelType === 4 ? "char" : String(modelType);
  throw new UnsupportedComponentError("model.trainer_spec.model_type", name);
}

function parsePiece(bytes: Uint8Array, path: string): Piece {
  let text = "";
  let score = 0;
  let type: PieceType = "normal";
  for (const field of readFields(bytes, path)) {
    if (field.number === 1) text = asText(field, `${path}.piece`);
    if (field.number === 2) score = asFloat(field, `${path}.score`);
    if (field.number === 3) {
      const found = TYPES[asInteger(field, `${path}.type`)];
      if (!found) throw new TokenizerFormatError(`${path}.type must be from 1 to 6`);
      type = found;
    }
  }
  if (text === "") throw new TokenizerFormatError(`${path}.piece is empty`);
  if (Number.isNaN(score)) throw new TokenizerFormatError(`${path}.score must be a number`);
  return { text, score, type };
}

interface TrainerSpec
  extends Omit<SentencePieceModel, "pieces" | "algorithm" | keyof NormalizerSpec> {
  readonly modelType: number;
  readonly whitespaceAsSuffix: boolean;
}

type NormalizerSpec = Pick<
  SentencePieceModel,
  "precompiledCharsmap" | "addDummyPrefix" | "removeExtraWhitespaces" | "escapeWhitespaces"
>;

const TRAINER_DEFAULTS: TrainerSpec = {
  modelType: 1,
  whitespaceAsSuffix: false,
  byteFallback: false,
  unkId: 0,
  bosId: 1,
  eosId: 2,
  padId: -1,
  unkPiece: "<unk>",
  bosPiece: "<s>",
  eosPiece: "</s>",
  padPiece: "<pad>",
};

const NORMALIZER_DEFAULTS: NormalizerSpec = {
  precompiledCharsmap: new Uint8Array(0),
  addDummyPrefix: true,
  removeExtraWhitespaces: true,
  escapeWhitespaces: true,
};

/** What to make of the fields of a message, by number. */
type Readers<T> = ReadonlyMap<
  number,
  readonly [
    key: keyof T,
    name: string,
    read: typeof asInteger | typeof asFlag | typeof asText | typeof asBytes,
  ]
>;

const TRAINER_FIELDS: Readers<TrainerSpec> = new Map([
  [3, ["modelType", "model_type", asInteger]],
  [24, ["whitespaceAsSuffix", "treat_whitespace_as_suffix", asFlag]],
  [35, ["byteFallback", "byte_fallback", asFlag]],
  [40, ["unkId", "unk_id", asInteger]],
  [41, ["bosId", "bos_id", asInteger]],
  [42, ["eosId", "eos_id", asInteger]],
  [43, ["padId", "pad_id", asInteger]],
  [45, ["unkPiece", "unk_piece", asText]],
  [46, ["bosPiece", "bos_piece", asText]],
  [47, ["eosPiece", "eos_piece", asText]],
  [48, ["padPiece", "pad_piece", asText]],
]);

const NORMALIZER_FIELDS: Readers<NormalizerSpec> = new Map([
  [2, ["precompiledCharsmap", "precompiled_charsmap", asBytes]],
  [3, ["addDummyPrefix", "add_dummy_prefix", asFlag]],
  [4, ["removeExtraWhitespaces", "remove_extra_whitespaces", asFlag]],
  [5, ["escapeWhitespaces", "escape_whitespaces", asFlag]],
]);

function parseTrainer(bytes: Uint8Array, before: TrainerSpec): TrainerSpec {
  return { ...before, ...readKnown(bytes, "model.trainer_spec", TRAINER_FIELDS) };
}

function parseNormalizer(bytes: Uint8Array, before: NormalizerSpec): NormalizerSpec {
  return { ...before, ...readKnown(bytes, "model.normalizer_spec", NORMALIZER_FIELDS) };
}

function readKnown<T>(bytes: Uint8Array, path: string, readers: Readers<T>): Partial<T> {
  const values: [keyof T, unknown][] = [];
  for (const field of readFields(bytes, path)) {
    const reader = readers.get(field.number);
    if (reader) values.push([reader[0], reader[2](field, `${path}.${reader[1]}`)]);
  }
  // Each reader in the tables gives what its key holds.
  return Object.fromEntries(values) as Partial<T>;
}
