import { parseArray, parseNumber, parseString } from "@bearhug/core";
import { TokenizerFormatError, UnknownTokenError } from "../errors.ts";
import { byteTokens, spellBytes } from "./byte-tokens.ts";
import type { Model, ModelToken } from "./model.ts";
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

/**
 * The segmentation of the highest probability; of equal ones that whose pieces were found first, from the left and
 * the shortest first.
 */
export function createUnigram(definition: UnigramDefinition): Model {
  const { vocabulary, unkId } = definition;
  const bytes = definition.byteFallback ? byteTokens(vocabulary) : undefined;
  const findBest = createSearch(definition);
  const toTokens = (text: string, start: number, end: number): ModelToken[] => {
    const id = vocabulary.id(text);
    if (id !== undefined) return [{ id, start, end }];
    const spelled = bytes && spellBytes(text, bytes);
    if (spelled) return spelled.map((each) => ({ id: each, start, end }));
    if (unkId === undefined) throw new UnknownTokenError(text);
    return [{ id: unkId, start, end, text }];
  };
  const tokenize = (word: string): ModelToken[] =>
    fuseUnknown(findBest(word), unkId).flatMap(([start, end]) =>
      toTokens(word.slice(start, end), start, end),
    );
  return {
    vocabulary,
    tokenize,
    encodeIds: (word) => Int32Array.from(tokenize(word), (token) => token.id),
  };
}

/** Units [start, end) of a word, and the piece that they are. */
interface PathStep {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

/** Unknown pieces in a row become one. */
function fuseUnknown(
  path: readonly PathStep[],
  unkId: number | undefined,
): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  let isAfterUnknown = false;
  for (const { start, end, id } of path) {
    const last = ranges.at(-1);
    if (id === unkId && isAfterUnknown && last) last[1] = end;
    else ranges.push([start, end]);
    isAfterUnknown = id === unkId;
  }
  return ranges;
}

/** Viterbi's algorithm over the places between characters. */
function createSearch({
  vocabulary,
  scores,
  unkId,
}: UnigramDefinition): (word: string) => PathStep[] {
  const trie = new PieceTrie(vocabulary);
  const least = scores.reduce((a, b) => (b < a ? b : a), Number.POSITIVE_INFINITY);
  const unknownScore = least - UNKNOWN_PENALTY;
  return (word) => {
    const paths = new BestPaths(word.length);
    for (let start = 0; start < word.length; ) {
      const width = (word.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
      const pieces = trie.prefixes(word, start);
      for (const { end, id } of pieces) paths.relax({ start, end, id }, scores[id]);
      if (pieces[0]?.end !== start + width) {
        paths.relax({ start, end: start + width, id: unkId ?? -1 }, unknownScore);
      }
      start += width;
    }
    return paths.walkBack(word);
  };
}

/** The best way to each place. */
class BestPaths {
  readonly #scores: Float64Array;
  readonly #starts: Int32Array;
  readonly #ids: Int32Array;

  constructor(length: number) {
    this.#scores = new Float64Array(length + 1);
    this.#starts = new Int32Array(length + 1).fill(-1);
    this.#ids = new Int32Array(length + 1);
  }

  relax({ start, end, id }: PathStep, score: number): void {
    const total = score + this.#scores[start];
    if (this.#starts[end] >= 0 && !(total > this.#scores[end])) return;
    this.#scores[end] = total;
    this.#starts[end] = start;
    this.#ids[end] = id;
  }

  /** @throws {UnknownTokenError} when the path needs an unknown token and there is none. */
  walkBack(word: string): PathStep[] {
    const path: PathStep[] = [];
    for (let end = word.length; end > 0; ) {
      const start = this.#starts[end];
      const id = this.#ids[end];
      if (id < 0) throw new UnknownTokenError(word.slice(start, end));
      path.push({ start, end, id });
      end = start;
    }
    return path.reverse();
  }
}

/** Pieces by their UTF-16 units. */
class PieceTrie {
  /** node · 2^16 + unit → node */
  readonly #edges = new Map<number, number>();
  /** Id of the piece that ends at a node, −1 for none. */
  readonly #ids: number[] = [-1];

  constructor(vocabulary: Vocabulary) {
    for (const [piece, id] of vocabulary.entries()) {
      let node = 0;
      for (let i = 0; i < piece.length; i++) {
        const key = node * 0x1_0000 + piece.charCodeAt(i);
        let next = this.#edges.get(key);
        if (next === undefined) {
          next = this.#ids.push(-1) - 1;
          this.#edges.set(key, next);
        }
        node = next;
      }
      if (node > 0) this.#ids[node] = id;
    }
  }

  /** Pieces that `text` has at `start`, the shortest first. */
  prefixes(text: string, start: number): { readonly end: number; readonly id: number }[] {
    const found: { readonly end: number; readonly id: number }[] = [];
    let node: number | undefined = 0;
    for (let at = start; at < text.length; at++) {
      node = this.#edges.get(node * 0x1_0000 + text.charCodeAt(at));
      if (node === undefined) break;
      const id = this.#ids[node];
      if (id >= 0) found.push({ end: at + 1, id });
    }
    return found;
  }
}
