// What a tokenizer answers, as few numbers: made in Node and in the page, and compared.
import type { Tokenizer, TrainOptions } from "@bearhug/tokenizers";

/** For a vocabulary that both learn. */
export const TRAINING: TrainOptions = { type: "BPE", vocabSize: 600 };

export interface Answers {
  readonly tokens: number;
  /** Hashes of ids, tokens and offsets, decoded texts, decoded streams; each of all texts. */
  readonly ids: string;
  readonly details: string;
  readonly decoded: string;
  readonly streamed: string;
}

/** FNV-1a over UTF-16 units. */
function hash(values: readonly string[]): string {
  let state = 0x811c9dc5;
  for (const value of values) {
    for (let i = 0; i < value.length; i++) {
      state = Math.imul(state ^ value.charCodeAt(i), 0x01000193);
    }
    state = Math.imul(state ^ 0x10000, 0x01000193);
  }
  return (state >>> 0).toString(16);
}

export function answersOf(tokenizer: Tokenizer, texts: readonly string[]): Answers {
  const plain = tokenizer.with({ truncation: undefined, padding: undefined });
  const rows = texts.map((text) => plain.encodeIds(text));
  const encodings = texts.map((text) => plain.encode(text));
  const streamed = rows.map((row) => {
    const stream = plain.decodeStream();
    let out = "";
    for (const id of row) out += stream.step(id) ?? "";
    return out;
  });
  return {
    tokens: rows.reduce((sum, row) => sum + row.length, 0),
    ids: hash(rows.map((row) => row.join())),
    details: hash(
      encodings.map(({ ids, tokens, offsets, wordIds }) =>
        JSON.stringify([[...ids], tokens, offsets, wordIds]),
      ),
    ),
    decoded: hash(rows.map((row) => plain.decode(row))),
    streamed: hash(streamed),
  };
}
