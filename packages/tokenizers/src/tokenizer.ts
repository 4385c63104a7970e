import type { AddedToken, AddedTokenWithId } from "./added-tokens.ts";
import { DecodeStream } from "./decode-stream.ts";
import { TokenDecoder } from "./decoders/token-decoder.ts";
import { type EncodeStreamOptions, encodeStream, type TextSource } from "./encode-stream.ts";
import type { Encoding } from "./encoding.ts";
import { BufferTooSmallError } from "./errors.ts";
import {
  type EncodedIds,
  type EncodeIdsOptions,
  type EncodeInput,
  IdEncoder,
  isSequence,
} from "./id-encoder.ts";
import type { PaddingOptions } from "./padding.ts";
import { layOutRows, padRows, RowLayouts } from "./row-layout.ts";
import { parseTokenizer, parseTokenizerBytes, type TokenizerDefinition } from "./schema.ts";
import {
  createSequenceEncoder,
  type SequenceEncoder,
  type TokenizerInput,
} from "./sequence-encoder.ts";
import { normalizeText, preTokenizeText, type TextWord } from "./text-steps.ts";
import { writeTokenizerJson } from "./to-json/tokenizer.ts";
import { type AddedTokenInput, completeToken, removeAddedTokens } from "./token-edits.ts";
import { TokenizerVocabulary } from "./tokenizer-vocabulary.ts";
import type { TruncationOptions } from "./truncation.ts";

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

export interface EncodeIdsIntoOptions extends EncodeIdsOptions {
  /** Index of the first id in the target. Default 0. */
  readonly offset?: number | undefined;
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
  readonly #vocabulary: TokenizerVocabulary;
  readonly #encoder: SequenceEncoder;
  readonly #decoder: TokenDecoder;
  readonly #layouts: RowLayouts;
  readonly #idEncoder: IdEncoder;

  /** @param like one whose parts are shared where the definitions are the same: tables and caches are large. */
  constructor(definition: TokenizerDefinition, like?: Tokenizer) {
    const same = like && encodesAlike(definition, like.definition) ? like : undefined;
    this.definition = definition;
    this.#vocabulary = same ? same.#vocabulary : new TokenizerVocabulary(definition);
    this.#encoder = same
      ? same.#encoder
      : createSequenceEncoder(definition, this.#vocabulary.added);
    this.#decoder =
      same && same.definition.decoder === definition.decoder
        ? same.#decoder
        : new TokenDecoder(definition.decoder, {
            idToToken: (id) => this.idToToken(id),
            isSpecial: (token) => this.#vocabulary.isSpecial(token),
          });
    this.#layouts = new RowLayouts(definition.postProcessor);
    this.#idEncoder = new IdEncoder(this.#encoder, this.#layouts);
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

  /** {@link fromJson} of the file's bytes: faster, and in less memory. */
  static fromBytes(bytes: Uint8Array): Tokenizer {
    return new Tokenizer(parseTokenizerBytes(bytes));
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
    return padding ? padRows(encodings, padding) : encodings;
  }

  /**
   * The ids of one text, or of a pair, and nothing besides; the fastest way. Neither cut nor padded unless asked.
   *
   * @throws {TruncationError} when truncation cannot be done as asked.
   */
  encodeIds(text: TokenizerInput, options: EncodeIdsOptions = {}): Int32Array {
    return this.#idEncoder.encode(text, options);
  }

  /**
   * {@link encodeIds} into an array of the caller's, from `offset` (default 0) on; gives how many were written.
   *
   * @throws {BufferTooSmallError} saying how many ids there are; nothing is written then.
   */
  encodeIdsInto(
    text: TokenizerInput,
    target: Int32Array,
    { offset = 0, ...options }: EncodeIdsIntoOptions = {},
  ): number {
    const ids = this.encodeIds(text, options);
    const room = target.length - offset;
    if (ids.length > room) throw new BufferTooSmallError(ids.length, room);
    target.set(ids, offset);
    return ids.length;
  }

  /** The ids of many texts in one array. */
  encodeIdsBatch(inputs: readonly EncodeInput[], options: EncodeIdsOptions = {}): EncodedIds {
    return this.#idEncoder.encodeBatch(inputs, options);
  }

  /** How many ids {@link encodeIds} gives. */
  count(text: TokenizerInput, options: EncodeIdsOptions = {}): number {
    return this.encodeIds(text, options).length;
  }

  /**
   * The ids of a text of any size, batch by batch, in memory that does not grow with it. They are those of the whole
   * text where {@link isStreamExact}; otherwise the text is cut into parts at line ends, and the ids are those of
   * the parts, each a text of its own. Memory holds the longest stretch without a place to cut.
   *
   * @throws what {@link encodeIds} throws, and the signal's reason when it is aborted.
   *
   * @example
   * for await (const ids of tokenizer.encodeStream(createReadStream("corpus.txt"))) write(ids);
   */
  encodeStream(
    source: TextSource,
    options: EncodeStreamOptions = {},
  ): AsyncGenerator<Int32Array, void> {
    const layout = this.#layouts.get(false, options.addSpecialTokens ?? true);
    return encodeStream(source, this.#encoder, { ...options, layout });
  }

  /** Whether places are known at which any text can be cut without changing an id. */
  get isStreamExact(): boolean {
    return this.#encoder.parts() !== undefined;
  }

  /** The text of `ids`; ids without a token are passed over. */
  decode(ids: Iterable<number>, { skipSpecialTokens = true }: DecodeOptions = {}): string {
    return this.#decoder.decode(toArrayLike(ids), skipSpecialTokens);
  }

  /** The text of each row. */
  decodeBatch(rows: Iterable<Iterable<number>>, options: DecodeOptions = {}): string[] {
    return Array.from(rows, (ids) => this.decode(ids, options));
  }

  /** Ids to text as they come, one by one: no character is ever split. */
  decodeStream(options: DecodeOptions = {}): DecodeStream {
    const { skipSpecialTokens = true } = options;
    const decoder = this.#decoder;
    return new DecodeStream(
      {
        decode: (ids) => decoder.decode(toArrayLike(ids), skipSpecialTokens),
        shows: (id) => decoder.shows(id, skipSpecialTokens),
        isEndLocal: decoder.isEndLocal,
      },
      options,
    );
  }

  /** A text after the normalizer, without a look at added tokens. */
  normalize(text: string): string {
    return normalizeText(text, this.definition);
  }

  /** The words that the pre-tokenizer cuts a text into, which it is given as it is. */
  preTokenize(text: string): readonly TextWord[] {
    return preTokenizeText(text, this.definition);
  }

  tokenToId(token: string): number | undefined {
    return this.#vocabulary.id(token);
  }

  /** What an id is called; an added token that is searched in normalized text, by its normalized form. */
  idToToken(id: number): string | undefined {
    const added = this.#vocabulary.addedById(id);
    return added ? this.#encoder.addedText(added) : this.#vocabulary.model.token(id);
  }

  /** Ids by token, of the model alone or with the added tokens. */
  getVocab(withAddedTokens = true): Map<string, number> {
    return this.#vocabulary.toMap(withAddedTokens);
  }

  /** Added tokens in order of their ids. */
  get addedTokens(): readonly AddedTokenWithId[] {
    return this.#vocabulary.sorted();
  }

  /** Tokens of the model and added ones, each counted once. */
  get vocabularySize(): number {
    return this.#vocabulary.size;
  }

  /** How many special tokens a single text, or a pair, gets. */
  countSpecialTokens(isPair: boolean): number {
    return this.#layouts.get(isPair, true).specials;
  }

  /** A tokenizer with other parts: `tokenizer.with({ padding: undefined })`. */
  with(changes: Partial<TokenizerDefinition>): Tokenizer {
    return new Tokenizer({ ...this.definition, ...changes }, this);
  }

  /** A tokenizer that finds `tokens` too: new ones get the next ids, those that are there the new flags. */
  addTokens(tokens: readonly AddedTokenInput[]): Tokenizer {
    return this.#withAdded(tokens.map((token) => completeToken(token)));
  }

  /** {@link addTokens} of special tokens, which decoding leaves out. */
  addSpecialTokens(tokens: readonly AddedTokenInput[]): Tokenizer {
    return this.#withAdded(tokens.map((token) => completeToken(token, true)));
  }

  /**
   * A tokenizer without these added tokens. One that the model knows too stays in the vocabulary, and is no longer
   * looked for in texts.
   *
   * @throws {TokenNotRemovableError} for one that is not added, that the post-processor adds to texts, or whose
   * removal would give other tokens new ids.
   */
  removeTokens(contents: readonly string[]): Tokenizer {
    const { definition } = this;
    const addedTokens = removeAddedTokens(definition, this.#vocabulary.added, contents);
    return this.with({ addedTokens });
  }

  /** The text of a tokenizer.json with all of this, which the Rust and Python libraries load too. */
  toJson(): string {
    return writeTokenizerJson(this.definition, this.addedTokens);
  }

  #withAdded(tokens: readonly AddedToken[]): Tokenizer {
    return this.with({ addedTokens: [...(this.definition.addedTokens ?? []), ...tokens] });
  }

  #encodeInput(input: EncodeInput, options: EncodeOptions): Encoding {
    const { text, pair } = isSequence(input) ? { text: input, pair: undefined } : input;
    const texts = pair === undefined ? [text] : [text, pair];
    const sequences = texts.map((item) => ({ input: item, tokens: this.#encoder.encode(item) }));
    const layout = this.#layouts.get(texts.length === 2, options.addSpecialTokens ?? true);
    const truncation = options.truncation ?? this.definition.truncation;
    return layOutRows(sequences, layout, truncation || undefined);
  }
}

function toArrayLike(ids: Iterable<number>): ArrayLike<number> {
  return Array.isArray(ids) || ids instanceof Int32Array ? ids : Array.from(ids);
}

const ENCODING_PARTS = [
  "model",
  "addedTokens",
  "normalizer",
  "preTokenizer",
  "encodeSpecialTokens",
] as const;

/** Whether sequences become the same tokens with the same offsets. */
function encodesAlike(a: TokenizerDefinition, b: TokenizerDefinition): boolean {
  const trims = ({ postProcessor }: TokenizerDefinition) =>
    JSON.stringify(postProcessor?.trims ?? []);
  return ENCODING_PARTS.every((part) => a[part] === b[part]) && trims(a) === trims(b);
}
