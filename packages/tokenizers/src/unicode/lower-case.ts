import { LOWER_MOVES, LOWER_STRINGS } from "./case-tables.ts";
import { decodeCodePoints, eachCodePoint } from "./code-points.ts";

let mappings: Map<number, string> | undefined;

/** The full lower-case form of one character on its own; `undefined` when it stays as it is. */
export function lowerCase(codePoint: number): string | undefined {
  mappings ??= readMappings();
  return mappings.get(codePoint);
}

function readMappings(): Map<number, string> {
  const result = new Map<number, string>();
  for (const [distance, coded] of Object.entries(LOWER_MOVES)) {
    for (const code of eachCodePoint(decodeCodePoints(coded))) {
      result.set(code, String.fromCodePoint(code + Number(distance)));
    }
  }
  for (const [character, lower] of Object.entries(LOWER_STRINGS)) {
    result.set(character.codePointAt(0) as number, lower); // one character
  }
  return result;
}
