import { TokenizerFormatError } from "../../errors.ts";
import type { Vocabulary } from "../vocabulary.ts";
import { PairTable } from "./pair-table.ts";

/** Which pairs of tokens become which token; the position is the rank, the best first. */
export class Merges {
  readonly count: number;
  /** Left, right and result of each rank, one after the other. */
  readonly ids: Int32Array;
  #table: PairTable | undefined;

  /** Takes the array over: it must not change any more. */
  constructor(ids: Int32Array) {
    this.ids = ids;
    this.count = ids.length / 3;
  }

  /**
   * Of pairs of strings; the result of one is the left token and the right one without the prefix.
   *
   * @throws {TokenizerFormatError} naming the first pair of which the vocabulary lacks a token.
   */
  static fromPairs(
    pairs: readonly (readonly [left: string, right: string])[],
    vocabulary: Vocabulary,
    continuingSubwordPrefix = "",
  ): Merges {
    const ids = new Int32Array(3 * pairs.length);
    pairs.forEach(([left, right], rank) => {
      const idOf = (token: string) => idOfMerged(vocabulary, token, `model.merges[${rank}]`);
      ids[3 * rank] = idOf(left);
      ids[3 * rank + 1] = idOf(right);
      ids[3 * rank + 2] = idOf(left + right.slice(continuingSubwordPrefix.length));
    });
    return new Merges(ids);
  }

  left(rank: number): number {
    return this.ids[3 * rank];
  }

  right(rank: number): number {
    return this.ids[3 * rank + 1];
  }

  result(rank: number): number {
    return this.ids[3 * rank + 2];
  }

  /** Finds ranks by pairs; made at the first call. */
  get table(): PairTable {
    this.#table ??= new PairTable(this.ids);
    return this.#table;
  }

  /** As the file has them: the strings of both tokens. */
  *pairs(vocabulary: Vocabulary): Generator<readonly [left: string, right: string]> {
    for (let rank = 0; rank < this.count; rank++) {
      yield [vocabulary.token(this.left(rank)) ?? "", vocabulary.token(this.right(rank)) ?? ""];
    }
  }
}

function idOfMerged(vocabulary: Vocabulary, token: string, path: string): number {
  const id = vocabulary.id(token);
  if (id !== undefined) return id;
  throw new TokenizerFormatError(`${path} needs ${JSON.stringify(token)}, which model.vocab lacks`);
}
