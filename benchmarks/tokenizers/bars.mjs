// What this project set out to reach: how many times as fast as the faster of the official library's two faces, each on
// one thread (the binding for Python, `encode_batch_fast`; the binding for Node). Memory: the share of theirs.

/** case → family, or "any" → floor and aim */
export const BARS = {
  ids: {
    "byte-level BPE": { floor: 28, aim: 60 },
    WordPiece: { floor: 18, aim: 40 },
    Unigram: { floor: 20, aim: 40 },
    "SentencePiece BPE": { floor: 15, aim: 30 },
  },
  first: { "byte-level BPE": { floor: 9, aim: 20 } },
  short: { any: { floor: 8, aim: 20 } },
  full: { any: { floor: 12, aim: 30 } },
  decode: { any: { floor: 6, aim: 15 } },
  load: { any: { floor: 1.5, aim: 3 } },
  memory: { any: { floor: 1, aim: 1 / 3, lessIsMore: true } },
  train: { BPE: { floor: 3, aim: 6 } },
  "best npm peer": { any: { floor: 8, aim: 20 } },
};

export function barOf(name, family) {
  return BARS[name]?.[family] ?? BARS[name]?.any;
}
