import { createRandom, parseArray, parseNumber, parseString } from "@bearhug/core";
import { TokenizerFormatError, UnknownTokenError } from "../errors.ts";
import { byteTokens, spellBytes } from "./byte-tokens.ts";
import type { Model, ModelToken } from "./model.ts";
import { findBestPath, PathRoom, type UnknownPiece } from "./unigram/best-path.ts";
import { createPieceTrie, type PieceTrie } from "./unigram/piece-trie.ts";
import { type PathPiece, samplePath } from "./unigram/sampled-path.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface UnigramDefinition {
  readonly type: "Unigram";
  /** A piece that stands twice has the id of the last. */
  readonly vocabulary: Vocabulary;
  /** Logarithm of each piece's probability, by id. */
  readonly scores: Float64Array;
  readonly unkId: number | undefined;
  /** Unknown text becomes the tokens of its bytes, when all of them exist. */
  readonly byteFallback: boolean;
  /**
   * Draws segmentations by chance, as subword regularization does: scores are multiplied by it, so near 0 all are
   * alike. Not in files. Default or 0: always the best segmentation.
   */
  readonly alpha?: number | undefined;
  /** With `alpha`: drawn from so many of the best segmentations. Default or 0: from all. */
  readonly nbestSize?: number | undefined;
  /** With `alpha`: numbers from 0 to 1. Default: a generator with a fixed seed. */
  readonly random?: (() => number) | undefined;
}

/** `[[piece, score], …]`: the position is the id. */
export function parsePieces(
  value: unknown,
  path: string,
): Pick<UnigramDefinition, "vocabulary" | "scores"> {
  const list = parseArray(value, path);
  const scores = new Float64Array(list.length);
  const pieces = list.map((item, id) => {
    const at = `${path}[${id}]`;
    const pair = parseArray(item, at);
    if (pair.length !== 2) throw new TokenizerFormatError(`${at} must be a piece and its score`);
    const piece = parseString(pair[0], `${at}[0]`);
    scores[id] = parseNumber(pair[1], `${at}[1]`);
    return [piece, id] as const;
  });
  return { vocabulary: Vocabulary.from(pieces), scores };
}

/** What an unknown character costs beyond the least likely piece. */
const UNKNOWN_PENALTY = 10;

export interface UnigramModel extends Model {
  /** The ids of {@link Model.tokenize}, without objects for the tokens. */
  encodeIds(word: string): Int32Array;
}

/**
 * The segmentation of the highest probability; of equal ones that whose pieces were found first, from the left and
 * the shortest first. With `alpha`, one drawn by chance.
 */
export function createUnigram(definition: UnigramDefinition): UnigramModel {
  const { vocabulary } = definition;
  const findPath = createPathFinder(definition);
  const spell = createSpeller(definition);
  const unkId = definition.unkId ?? -1;
  const tokensOf = (word: string, { starts, ids, first, last }: Path): ModelToken[] => {
    const tokens: ModelToken[] = [];
    for (let i = first; i <= last; i++) {
      const id = ids[i];
      const start = starts[i];
      const end = i < last ? starts[i + 1] : word.length;
      if (id === unkId) tokens.push(...spell(word.slice(start, end), start, end));
      else tokens.push({ id, start, end });
    }
    return tokens;
  };
  return {
    vocabulary,
    tokenize: (word) => tokensOf(word, findPath(word)),
    encodeIds(word) {
      const path = findPath(word);
      const { ids, first, last } = path;
      for (let i = first; i <= last; i++) {
        if (ids[i] === unkId) return Int32Array.from(tokensOf(word, path), (token) => token.id);
      }
      return ids.slice(first, last + 1);
    },
  };
}

/** Pieces `first` to `last` of a word: where each begins, and its id. Neighbouring unknown ones are one piece. */
interface Path {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly first: number;
  readonly last: number;
}

/** Longer words get room of their own, which is not kept. */
const KEPT_ROOM = 0x4000;

function createPathFinder(definition: UnigramDefinition): (word: string) => Path {
  const { vocabulary, scores, unkId, alpha = 0, nbestSize } = definition;
  const least = scores.reduce((a, b) => (b < a ? b : a), Number.POSITIVE_INFINITY);
  const unknown: UnknownPiece = { score: least - UNKNOWN_PENALTY, id: unkId };
  let trie: PieceTrie | undefined; // made for the first word: many tokenizers only decode
  const model = () => {
    trie ??= createPieceTrie(vocabulary, scores);
    return { trie, unknown };
  };
  if (alpha === 0) {
    return (word) => {
      const room = word.length <= KEPT_ROOM ? keptRoom : new PathRoom(word.length);
      const first = findBestPath(word, room, model());
      return { starts: room.starts, ids: room.ids, first, last: word.length };
    };
  }
  const random = definition.random ?? createRandom(0).uniform;
  return (word) => joinUnknown(samplePath(word, { alpha, nbestSize, random }, model()), unkId);
}

const keptRoom = new PathRoom(KEPT_ROOM);

function joinUnknown(pieces: readonly PathPiece[], unkId: number | undefined): Path {
  const joined = pieces.filter(
    ({ id }, i) => i === 0 || id !== unkId || pieces[i - 1].id !== unkId,
  );
  return {
    starts: Int32Array.from(joined, (piece) => piece.start),
    ids: Int32Array.from(joined, (piece) => piece.id),
    first: 0,
    last: joined.length - 1,
  };
}

/** What unknown text becomes: several unknown characters together can be a piece that no single way led to. */
function createSpeller({
  vocabulary,
  unkId,
  byteFallback,
}: UnigramDefinition): (text: string, start: number, end: number) => ModelToken[] {
  const bytes = byteFallback ? byteTokens(vocabulary) : undefined;
  return (text, start, end) => {
    const id = vocabulary.id(text);
    if (id !== undefined) return [{ id, start, end }];
    const spelled = bytes && spellBytes(text, bytes);
    if (spelled) return spelled.map((each) => ({ id: each, start, end }));
    if (unkId === undefined) throw new UnknownTokenError(text);
    return [{ id: unkId, start, end, text }];
  };
}
