/** Finds its way through JSON by brackets and quotes alone: whether it is JSON is left to who reads it. */

import {
  BACKSLASH,
  byteTable,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  type JsonCursor,
  OPEN_OBJECT,
  QUOTE,
} from "./json-cursor.ts";

/** Deeper files are refused: no real one is, and the reference refuses them too. */
export const MAX_DEPTH = 127;

/**
 * `onValue` is called at each value of an object, and passes over it.
 *
 * @throws {UnusualJsonError} for a name with escapes.
 */
export function forEachField(cursor: JsonCursor, onValue: (name: string) => void): void {
  cursor.expect(OPEN_OBJECT);
  if (cursor.skip(CLOSE_OBJECT)) return;
  do {
    const name = readName(cursor);
    cursor.expect(COLON);
    cursor.peek();
    onValue(name);
  } while (cursor.hasMore(CLOSE_OBJECT));
}

/** A long name cannot be one that is looked for. */
function readName(cursor: JsonCursor): string {
  if (cursor.peek() !== QUOTE) cursor.fail();
  const start = cursor.at + 1;
  cursor.at = stringEnd(cursor.bytes, cursor.at);
  const bytes = cursor.bytes.subarray(start, cursor.at - 1);
  if (bytes.includes(BACKSLASH)) cursor.fail();
  return bytes.length > MAX_NAME ? "" : String.fromCharCode(...bytes);
}

const MAX_NAME = 16;

/** @throws {UnusualJsonError} for a value that goes deeper than {@link MAX_DEPTH}. */
export function skipValue(cursor: JsonCursor, depthAround: number): void {
  const { bytes } = cursor;
  let { at } = cursor;
  let depth = depthAround;
  do {
    const byte = bytes[at];
    depth += NESTING[byte] ?? 0;
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else if (depth > depthAround || byte === CLOSE_OBJECT || byte === CLOSE_LIST) at++;
    else at = scalarEnd(bytes, at);
    if (at > bytes.length || depth > MAX_DEPTH) cursor.fail();
  } while (depth > depthAround);
  cursor.at = at;
}

const NESTING: Int8Array = byteTable({ "{": 1, "[": 1, "}": -1, "]": -1 }, 0);

/** Behind the closing quote; beyond the bytes where there is none. */
function stringEnd(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return bytes.length + 1;
}

/** How deep the brackets of the whole file go. */
export function nestingDepth(bytes: Uint8Array): number {
  let deepest = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = stringEnd(bytes, at);
      continue;
    }
    depth += NESTING[byte];
    if (depth > deepest) deepest = depth;
    at++;
  }
  return deepest;
}

function scalarEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && !SCALAR_ENDS.includes(bytes[at])) at++;
  return at;
}

const SCALAR_ENDS: readonly number[] = [COMMA, CLOSE_OBJECT, CLOSE_LIST, 0x09, 0x0a, 0x0d, 0x20];
