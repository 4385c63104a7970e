import { delay, type RunOptions } from "@bearhug/core";
import { appendId, beginIds, takeIds } from "./kernel/chunk-encoder.ts";
import type { PartEncoder } from "./part-encoder.ts";
import type { RowLayout } from "./row-layout.ts";
import type { SequenceEncoder } from "./sequence-encoder.ts";

/** A text in parts of any size: strings, or UTF-8, which may be cut anywhere. */
export type TextSource =
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string | Uint8Array>;

export interface EncodeStreamOptions extends RunOptions {
  /** Whether the template's special tokens stand around the ids of the text. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** UTF-16 units that are encoded at a time. Default 262,144. */
  readonly batchUnits?: number | undefined;
}

/** The ids of a text of any size, in order, batch by batch. */
export async function* encodeStream(
  source: TextSource,
  encoder: SequenceEncoder,
  { layout, batchUnits = 1 << 18, ...options }: StreamJob,
): AsyncGenerator<Int32Array, void> {
  const parts = encoder.parts() ?? lineEncoder(encoder);
  const [before, behind] = aroundText(layout);
  let text = "";
  let isStart = true;
  let done = 0;
  const encode = (part: string, ends: { readonly isLast: boolean }): Int32Array => {
    beginIds();
    if (isStart) for (const id of before) appendId(id);
    if (part !== "") parts.appendIds(part, isStart);
    if (ends.isLast) for (const id of behind) appendId(id);
    isStart = false;
    done += part.length;
    return takeIds();
  };
  let wanted = batchUnits;
  for await (const piece of textsOf(source)) {
    options.signal?.throwIfAborted();
    text += piece;
    while (text.length >= wanted) {
      const cut = parts.lastCut(text.slice(0, wanted));
      // Without a place to cut, more text is needed: twice as much, so that looking for one stays cheap.
      wanted = cut > 0 ? batchUnits : 2 * wanted;
      if (cut === 0) continue;
      yield encode(text.slice(0, cut), { isLast: false });
      text = text.slice(cut);
      options.onProgress?.({ phase: "encode", done, unit: "items" });
      await delay(0, options.signal);
    }
  }
  options.signal?.throwIfAborted();
  yield encode(text, { isLast: true });
  options.onProgress?.({ phase: "encode", done, total: done, unit: "items" });
}

interface StreamJob extends EncodeStreamOptions {
  readonly layout: RowLayout;
}

/** The special tokens before the text and behind it. */
function aroundText({ pieces }: RowLayout): readonly [readonly number[], readonly number[]] {
  const at = pieces.findIndex((piece) => piece.type === "sequence");
  const ids = pieces.map((piece) => (piece.type === "sequence" ? -1 : piece.id));
  if (at < 0 || ids.lastIndexOf(-1) !== at) {
    throw new RangeError("Cannot encode a stream: the post-processor does not use the text once");
  }
  return [ids.slice(0, at), ids.slice(at + 1)];
}

/** Cuts behind line ends, and takes what lies between for texts of their own. */
function lineEncoder(encoder: SequenceEncoder): PartEncoder {
  return {
    lastCut: (text) => text.lastIndexOf("\n") + 1,
    appendIds: (part) => encoder.appendIds(part),
  };
}

async function* textsOf(source: TextSource): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const piece of source as AsyncIterable<string | Uint8Array>) {
    // A character that bytes began ends before a string.
    if (typeof piece === "string") yield decoder.decode() + piece;
    else yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}
