import { optional, parseInteger, parseObject, parseOneOf } from "@bearhug/core";
import { TruncationError } from "./errors.ts";

export type TruncationStrategy = "longest-first" | "only-first" | "only-second";
export type Direction = "left" | "right";

export interface TruncationOptions {
  /** Most tokens of a result, special ones included. */
  readonly maxLength: number;
  /** What is cut of a pair. Default `"longest-first"`. */
  readonly strategy?: TruncationStrategy | undefined;
  /** The side that is cut off. Default `"right"`. */
  readonly direction?: Direction | undefined;
  /** Tokens that an overflowing part repeats of the one before. Default 0. */
  readonly stride?: number | undefined;
}

/** Tokens [start, end) of a sequence. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

export function parseTruncation(value: unknown, path: string): TruncationOptions {
  const fields = parseObject(value, path);
  const strategies = ["LongestFirst", "OnlyFirst", "OnlySecond"] as const;
  const strategy = parseOneOf(fields["strategy"], `${path}.strategy`, strategies);
  return {
    maxLength: parseInteger(fields["max_length"], `${path}.max_length`, { min: 0 }),
    strategy: STRATEGIES[strategy],
    direction: parseDirection(fields["direction"], `${path}.direction`),
    stride: parseInteger(fields["stride"], `${path}.stride`, { min: 0 }),
  };
}

export function parseDirection(value: unknown, path: string): Direction {
  const parse = (item: unknown, at: string) => parseOneOf(item, at, ["Left", "Right"]);
  return optional(value, path, parse) === "Left" ? "left" : "right";
}

const STRATEGIES = {
  LongestFirst: "longest-first",
  OnlyFirst: "only-first",
  OnlySecond: "only-second",
} as const;

/**
 * For each sequence, the windows that truncation makes of it: the first is kept, the others overflow.
 *
 * @param lengths of one sequence, or of two.
 * @param added how many special tokens the result will have besides.
 * @throws {TruncationError} when the special tokens leave no room, or one side cannot give enough.
 * @throws {RangeError} when the stride is not below the room that is left.
 */
export function truncate(
  lengths: readonly number[],
  options: TruncationOptions,
  added: number,
): readonly (readonly Window[])[] {
  const room = options.maxLength - added;
  if (room < 0) {
    throw new TruncationError(
      `Cannot truncate to ${options.maxLength} tokens: special tokens alone take ${added}`,
      "Raise maxLength, or leave the special tokens out",
    );
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total <= room) return lengths.map((length) => [{ start: 0, end: length }]);
  const stride = options.stride ?? 0;
  const kept = keptLengths(lengths, options.strategy ?? "longest-first", room);
  const direction = options.direction ?? "right";
  return lengths.map((length, i) => cutWindows(length, kept[i], { stride, direction }));
}

function keptLengths(
  lengths: readonly number[],
  strategy: TruncationStrategy,
  room: number,
): readonly number[] {
  const [first, second] = lengths;
  if (room === 0) return lengths.map(() => 0);
  if (strategy === "longest-first") {
    return second === undefined ? [room] : shareRoom(first, second, room);
  }
  const excess = lengths.reduce((sum, length) => sum + length, 0) - room;
  const target = strategy === "only-first" ? 0 : 1;
  const length = lengths[target];
  if (length === undefined) {
    throw new TruncationError(
      `Cannot truncate "${strategy}": there is no second sequence`,
      'Give a pair, or use the strategy "longest-first"',
    );
  }
  if (length <= excess) {
    throw new TruncationError(
      `Cannot cut ${excess} tokens off a sequence of ${length}`,
      'Use the strategy "longest-first", which cuts both sequences',
    );
  }
  return lengths.map((each, i) => (i === target ? each - excess : each));
}

/** The shorter one stays whole as long as it takes at most half. */
function shareRoom(first: number, second: number, room: number): readonly [number, number] {
  const isSwapped = first > second;
  let short = isSwapped ? second : first;
  let long = short > room ? short : Math.max(short, room - short);
  if (short + long > room) {
    short = room >> 1;
    long = short + (room & 1);
  }
  return isSwapped ? [long, short] : [short, long];
}

/**
 * Windows of at most `size` over `length` tokens: the first is kept, the others overflow.
 *
 * @throws {RangeError} when the stride is not below the size.
 */
export function cutWindows(
  length: number,
  size: number,
  { stride, direction }: { readonly stride: number; readonly direction: Direction },
): Window[] {
  if (length <= size) return [{ start: 0, end: length }];
  if (size === 0) {
    return [
      { start: 0, end: 0 },
      { start: 0, end: length },
    ];
  }
  if (stride >= size) {
    throw new RangeError(`stride must be below the ${size} tokens of a window, got ${stride}`);
  }
  const step = size - stride;
  const result: Window[] = [];
  if (direction === "right") {
    for (let start = 0; ; start += step) {
      const end = Math.min(start + size, length);
      result.push({ start, end });
      if (end === length) return result;
    }
  }
  for (let end = length; ; end -= step) {
    const start = Math.max(0, end - size);
    result.push({ start, end });
    if (start === 0) return result;
  }
}
