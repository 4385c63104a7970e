import { type AlignedText, applyChanges, type Change } from "../aligned-text.ts";
import { canonicallyDecomposable, combiningClass, compatiblyDecomposable } from "./set.ts";

export type NormalForm = "NFC" | "NFD" | "NFKC" | "NFKD";

interface NormalizedCharacter extends Change {
  combiningClass: number;
}

/**
 * Unicode normalization with the reference's old tables: characters that are newer stay as they are.
 * The engine decomposes single characters and composes pairs; the algorithm around it is here, because
 * offsets depend on its steps.
 */
export function normalize(source: AlignedText, form: NormalForm): AlignedText {
  if (!NOT_PLAIN.test(source.text)) return source;
  const decomposed = decompose(source.text, form === "NFKC" || form === "NFKD");
  const composes = form === "NFC" || form === "NFKC";
  return applyChanges(source, composes ? compose(decomposed) : decomposed);
}

/** Nothing under U+00A0 changes in any form. */
const NOT_PLAIN = /[^\0-\x9f]/;

function decompose(text: string, compatibility: boolean): NormalizedCharacter[] {
  const set = compatibility ? compatiblyDecomposable : canonicallyDecomposable;
  const form = compatibility ? "NFKD" : "NFD";
  const result: NormalizedCharacter[] = [];
  let marksFrom = 0;
  for (const character of text) {
    const parts = set.has(codePointOf(character)) ? character.normalize(form) : character;
    let change = 0;
    for (const part of parts) {
      const codePoint = codePointOf(part);
      const order = combiningClass(codePoint);
      if (order === 0) {
        sortMarks(result, marksFrom);
        marksFrom = result.length + 1;
      }
      result.push({ codePoint, change, combiningClass: order });
      change = 1;
    }
  }
  sortMarks(result, marksFrom);
  return result;
}

/** Canonical ordering: a stable sort of the marks at the end of the list. */
function sortMarks(list: NormalizedCharacter[], from: number): void {
  if (list.length - from < 2) return;
  const marks = list.splice(from).sort((a, b) => a.combiningClass - b.combiningClass);
  list.push(...marks);
}

function compose(decomposed: readonly NormalizedCharacter[]): NormalizedCharacter[] {
  const result: NormalizedCharacter[] = [];
  let starter = -1;
  let lastClass = 0;
  for (const item of decomposed) {
    const base = starter < 0 ? undefined : result[starter];
    const blocked =
      result.length - 1 > starter && (lastClass === 0 || lastClass >= item.combiningClass);
    const composed = base && !blocked ? composePair(base.codePoint, item.codePoint) : undefined;
    if (base && composed !== undefined) {
      base.codePoint = composed;
      base.change += item.change - 1;
      continue;
    }
    result.push({ ...item });
    lastClass = item.combiningClass;
    if (item.combiningClass === 0) starter = result.length - 1;
  }
  return result;
}

function composePair(first: number, second: number): number | undefined {
  const composed = (String.fromCodePoint(first) + String.fromCodePoint(second)).normalize("NFC");
  const codePoint = codePointOf(composed);
  const isOne = composed.length === (codePoint > 0xffff ? 2 : 1);
  return isOne && canonicallyDecomposable.has(codePoint) ? codePoint : undefined;
}

function codePointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
