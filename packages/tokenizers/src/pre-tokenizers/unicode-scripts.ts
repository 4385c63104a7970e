import type { AlignedText } from "../aligned-text.ts";
import { sliceText } from "../aligned-text.ts";
import { decodeCodePoints } from "../unicode/code-points.ts";
import { SCRIPT_GROUPS } from "../unicode/script-groups.ts";

let groups: Uint8Array | undefined;

/** Which script a character counts to, from 1 on; 0 for those that go with any. */
function scriptGroup(codePoint: number): number {
  groups ??= readGroups();
  return groups[codePoint] ?? 0;
}

function readGroups(): Uint8Array {
  const sets = SCRIPT_GROUPS.map(decodeCodePoints);
  const table = new Uint8Array(Math.max(...sets.map((set) => set.at(-1) ?? 0)));
  sets.forEach((set, group) => {
    for (let i = 0; i < set.length; i += 2) table.fill(group + 1, set[i], set[i + 1]);
  });
  return table;
}

/**
 * Cuts where the script changes. What belongs to any script stays with the text before it; before the first
 * cut it is lost, as in the reference.
 */
export function splitScripts(source: AlignedText): AlignedText[] {
  const { text } = source;
  const pieces: AlignedText[] = [];
  let last = 0;
  let start = -1;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) as number; // inside the text
    const group = scriptGroup(codePoint);
    if (group !== 0 && group !== last) {
      if (start >= 0) pieces.push(sliceText(source, start, at));
      start = at;
      last = group;
    }
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (start >= 0) pieces.push(sliceText(source, start, text.length));
  return pieces;
}

/** Stretches of `length` characters; the last may be shorter. */
export function splitLengths(source: AlignedText, length: number): AlignedText[] {
  const { text } = source;
  const pieces: AlignedText[] = [];
  for (let start = 0; start < text.length; ) {
    let end = start;
    for (let i = 0; i < length && end < text.length; i++) {
      end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
    }
    pieces.push(sliceText(source, start, end));
    start = end;
  }
  return pieces;
}
