import type { HostTensor } from "@bearhug/nn";
import type { EncodeInput, Encoding, Tokenizer, TokenizerInput } from "@bearhug/tokenizers";
import {
  type AppliedChat,
  applyChatTemplate,
  type ChatOptions,
  type ChatTemplateOptions,
  renderChatTemplate,
} from "./chat-template/apply.ts";
import { ChatTemplate } from "./chat-template/chat-template.ts";
import type { ChatMessage } from "./chat-template/messages.ts";
import { cleanUp } from "./clean-up.ts";
import {
  type DecodeTextOptions,
  type EncodePlan,
  type PrepareOptions,
  planEncoding,
  type TokenizeBatchOptions,
  type TokenizeOptions,
  type TokenizePairOptions,
} from "./encode-options.ts";
import { PadTokenMissingError } from "./errors.ts";
import { saveTokenizer } from "./save-tokenizer.ts";
import {
  allSpecialTokens,
  type NewSpecialTokens,
  type SpecialTokenInput,
  type SpecialTokenName,
  specialTokensMap,
  withSpecialTokens,
} from "./special-tokens.ts";
import {
  commonLength,
  layOutBatch,
  paddedLength,
  paddedWidth,
  rowsOf,
  type TokenizedBatch,
  type TokenizedRows,
  widen,
} from "./tokenized-batch.ts";
import type { TokenizerConfig } from "./tokenizer-config.ts";

/** Settings of a tokenizer that can be changed without loading it anew. */
export type TokenizerChanges = Partial<
  Pick<
    TokenizerConfig,
    | "modelMaxLength"
    | "paddingSide"
    | "truncationSide"
    | "cleanUpTokenizationSpaces"
    | "chatTemplates"
    | "modelInputNames"
  >
>;

/** What the tokenizer's class adds to its files. */
export interface TokenizerTraits {
  /** The reference's class. */
  readonly className: string;
  /** Text that decoding leaves at the end of words. */
  readonly endOfWordSuffix?: string | undefined;
}

/**
 * A model's tokenizer: its tokenizer.json with the settings of tokenizer_config.json. Never changes: what would
 * change it gives a new one.
 *
 * @example
 * const tokenizer = await AutoTokenizer.fromPretrained("ada/tiny-bert");
 * const { ids, tokens, offsets } = tokenizer.encode("Hello world");
 * using inputs = tokenizer.encodeBatch(["Hello", "Hello world"], { truncation: true, maxLength: 128 });
 * inputs.inputIds.shape; // [2, tokens]
 *
 * Source: transformers 5.23, `TokenizersBackend`; the same ids, masks, offsets and texts (fixtures/transformers).
 */
export class PretrainedTokenizer {
  /** The pipeline itself, without truncation and padding. */
  readonly backend: Tokenizer;
  readonly config: TokenizerConfig;
  readonly traits: TokenizerTraits;
  readonly #templates = new Map<string, ChatTemplate>();
  #other: Tokenizer | undefined;

  constructor(
    tokenizer: Tokenizer,
    config: TokenizerConfig,
    traits: TokenizerTraits = { className: "TokenizersBackend" },
  ) {
    this.backend = tokenizer;
    this.config = config;
    this.traits = traits;
  }

  /** Most tokens that the model takes; Infinity when nobody says. */
  get modelMaxLength(): number {
    return this.config.modelMaxLength;
  }

  /** Tokens of the model's vocabulary, without added ones. */
  get vocabSize(): number {
    return this.backend.definition.model.vocabulary.size;
  }

  /** Tokens in all, added ones included. */
  get size(): number {
    return this.backend.vocabularySize;
  }

  get bosToken(): string | undefined {
    return this.#special("bos");
  }

  get bosTokenId(): number | undefined {
    return this.#specialId("bos");
  }

  get eosToken(): string | undefined {
    return this.#special("eos");
  }

  get eosTokenId(): number | undefined {
    return this.#specialId("eos");
  }

  get unkToken(): string | undefined {
    return this.#special("unk");
  }

  get unkTokenId(): number | undefined {
    return this.#specialId("unk");
  }

  get sepToken(): string | undefined {
    return this.#special("sep");
  }

  get sepTokenId(): number | undefined {
    return this.#specialId("sep");
  }

  get padToken(): string | undefined {
    return this.#special("pad");
  }

  get padTokenId(): number | undefined {
    return this.#specialId("pad");
  }

  get clsToken(): string | undefined {
    return this.#special("cls");
  }

  get clsTokenId(): number | undefined {
    return this.#specialId("cls");
  }

  get maskToken(): string | undefined {
    return this.#special("mask");
  }

  get maskTokenId(): number | undefined {
    return this.#specialId("mask");
  }

  /** Tokens with a name, as files and templates call them: `bos_token`, `image_token`. */
  get specialTokensMap(): Readonly<Record<string, string>> {
    return specialTokensMap(this.config.specialTokens);
  }

  /** Each special token once: those with a name, then the others. */
  get allSpecialTokens(): readonly string[] {
    return allSpecialTokens(this.config.specialTokens).map((token) => token.content);
  }

  /** Ids of {@link allSpecialTokens}. */
  get allSpecialIds(): readonly number[] {
    return this.allSpecialTokens.flatMap((token) => this.convertTokensToIds([token])[0] ?? []);
  }

  /** Special tokens without a name. */
  get extraSpecialTokens(): readonly string[] {
    return this.config.specialTokens.extra.map((token) => token.content);
  }

  /** Encodes one text, or a pair. */
  encode(text: TokenizerInput, options: TokenizePairOptions = {}): Encoding {
    const { encodings } = this.encodeRows([{ text, pair: options.pair }], options);
    return encodings[0] as Encoding; // one input gives one row
  }

  /** The tokens of a text, without special ones unless asked. */
  tokenize(text: TokenizerInput, options: TokenizePairOptions = {}): readonly string[] {
    return this.encode(text, { addSpecialTokens: false, ...options }).tokens;
  }

  /**
   * Encodes many texts; rows have their own lengths unless padding is asked for.
   *
   * @throws {TruncationError} when truncation cannot be done as asked.
   * @throws {PadTokenMissingError} when a row must be filled and there is no padding token.
   */
  encodeRows(texts: readonly EncodeInput[], options: TokenizeBatchOptions = {}): TokenizedRows {
    const plan = planEncoding(options, this.config);
    const rows = this.#encode(texts, plan, options);
    if (plan.padding === false) return rows;
    const width = paddedLength(rows.encodings, plan);
    const isFilled = rows.encodings.some(({ length }) => length < width);
    if (isFilled && this.padTokenId === undefined) throw new PadTokenMissingError();
    const padding = {
      id: this.padTokenId ?? 0,
      token: this.padToken ?? "",
      direction: plan.paddingSide,
    };
    return { ...rows, encodings: rows.encodings.map((row) => row.pad(width, padding)) };
  }

  /**
   * Encodes many texts as the rows of tensors, filled up to the longest unless other padding is asked for.
   *
   * @throws {RaggedBatchError} when padding is off and rows differ in length.
   */
  encodeBatch(texts: readonly EncodeInput[], options: TokenizeBatchOptions = {}): TokenizedBatch {
    const plan = planEncoding(options, this.config);
    const { encodings, overflowToSampleMapping } = this.#encode(texts, plan, options);
    return this.#batch(encodings, { ...options, plan }, overflowToSampleMapping);
  }

  /** The tensors that the model takes, by the names it gives them: `input_ids`, `attention_mask`, … */
  prepare<D extends "int32" | "int64" = "int64">(
    texts: readonly EncodeInput[],
    options: PrepareOptions<D> = {},
  ): Readonly<Record<string, HostTensor<D>>> {
    const batch = this.encodeBatch(texts, options);
    const known: Readonly<Record<string, HostTensor<"int32">>> = {
      input_ids: batch.inputIds,
      attention_mask: batch.attentionMask,
      token_type_ids: batch.tokenTypeIds,
    };
    const isNarrow = options.dtype === "int32";
    const tensors = this.config.modelInputNames.flatMap((name) => {
      const tensor = known[name];
      return tensor ? [[name, isNarrow ? tensor : widen(tensor)]] : [];
    });
    return Object.fromEntries(tensors);
  }

  /** Puts encodings of this tokenizer together as the rows of tensors. */
  pad(encodings: readonly Encoding[], options: TokenizeOptions = {}): TokenizedBatch {
    const plan = planEncoding({ ...options, truncation: false }, this.config);
    return this.#batch(encodings, { ...options, plan });
  }

  /** The text of `ids`. */
  decode(ids: Iterable<number | bigint>, options: DecodeTextOptions = {}): string {
    const { skipSpecialTokens = false } = options;
    const { cleanUpTokenizationSpaces, cleanUpTokenizationSpacesForBpe } = this.config;
    let text = this.backend.decode(Array.from(ids, Number), { skipSpecialTokens });
    const suffix = this.traits.endOfWordSuffix;
    if (suffix !== undefined) text = text.replaceAll(suffix, " ").trim();
    if (!(options.cleanUpTokenizationSpaces ?? cleanUpTokenizationSpaces)) return text;
    const isBpe = this.backend.definition.model.type === "BPE";
    return isBpe && !cleanUpTokenizationSpacesForBpe ? text : cleanUp(text);
  }

  /** The texts of many rows, or of the rows of a tensor of [batch, tokens]. */
  batchDecode(
    rows: readonly Iterable<number | bigint>[] | HostTensor<"int32" | "int64">,
    options: DecodeTextOptions = {},
  ): readonly string[] {
    return rowsOf(rows).map((row) => this.decode(row, options));
  }

  tokenToId(token: string): number | undefined {
    return this.backend.tokenToId(token);
  }

  idToToken(id: number): string | undefined {
    return this.backend.idToToken(id);
  }

  /** The id of each token; that of the unknown token where there is none. */
  convertTokensToIds(tokens: readonly string[]): readonly (number | undefined)[] {
    return tokens.map((token) => this.backend.tokenToId(token) ?? this.unkTokenId);
  }

  /** The token of each id, `undefined` where there is none. */
  convertIdsToTokens(
    ids: Iterable<number>,
    { skipSpecialTokens = false }: Pick<DecodeTextOptions, "skipSpecialTokens"> = {},
  ): readonly (string | undefined)[] {
    const skipped = new Set(skipSpecialTokens ? this.allSpecialIds : []);
    return [...ids].filter((id) => !skipped.has(id)).map((id) => this.backend.idToToken(id));
  }

  /** 1 for each id that is a special token's, else 0. */
  specialTokensMask(ids: Iterable<number>): Int32Array {
    const special = new Set(this.allSpecialIds);
    return Int32Array.from(ids, (id) => (special.has(id) ? 1 : 0));
  }

  /** Every token and its id. */
  getVocab(): ReadonlyMap<string, number> {
    return this.backend.getVocab();
  }

  /** How many special tokens a text, or a pair, gets. */
  countSpecialTokens(isPair = false): number {
    return this.backend.countSpecialTokens(isPair);
  }

  /** A tokenizer that finds these tokens too; they are ordinary ones unless they say otherwise. */
  addTokens(tokens: readonly SpecialTokenInput[]): PretrainedTokenizer {
    return this.#copy({ backend: this.backend.addTokens(tokens) });
  }

  /**
   * A tokenizer with these special tokens; one that its vocabulary has keeps its id.
   *
   * @example
   * const chatty = tokenizer.addSpecialTokens({ padToken: tokenizer.eosToken ?? "<pad>" });
   */
  addSpecialTokens(tokens: NewSpecialTokens): PretrainedTokenizer {
    const specialTokens = withSpecialTokens(this.config.specialTokens, tokens);
    return this.#copy({
      backend: this.backend.addSpecialTokens(allSpecialTokens(specialTokens)),
      config: { ...this.config, specialTokens },
    });
  }

  /** A tokenizer with other settings. */
  with(changes: TokenizerChanges): PretrainedTokenizer {
    return this.#copy({ config: { ...this.config, ...changes } });
  }

  /**
   * The text that the model's chat template makes of messages.
   *
   * @throws {ChatTemplateMissingError} when there is no template, or none of this name.
   * @throws {ChatTemplateError} naming the line of the template that fails.
   */
  renderChatTemplate(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): string {
    return renderChatTemplate(this, messages, options);
  }

  /** {@link renderChatTemplate}, and the ids of that text: the template writes the special tokens itself. */
  applyChatTemplate(messages: readonly ChatMessage[], options: ChatOptions = {}): AppliedChat {
    return applyChatTemplate(this, messages, options);
  }

  /** A template, read once. */
  chatTemplate(source: string): ChatTemplate {
    const known = this.#templates.get(source);
    if (known) return known;
    const template = new ChatTemplate(source);
    // Callers may pass templates of their own without end; those of the files are few.
    if (this.#templates.size > 16) this.#templates.clear();
    this.#templates.set(source, template);
    return template;
  }

  /**
   * Writes tokenizer.json, tokenizer_config.json and chat templates into a directory, which is made if need be.
   * Python's `AutoTokenizer.from_pretrained(directory)` loads them.
   */
  savePretrained(directory: string): Promise<readonly string[]> {
    return saveTokenizer(this, directory);
  }

  #special(name: SpecialTokenName): string | undefined {
    return this.config.specialTokens.named[name]?.content;
  }

  #specialId(name: SpecialTokenName): number | undefined {
    const token = this.#special(name);
    return token === undefined ? undefined : this.backend.tokenToId(token);
  }

  #copy(changes: { readonly backend?: Tokenizer; readonly config?: TokenizerConfig }) {
    const { backend = this.backend, config = this.config } = changes;
    return new PretrainedTokenizer(backend, config, this.traits);
  }

  /** The pipeline that treats the text of special tokens as asked. */
  #pipeline(splitSpecialTokens: boolean | undefined): Tokenizer {
    const splits = this.config.splitSpecialTokens;
    if (splitSpecialTokens === undefined || splitSpecialTokens === splits) return this.backend;
    this.#other ??= this.backend.with({ encodeSpecialTokens: !splits });
    return this.#other;
  }

  #encode(
    texts: readonly EncodeInput[],
    plan: EncodePlan,
    options: TokenizeBatchOptions,
  ): TokenizedRows {
    const { addSpecialTokens, splitSpecialTokens, returnOverflowingTokens = false } = options;
    const { truncation } = plan;
    const main = this.#pipeline(splitSpecialTokens).encodeBatch(texts, {
      addSpecialTokens,
      truncation,
      padding: false,
    });
    const rows = main.map((row) => (returnOverflowingTokens ? [row, ...row.overflowing] : [row]));
    return {
      encodings: rows.flat(),
      overflowToSampleMapping: Int32Array.from(rows.flatMap((row, i) => row.map(() => i))),
    };
  }

  #batch(
    encodings: readonly Encoding[],
    options: TokenizeOptions & { readonly plan: EncodePlan },
    samples?: Int32Array,
  ): TokenizedBatch {
    const { plan } = options;
    const isOff = options.padding !== undefined && plan.padding === false;
    const filled = { ...plan, padding: plan.padding === false ? "longest" : plan.padding } as const;
    const width = isOff ? commonLength(encodings) : paddedWidth(encodings, filled);
    const layout = { width, side: plan.paddingSide, padTokenId: this.padTokenId };
    return layOutBatch(encodings, layout, samples);
  }
}
