import type { Cuts } from "./locality.ts";

/** What to do between two bytes of UTF-8. */
export const GO_ON = 0;
export const CUT = 1;
/** Cut, unless the character before is white space. */
export const CUT_AFTER_TEXT = 2;
/** Cut, unless the character after the next may compose with it. */
export const CUT_IF_PLAIN = 3;
/** What was read since the last cut is white space that nobody needs, or the end of a text. */
export const DROP = 4;

/** Tables of bytes, and of what to do where a byte of one kind (the row) stands before one of another. */
export interface Cutter {
  /** Kinds of bytes as the one before a cut. */
  readonly lefts: Uint8Array;
  /** Kinds of bytes as the one after a cut. */
  readonly rights: Uint8Array;
  /** By `left * KINDS + right`. */
  readonly actions: Uint8Array;
}

export const KINDS = 8;
const OPAQUE = 0;
const NOT_ASCII = 1;
const SPACE = 2;
const LETTER = 3;
const DIGIT = 4;
const OTHER = 5;
/** U+0000, which stands between two texts. */
const BREAK = 6;

/**
 * For the finer kinds of cuts only ASCII is told apart, and control characters never: a part that holds others may be
 * longer than it need be.
 */
export function createCutter(cuts: Exclude<Cuts, "none">): Cutter {
  const rights = new Uint8Array(256);
  for (const byte of cuts === "space" ? [0x20] : [0x20, 0x09, 0x0a, 0x0d]) rights[byte] = SPACE;
  if (cuts !== "space" && cuts !== "whitespace") {
    for (let byte = 0x21; byte < 0x7f; byte++) rights[byte] = kindOf(byte, cuts);
  }
  const lefts = rights.slice().fill(NOT_ASCII, 0x80);
  const isInsensitive = cuts === "bert" || cuts === "word";
  // To GPT-2's pattern these are white space, and an apostrophe may belong to the letters after it.
  if (!isInsensitive) lefts.fill(SPACE, 0x09, 0x0e)[0x20] = SPACE;
  if (cuts === "gpt2") lefts[0x27] = OPAQUE;
  lefts[0] = BREAK;
  rights[0] = BREAK;
  return { lefts, rights, actions: createActions(isInsensitive, cuts === "bert") };
}

function kindOf(byte: number, cuts: "gpt2" | "bert" | "word"): number {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z]/.test(character)) return LETTER;
  if (/[0-9]/.test(character)) return cuts === "gpt2" ? DIGIT : LETTER;
  return cuts === "word" && character === "_" ? LETTER : OTHER;
}

function createActions(isInsensitive: boolean, isolates: boolean): Uint8Array {
  const actions = new Uint8Array(KINDS * KINDS);
  for (const left of [OPAQUE, NOT_ASCII, LETTER, DIGIT, OTHER]) {
    const isUnclear = left === NOT_ASCII && !isInsensitive;
    actions[left * KINDS + SPACE] = isUnclear ? CUT_AFTER_TEXT : CUT;
  }
  for (const right of [LETTER, DIGIT, OTHER]) {
    if (isInsensitive) actions[SPACE * KINDS + right] = DROP;
    for (const left of [LETTER, DIGIT, OTHER]) {
      if (left !== right) actions[left * KINDS + right] = CUT_IF_PLAIN;
    }
  }
  for (let kind = 0; kind < KINDS; kind++) {
    actions[kind * KINDS + BREAK] = CUT;
    actions[BREAK * KINDS + kind] = DROP;
  }
  if (isolates) actions[OTHER * KINDS + OTHER] = CUT_IF_PLAIN;
  return actions;
}
