import { concatBytes, type JsonObject, parseJson, parseObject } from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";
import { MAX_DEPTH, nestingDepth } from "./fields.ts";
import { UnusualJsonError } from "./json-cursor.ts";
import { readLargeParts, type Span } from "./large-parts.ts";

/**
 * A tokenizer.json as `JSON.parse` gives it, but for its large parts, of which no strings are made: in place of
 * `model.vocab` stands a Vocabulary or Pieces, in place of `model.merges` stand Merges.
 *
 * @throws {UnusualJsonError} for files that {@link readPlainly} must decide on: nearly all of them are broken.
 */
export function readQuickly(bytes: Uint8Array): JsonObject {
  const { vocab, merges, spans } = readLargeParts(bytes);
  const file = parseText(decode(withNulls(bytes, spans)));
  const model = parseObject(file["model"], "model");
  if (!merges) return { ...file, model: { ...model, vocab } };
  // The tokens that merges make would have to lose their prefix.
  if (model["continuing_subword_prefix"]) throw new UnusualJsonError("a prefix");
  return { ...file, model: { ...model, vocab, merges } };
}

/**
 * The whole file by `JSON.parse`.
 *
 * @throws {TokenizerFormatError} or {SyntaxError} for what is no JSON that the reference would read.
 */
export function readPlainly(bytes: Uint8Array): JsonObject {
  if (nestingDepth(bytes) > MAX_DEPTH) {
    throw new TokenizerFormatError(`tokenizer.json is nested deeper than ${MAX_DEPTH} levels`);
  }
  return parseText(decode(bytes));
}

/** The bytes with `null` in place of some values. */
function withNulls(bytes: Uint8Array, spans: readonly Span[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const span of spans) {
    parts.push(bytes.subarray(end, span.start), NULL);
    end = span.end;
  }
  return concatBytes([...parts, bytes.subarray(end)]);
}

const NULL = new TextEncoder().encode("null");
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new TokenizerFormatError("tokenizer.json is not UTF-8", { cause });
  }
}

function parseText(text: string): JsonObject {
  const value = parseJson(text, "tokenizer.json");
  checkEscapes(text);
  return parseObject(value, "tokenizer");
}

/** UTF-8 has no half of a surrogate pair; escapes could smuggle one in, which the reference refuses. */
function checkEscapes(text: string): void {
  if (!SURROGATE.test(text)) return;
  for (const { 0: found, index } of text.matchAll(ESCAPES)) {
    if (HALF.test(found)) {
      throw new TokenizerFormatError(
        `tokenizer.json has half of a surrogate pair at character ${index}: ${found}`,
      );
    }
  }
}

const SURROGATE = /\\u[dD][89a-fA-F]/;
/** An escape, or two of them that are a surrogate pair. */
const ESCAPES = /\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)/g;
const HALF = /^\\u[dD][89a-fA-F]..$/;
