import { VocabularyTooSmallError } from "../errors.ts";
import { alphabetOf, specialTokens, type TrainUnigramOptions } from "../options.ts";
import type { PieceModel } from "./piece-model.ts";
import { textOf, type WordText } from "./word-text.ts";

export interface UnigramResult {
  /** Pieces and their scores, by id. */
  readonly pieces: readonly (readonly [piece: string, score: number])[];
  readonly unkId: number | undefined;
}

/** What the vocabulary must have besides what is learnt. */
export interface Required {
  readonly characters: readonly string[];
  /** Special tokens, the unknown one in front if it is not among them. */
  readonly specials: readonly string[];
  readonly unkId: number | undefined;
  /** Entries for characters and other pieces. */
  readonly room: number;
}

/** @throws {VocabularyTooSmallError} when characters and special tokens alone are too many. */
export function findRequired(text: WordText, options: TrainUnigramOptions): Required {
  const { vocabSize = 8000, unkToken } = options;
  const present = new Set(text.characters);
  const seen = text.codePoints.filter((_, number) => number > 0 && present.has(number));
  const all = new Set([...seen, ...alphabetOf(options.initialAlphabet)]);
  const characters = [...all].sort((a, b) => a - b).map((each) => String.fromCodePoint(each));
  const given = specialTokens(options).map((token) => token.content);
  const isMissing = unkToken !== undefined && !given.includes(unkToken);
  const specials = isMissing ? [unkToken, ...given] : given;
  const needed = characters.length + specials.length;
  if (needed > vocabSize) throw new VocabularyTooSmallError(vocabSize, needed);
  const unkId = unkToken === undefined ? undefined : specials.indexOf(unkToken);
  return { characters, specials, unkId, room: vocabSize - specials.length };
}

/** Characters that no piece is left of are a little likelier than the rarest piece, each more than the one before. */
const MISSING_STEP = 0.0001;

/** Required characters first, then pieces in order until the vocabulary is full; the likeliest gets the lowest id. */
export function finalize(text: WordText, model: PieceModel, required: Required): UnigramResult {
  const { starts, lengths, scores } = model.pieces;
  const learnt = new Map<string, number>();
  for (let piece = 0; piece < starts.length; piece++) {
    learnt.set(textOf(text, starts[piece], lengths[piece]), scores[piece]);
  }
  const chosen = new Map<string, number>();
  let missing = 0;
  for (const character of required.characters) {
    const score = learnt.get(character) ?? model.minScore + MISSING_STEP * missing++;
    chosen.set(character, score);
  }
  for (const [piece, score] of learnt) {
    if (chosen.size >= required.room) break;
    if (!chosen.has(piece)) chosen.set(piece, score);
  }
  const pieces = [...chosen].sort(([, a], [, b]) => b - a);
  const specials = required.specials.map((token) => [token, 0] as const);
  return { pieces: [...specials, ...pieces], unkId: required.unkId };
}
