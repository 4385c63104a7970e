// The ways to call a tokenizer, each with the inputs that show it.
import type { PaddingOptions, TruncationOptions } from "@bearhug/tokenizers";
import { type Block, type Call, FIELDS, type Input } from "./call.ts";
import { blocksOf } from "./texts.ts";

export interface Scenario {
  readonly name: string;
  readonly call: Call;
  readonly blocks: readonly Block[];
}

export const PLAIN: Call = { truncation: false, padding: false, fields: FIELDS };

/** @param texts short ones; each scenario takes some of them. */
export function scenarios(texts: readonly string[]): readonly Scenario[] {
  const pairs: Input[] = texts.map((text, i) => ({
    text,
    pair: texts[(i * 7 + 3) % texts.length] ?? "",
  }));
  const words = texts.map((text) => text.split(/[ \n]/u).slice(0, 40));
  const wordPairs: Input[] = words.map((text, i) => ({
    text,
    pair: words[(i * 5 + 2) % words.length] ?? [],
  }));
  const cut = (truncation: TruncationOptions): Call => ({ ...PLAIN, truncation });
  const fill = (padding: PaddingOptions): Call => ({ ...PLAIN, padding });
  // What cannot be truncated as asked fails as a block, so these have one input each.
  const single = (inputs: readonly Input[]) => inputs.slice(0, 60).map((input) => [input]);
  const batches = (inputs: readonly Input[]) => manyOf(inputs, 8);
  const make = (name: string, call: Call, blocks: readonly Block[]): Scenario => ({
    name,
    call,
    blocks,
  });
  return [
    make("without special tokens", { ...PLAIN, addSpecialTokens: false }, batches(texts)),
    make("as the file says", { fields: FIELDS }, batches(texts)),
    make("pairs", PLAIN, batches(pairs)),
    make("pairs without special tokens", { ...PLAIN, addSpecialTokens: false }, batches(pairs)),
    make("words", PLAIN, batches(words)),
    make("pairs of words", PLAIN, batches(wordPairs)),
    make("truncated", cut({ maxLength: 12 }), batches(texts)),
    make(
      "truncated, stride, left",
      cut({ maxLength: 16, stride: 5, direction: "left" }),
      batches(texts),
    ),
    make("truncated pairs", cut({ maxLength: 14, stride: 3 }), batches(pairs)),
    make(
      "truncated pairs, left",
      cut({ maxLength: 13, stride: 2, direction: "left" }),
      batches(pairs),
    ),
    make("only first", cut({ maxLength: 20, stride: 2, strategy: "only-first" }), single(pairs)),
    make("only second", cut({ maxLength: 20, stride: 4, strategy: "only-second" }), single(pairs)),
    make("truncated words", cut({ maxLength: 11, stride: 2 }), batches(words)),
    make("padded to the longest", fill({ length: "longest", id: 1, token: "<p>" }), batches(texts)),
    make(
      "padded left to a multiple",
      fill({ multipleOf: 8, direction: "left", typeId: 1 }),
      batches(pairs),
    ),
    make(
      "padded to a length",
      fill({ length: 40, id: 5, typeId: 2, token: "[X]" }),
      batches(words),
    ),
    make(
      "truncated and padded pairs",
      { ...cut({ maxLength: 15, stride: 4 }), padding: { length: 15, direction: "left" } },
      batches(pairs),
    ),
  ];
}

function manyOf(inputs: readonly Input[], size: number): readonly Block[] {
  // The type of blocks of texts is narrower than that of inputs.
  return blocksOf(inputs as readonly string[], size);
}
