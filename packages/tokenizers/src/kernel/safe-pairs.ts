import { FIRST_RARE_ACTION, type Splitter } from "./splitter.ts";

/** Pairs of characters between which a text can be cut in two. */
export interface SafePairs {
  /** Whether every text that has these two as neighbours is cut between them, as its halves alone would be cut. */
  has(before: number, after: number): boolean;
}

/**
 * The pairs of a splitter. It is so for all texts when it is so from every state: the first character at the end
 * of a text makes the same boundaries as before the second one, of which the last lies between them; and then the
 * splitter stands as if the text began with the second.
 */
export function findSafePairs(splitter: Splitter): SafePairs {
  const { endClass, transitions, classOf } = splitter;
  const width = endClass + 2;
  const step = (state: number, column: number) => transitions[state + column];
  const isSafeFrom = (state: number, after: number): boolean => {
    const entry = step(state, after);
    const fromStart = step(0, after);
    return (
      entry >>> 8 === fromStart >>> 8 &&
      (fromStart & 255) === 0 &&
      (entry & 255) === (step(state, endClass) & 255) &&
      endsHere(splitter, entry & 255)
    );
  };
  const safe = new Uint8Array(endClass * endClass).fill(1);
  for (let before = 0; before < endClass; before++) {
    const states = new Set<number>();
    for (let state = 0; state < transitions.length; state += width) {
      states.add(step(state, before) >>> 8);
    }
    for (let after = 0; after < endClass; after++) {
      const isSafe = [...states].every((state) => isSafeFrom(state, after));
      safe[before * endClass + after] = isSafe ? 1 : 0;
    }
  }
  return {
    has: (before, after) => safe[classOf(before) * endClass + classOf(after)] === 1,
  };
}

/** Whether an action's last boundary is where the splitter stands. */
function endsHere({ rareActions }: Splitter, action: number): boolean {
  if (action < FIRST_RARE_ACTION) return action === 2;
  return rareActions[action - FIRST_RARE_ACTION]?.writes.at(-1) === 0;
}
