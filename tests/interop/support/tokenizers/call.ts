// One way to encode, said to both sides: to our library as its options, to the reference in its own words.
import type {
  EncodeOptions,
  PaddingOptions,
  TokenizerInput,
  TruncationOptions,
} from "@bearhug/tokenizers";

export const FIELDS = [
  "ids",
  "tokens",
  "offsets",
  "wordIds",
  "sequenceIds",
  "typeIds",
  "specialTokensMask",
  "attentionMask",
  "text",
  "textWithSpecials",
] as const;
export type Field = (typeof FIELDS)[number];

export type Input =
  | TokenizerInput
  | { readonly text: TokenizerInput; readonly pair: TokenizerInput };
/** Inputs that are encoded in one batch and compared by one digest a field. */
export type Block = readonly Input[];

export interface Call {
  readonly addSpecialTokens?: boolean;
  /** To the reference only: ours is another tokenizer, `with({ encodeSpecialTokens })`. */
  readonly encodeSpecialTokens?: boolean;
  /** `false` for none, absent for what the file says. */
  readonly truncation?: TruncationOptions | false;
  readonly padding?: PaddingOptions | false;
  readonly fields: readonly Field[];
}

export function encodeOptions({
  fields: _,
  encodeSpecialTokens: __,
  ...options
}: Call): EncodeOptions {
  return options;
}

/** The call as tests/interop/python/tokenizers_oracle.py reads it. */
export function wireCall({
  truncation,
  padding,
  ...call
}: Call): Readonly<Record<string, unknown>> {
  return {
    ...call,
    ...(truncation === undefined ? {} : { truncation: truncation && wireTruncation(truncation) }),
    ...(padding === undefined ? {} : { padding: padding && wirePadding(padding) }),
  };
}

function wireTruncation(options: TruncationOptions) {
  const { maxLength, strategy = "longest-first", direction = "right", stride = 0 } = options;
  return { max_length: maxLength, strategy: strategy.replace("-", "_"), direction, stride };
}

function wirePadding(options: PaddingOptions) {
  const { length = "longest", direction = "right", id = 0, typeId = 0, token = "[PAD]" } = options;
  return {
    length: length === "longest" ? null : length,
    pad_to_multiple_of: options.multipleOf ?? null,
    direction,
    pad_id: id,
    pad_type_id: typeId,
    pad_token: token,
  };
}

/** Input as the reference can take it: lone surrogates become U+FFFD, as its own bindings do. */
export function wireInput(input: Input): unknown {
  if (typeof input === "string") return wellFormed(input);
  if (!("text" in input)) return input.map(wellFormed);
  return { text: wireInput(input.text), pair: wireInput(input.pair) };
}

const wellFormed = (text: string) => Buffer.from(text, "utf8").toString("utf8");

export function sides(input: Input): readonly TokenizerInput[] {
  return typeof input === "object" && "text" in input ? [input.text, input.pair] : [input];
}
