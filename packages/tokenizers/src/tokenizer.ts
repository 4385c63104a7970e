import { type AddedToken, type AddedTokenWithId, assignIds } from "./added-tokens.ts";
import { createDecoder, type Decoder } from "./decoders/decoder.ts";
import { Encoding, type EncodingPart, type SequenceTokens } from "./encoding.ts";
import { type PaddingOptions, paddedLength } from "./padding.ts";
import { PLAIN, type TemplatePiece } from "./post-processors/post-processor.ts";
import { parseTokenizer, type TokenizerDefinition } from "./schema.ts";
import {
  createSequenceEncoder,
  type SequenceEncoder,
  type TokenizerInput,
} from "./sequence-encoder.ts";
import { type TruncationOptions, truncate, type Window } from "./truncation.ts";

/** A text, or a text with a second one. */
export type EncodeInput =
  | TokenizerInput
  | { readonly text: TokenizerInput; readonly pair?: TokenizerInput | undefined };

export interface EncodeOptions {
  /** The second sequence of a pair. */
  readonly pair?: TokenizerInput | undefined;
  /** Whether the template's special tokens are added. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Default: what tokenizer.json says; `false` for none. */
  readonly truncation?: TruncationOptions | false | undefined;
  /** Default: what tokenizer.json says; `false` for none. */
  readonly padding?: PaddingOptions | false | undefined;
}

export interface DecodeOptions {
  /** Leaves special tokens out. Default true. */
  readonly skipSpecialTokens?: boolean | undefined;
}

/**
 * Text to ids and back, as a tokenizer.json says.
 *
 * Source: Hugging Face tokenizers 0.23: ids, tokens, masks and offsets are the same (fixtures/tokenizers); offsets
 * are counted in UTF-16 units, where Python counts code points.
 *
 * @example
 * const tokenizer = Tokenizer.fromJson(await readFile("tokenizer.json", "utf8"));
 * const { ids, tokens, offsets } = tokenizer.encode("Hello world");
 */
export class Tokenizer {
  readonly definition: TokenizerDefinition;
  readonly #addedTokens: ReadonlyMap<string, AddedTokenWithId>;
  readonly #addedById: ReadonlyMap<number, AddedTokenWithId>;
  readonly #encoder: SequenceEncoder;
  readonly #decoder: Decoder;

  constructor(definition: TokenizerDefinition) {
    this.definition = definition;
    this.#addedTokens = assignIds(definition.addedTokens ?? [], definition.model.vocabulary);
    this.#addedById = new Map([...this.#addedTokens.values()].map((token) => [token.id, token]));
    this.#encoder = createSequenceEncoder(definition, this.#addedTokens);
    this.#decoder = createDecoder(definition.decoder);
  }

  /**
   * Reads the text of a tokenizer.json.
   *
   * @throws {TokenizerFormatError} naming the path of the first field that is wrong.
   * @throws {UnsupportedComponentError} for a component that this version cannot run.
   */
  static fromJson(json: string): Tokenizer {
    return new Tokenizer(parseTokenizer(json));
  }

  /**
   * Encodes one text, or one pair.
   *
   * @throws {TruncationError} when truncation cannot be done as asked.
   */
  encode(text: TokenizerInput, options: EncodeOptions = {}): Encoding {
    return this.encodeBatch([{ text, pair: options.pair }], options)[0];
  }

  /** Encodes many; padding to the longest goes over all of them. */
  encodeBatch(inputs: readonly EncodeInput[], options: EncodeOptions = {}): readonly Encoding[] {
    const encodings = inputs.map((input) => this.#encodeInput(input, options));
    const padding = options.padding ?? this.definition.padding;
    return padding ? padAll(encodings, padding) : encodings;
  }

  /** The text of `ids`; ids without a token are passed over. */
  decode(ids: Iterable<number>, { skipSpecialTokens = true }: DecodeOptions = {}): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const added = this.#addedById.get(id);
      if (added?.special && skipSpecialTokens) continue;
      const token = added ? this.#encoder.addedText(added) : this.idToToken(id);
      if (token !== undefined) tokens.push(token);
    }
    return this.#decoder(tokens).join("");
  }

  tokenToId(token: string): number | undefined {
    return this.#addedTokens.get(token)?.id ?? this.#encoder.model.vocabulary.id(token);
  }

  idToToken(id: number): string | undefined {
    return this.#addedById.get(id)?.content ?? this.#encoder.model.vocabulary.token(id);
  }

  /** Added tokens in order of their ids. */
  get addedTokens(): readonly AddedTokenWithId[] {
    return [...this.#addedTokens.values()].sort((a, b) => a.id - b.id);
  }

  /** Tokens of the model and added ones, each counted once. */
  get vocabularySize(): number {
    const { vocabulary } = this.#encoder.model;
    const isNew = (token: string) => vocabulary.id(token) === undefined;
    return vocabulary.size + [...this.#addedTokens.keys()].filter(isNew).length;
  }

  /** How many special tokens a single text, or a pair, gets. */
  countSpecialTokens(isPair: boolean): number {
    return this.#template(isPair).filter((piece) => piece.type === "special").length;
  }

  /** A tokenizer with other parts: `tokenizer.with({ padding: undefined })`. */
  with(changes: Partial<TokenizerDefinition>): Tokenizer {
    return new Tokenizer({ ...this.definition, ...changes });
  }

  /** A tokenizer that finds `tokens` too; one that is there already gets the new flags. */
  withAddedTokens(tokens: readonly AddedToken[]): Tokenizer {
    return this.with({ addedTokens: [...this.addedTokens, ...tokens] });
  }

  #template(isPair: boolean): readonly TemplatePiece[] {
    const processor = this.definition.postProcessor ?? PLAIN;
    return isPair ? processor.pair : processor.single;
  }

  #encodeInput(input: EncodeInput, options: EncodeOptions): Encoding {
    const { text, pair } = isPlain(input) ? { text: input, pair: undefined } : input;
    const texts = pair === undefined ? [text] : [text, pair];
    const sequences = texts.map((item) => this.#encoder.encode(item));
    const { addSpecialTokens = true } = options;
    const template = this.#template(texts.length === 2).filter(
      (piece) => addSpecialTokens || piece.type === "sequence",
    );
    const truncation = options.truncation ?? this.definition.truncation;
    const lengths = sequences.map((sequence) => sequence.ids.length);
    const windows = truncation
      ? truncate(lengths, truncation, template.filter((piece) => piece.type === "special").length)
      : lengths.map((length) => [{ start: 0, end: length }]);
    return layOut(sequences, template, windows);
  }
}

function isPlain(input: EncodeInput): input is TokenizerInput {
  return typeof input === "string" || Array.isArray(input);
}

/** Rows of every combination of windows: the first is the result, the others overflow. */
function layOut(
  sequences: readonly SequenceTokens[],
  template: readonly TemplatePiece[],
  windows: readonly (readonly Window[])[],
): Encoding {
  const row = (chosen: readonly Window[]): EncodingPart[] =>
    template.map((piece) => {
      if (piece.type === "special") return { ...piece, count: 1 };
      return { ...piece, window: chosen[piece.sequence] };
    });
  const [main, ...others] = combinations(windows);
  const overflowing = others.map((chosen) => new Encoding(sequences, row(chosen)));
  return new Encoding(sequences, row(main), overflowing);
}

/** The kept windows first; then, as the reference merges them, every overflow of the first with all of the second. */
function combinations(windows: readonly (readonly Window[])[]): (readonly Window[])[] {
  const [first, second] = windows;
  if (!second) return first.map((window) => [window]);
  const [kept, ...overflow] = first;
  const withAll = overflow.flatMap((window) => second.map((other) => [window, other]));
  const [keptSecond, ...overflowSecond] = second;
  return [[kept, keptSecond], ...withAll, ...overflowSecond.map((other) => [kept, other])];
}

function padAll(encodings: readonly Encoding[], options: PaddingOptions): readonly Encoding[] {
  const { id = 0, typeId = 0, token = "[PAD]", direction = "right" } = options;
  const length = paddedLength(
    encodings.map((encoding) => encoding.length),
    options,
  );
  return encodings.map((encoding) => encoding.padded(length, { id, typeId, token }, direction));
}
