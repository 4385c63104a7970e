import { FIRST_RARE_ACTION, type Splitter } from "./splitter.ts";

/** Boundaries that the text behind them may take back. */
export const UNSURE = 4;

/** Where the first chunk from `start` on ends, for one that a window does not hold. */
export function longChunkEnd(text: string, start: number, splitter: Splitter): number {
  const ends: number[] = [];
  let state = 0;
  let at = start;
  const run = (characterClass: number) => {
    const entry = splitter.transitions[state + characterClass];
    const action = entry & 255;
    state = entry >>> 8;
    if (action >= FIRST_RARE_ACTION) {
      const { takesBack, writes } = splitter.rareActions[action - FIRST_RARE_ACTION];
      ends.length -= takesBack;
      for (const back of writes) ends.push(back === 0 ? at : characterBefore(text, at));
    } else if (action > 0) {
      ends.push(action === 2 ? at : characterBefore(text, at));
    }
  };
  while (at < text.length && ends.length <= UNSURE) {
    const codePoint = text.codePointAt(at) as number; // at is inside the text
    const isHalf = codePoint >= 0xd800 && codePoint < 0xe000;
    run(splitter.classOf(isHalf ? 0xfffd : codePoint));
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (ends.length <= UNSURE) run(splitter.endClass);
  return ends[0];
}

function characterBefore(text: string, at: number): number {
  const isPair = at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
  return isPair ? at - 2 : at - 1;
}
