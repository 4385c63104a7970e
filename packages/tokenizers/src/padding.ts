import { isObject, optional, parseInteger, parseObject, parseString } from "@bearhug/core";
import { TokenizerFormatError } from "./errors.ts";
import { type Direction, parseDirection } from "./truncation.ts";

export interface PaddingOptions {
  /** Up to the longest of the batch, or up to a number of tokens. Default `"longest"`. */
  readonly length?: "longest" | number | undefined;
  /** The side that is filled. Default `"right"`. */
  readonly direction?: Direction | undefined;
  /** The length is rounded up to a multiple of this. */
  readonly multipleOf?: number | undefined;
  /** Default 0. */
  readonly id?: number | undefined;
  /** Default 0. */
  readonly typeId?: number | undefined;
  /** Default `"[PAD]"`. */
  readonly token?: string | undefined;
}

/** No model reads rows that long; a file that asks for more would take all memory at the first text. */
const MAX_LENGTH = 2 ** 24;

export function parsePadding(value: unknown, path: string): PaddingOptions {
  const fields = parseObject(value, path);
  const integer = (item: unknown, at: string) => parseInteger(item, at, { min: 0 });
  const length = (item: unknown, at: string) => parseInteger(item, at, { min: 0, max: MAX_LENGTH });
  return {
    length: parseStrategy(fields["strategy"], `${path}.strategy`),
    direction: parseDirection(fields["direction"], `${path}.direction`),
    multipleOf: optional(fields["pad_to_multiple_of"], `${path}.pad_to_multiple_of`, length),
    id: integer(fields["pad_id"], `${path}.pad_id`),
    typeId: integer(fields["pad_type_id"], `${path}.pad_type_id`),
    token: parseString(fields["pad_token"], `${path}.pad_token`),
  };
}

function parseStrategy(value: unknown, path: string): "longest" | number {
  if (value === "BatchLongest") return "longest";
  if (isObject(value)) {
    return parseInteger(value["Fixed"], `${path}.Fixed`, { min: 0, max: MAX_LENGTH });
  }
  throw new TokenizerFormatError(`${path} must be "BatchLongest" or {"Fixed": length}`);
}

/** The length that every row of a batch is filled up to; longer rows stay as they are. */
export function paddedLength(
  lengths: readonly number[],
  { length = "longest", multipleOf = 0 }: PaddingOptions,
): number {
  const target =
    length === "longest" ? lengths.reduce((most, each) => Math.max(most, each), 0) : length;
  return multipleOf > 0 ? Math.ceil(target / multipleOf) * multipleOf : target;
}
