import type { Merges } from "../models/bpe/merges.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import { forEachField, skipValue } from "./fields.ts";
import { JsonCursor, OPEN_LIST } from "./json-cursor.ts";
import { readMerges } from "./merges-reader.ts";
import { type Pieces, readPieces, readVocabulary } from "./vocabulary-reader.ts";

/** What a tokenizer.json has most of, and where it stood. */
export interface LargeParts {
  readonly vocab: Vocabulary | Pieces;
  readonly merges: Merges | undefined;
  /** In order. */
  readonly spans: readonly Span[];
}

/** Bytes [start, end) of a value. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `model.vocab` and `model.merges`. That the bytes around them are JSON remains to be seen.
 *
 * @throws {UnusualJsonError} when one of them stands twice, or is not as it should be.
 */
export function readLargeParts(bytes: Uint8Array): LargeParts {
  const cursor = new JsonCursor(bytes);
  let parts: LargeParts | undefined;
  forEachField(cursor, (name) => {
    if (name !== "model") return skipValue(cursor, 1);
    if (parts) cursor.fail();
    parts = readModel(cursor);
  });
  return parts && cursor.peek() === undefined ? parts : cursor.fail();
}

function readModel(cursor: JsonCursor): LargeParts {
  let vocab: Vocabulary | Pieces | undefined;
  let merges: Merges | undefined;
  /** Merges that stand before their vocabulary wait for it. */
  let mergesAt = -1;
  const spans: Span[] = [];
  const readParts = (name: string) => {
    if (name === "vocab") {
      if (vocab) cursor.fail();
      vocab = cursor.peek() === OPEN_LIST ? readPieces(cursor) : readVocabulary(cursor);
      return;
    }
    if (merges || mergesAt >= 0) cursor.fail();
    if (vocab) {
      merges = readMergesOf(vocab, cursor);
      return;
    }
    mergesAt = cursor.at;
    skipValue(cursor, 2);
  };
  forEachField(cursor, (name) => {
    if (name !== "vocab" && name !== "merges") return skipValue(cursor, 2);
    const start = cursor.at;
    readParts(name);
    spans.push({ start, end: cursor.at });
  });
  if (!vocab) return cursor.fail();
  if (mergesAt >= 0) merges = readMergesOf(vocab, new JsonCursor(cursor.bytes, mergesAt));
  return { vocab, merges, spans };
}

function readMergesOf(vocab: Vocabulary | Pieces, cursor: JsonCursor): Merges {
  return vocab instanceof Vocabulary ? readMerges(cursor, vocab) : cursor.fail();
}
