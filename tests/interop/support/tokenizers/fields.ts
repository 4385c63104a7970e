import { createHash } from "node:crypto";
import type { Encoding, Tokenizer } from "@bearhug/tokenizers";
import { type Block, type Call, encodeOptions, type Field, type Input, sides } from "./call.ts";
import type { BlockDigests, Row } from "./oracle.ts";

type Values = readonly (number | string)[] | string;

/** Our rows of every input of a block: the encoding and what overflows. */
export function encodeBlock(
  tokenizer: Tokenizer,
  block: Block,
  call: Call,
): readonly (readonly Encoding[])[] {
  const encodings = tokenizer.encodeBatch(block, encodeOptions(call));
  return encodings.map((encoding) => [encoding, ...encoding.overflowing]);
}

export function rowOf(
  tokenizer: Tokenizer,
  encoding: Encoding,
  { input, fields }: { readonly input: Input; readonly fields: readonly Field[] },
): Row {
  const read = READERS;
  return Object.fromEntries(
    fields.map((field) => [field, read[field](encoding, tokenizer, input)]),
  );
}

/** As the reference's script: counts and values of all rows, as integers or as text. */
export function digestBlock(tokenizer: Tokenizer, block: Block, call: Call): BlockDigests {
  let encodings: readonly (readonly Encoding[])[];
  try {
    encodings = encodeBlock(tokenizer, block, call);
  } catch (error) {
    return { error: String(error) };
  }
  return call.fields.map((field) => {
    const values = encodings.flatMap((rows, i) =>
      rows.map((row) => READERS[field](row, tokenizer, block[i] ?? "")),
    );
    return createHash("md5").update(canonical(values)).digest("hex").slice(0, 16);
  });
}

function canonical(values: readonly Values[]): Uint8Array | string {
  const isText = values.some((value) => typeof value === "string" || typeof value[0] === "string");
  if (isText) {
    const lists = values.map((value) => (typeof value === "string" ? [value] : value));
    return lists.map((texts) => `${texts.length}\n${[...texts, ""].join("\0")}`).join("");
  }
  const length = values.reduce((sum, value) => sum + 1 + value.length, 0);
  const stream = new Int32Array(length);
  let at = 0;
  for (const value of values) {
    stream[at] = value.length;
    // Texts were dealt with above.
    stream.set(value as readonly number[], at + 1);
    at += 1 + value.length;
  }
  return new Uint8Array(stream.buffer);
}

const numbers = (values: readonly (number | null)[]) => values.map((value) => value ?? -1);

const READERS: Readonly<Record<Field, (row: Encoding, by: Tokenizer, input: Input) => Values>> = {
  ids: (row) => [...row.ids],
  tokens: (row) => row.tokens,
  offsets: (row, _, input) => codePointOffsets(row, input),
  wordIds: (row) => numbers(row.wordIds),
  sequenceIds: (row) => numbers(row.sequenceIds),
  typeIds: (row) => [...row.typeIds],
  specialTokensMask: (row) => [...row.specialTokensMask],
  attentionMask: (row) => [...row.attentionMask],
  text: (row, by) => by.decode(row.ids, { skipSpecialTokens: true }),
  textWithSpecials: (row, by) => by.decode(row.ids, { skipSpecialTokens: false }),
};

const SURROGATE = /[\ud800-\udfff]/;

/** Offsets as the reference counts them; −1 for a place inside a character. */
function codePointOffsets(row: Encoding, input: Input): readonly number[] {
  const texts = sides(input);
  if (
    !texts.some((text) => (typeof text === "string" ? [text] : text).some((t) => SURROGATE.test(t)))
  ) {
    return row.offsets.flat();
  }
  const { sequenceIds, wordIds } = row;
  return row.offsets.flatMap(([start, end], i) => {
    const sequence = sequenceIds[i];
    if (sequence === null || sequence === undefined) return [start, end];
    const side = texts[sequence] ?? "";
    const places = codePointPlaces(typeof side === "string" ? side : (side[wordIds[i] ?? 0] ?? ""));
    return [places[start] ?? -2, places[end] ?? -2];
  });
}

let lastText: string | undefined;
let lastPlaces: Int32Array = new Int32Array(0);

/** For every UTF-16 unit of `text`, and its end, the number of characters before it. */
function codePointPlaces(text: string): Int32Array {
  if (text === lastText) return lastPlaces;
  const places = new Int32Array(text.length + 1).fill(-1);
  let count = 0;
  let at = 0;
  for (const character of text) {
    places[at] = count++;
    at += character.length;
  }
  places[at] = count;
  lastText = text;
  lastPlaces = places;
  return places;
}
