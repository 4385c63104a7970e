import { allocateTensor, type HostTensor } from "@bearhug/nn";
import type {
  EncodeInput,
  Encoding,
  Tokenizer,
  TokenizerInput,
  TruncationOptions,
  TruncationStrategy,
} from "@bearhug/tokenizers";
import type { SpecialTokenName, TokenizerConfig } from "./tokenizer-config.ts";

export interface TokenizeOptions {
  /** Whether special tokens such as `[CLS]` are added. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Cuts to `maxLength`: `true` is `"longest-first"`. Default false. */
  readonly truncation?: boolean | TruncationStrategy | undefined;
  /** Most tokens of a row, special ones included. Default: the model's own limit. */
  readonly maxLength?: number | undefined;
  /** Tokens that an overflowing part repeats of the one before. Default 0. */
  readonly stride?: number | undefined;
}

export interface TokenizePairOptions extends TokenizeOptions {
  /** The second text of a pair. */
  readonly pair?: TokenizerInput | undefined;
}

export interface TokenizeBatchOptions extends TokenizeOptions {
  /** Fills rows up to the longest of them, or up to `maxLength`. Default `"longest"`. */
  readonly padding?: "longest" | "max-length" | undefined;
  /** The padded length is rounded up to a multiple of this. */
  readonly padToMultipleOf?: number | undefined;
}

/** What a text encoder reads: all [batch, tokens]. */
export interface TokenizedBatch extends Disposable {
  readonly inputIds: HostTensor<"int32">;
  /** 1 for a token, 0 for padding. */
  readonly attentionMask: HostTensor<"int32">;
  readonly tokenTypeIds: HostTensor<"int32">;
  /** One for each row, without its padding. */
  readonly encodings: readonly Encoding[];
  /** Where the tokens of each row begin: after the padding, when that is on the left. */
  readonly starts: readonly number[];
}

export interface DecodeTextOptions {
  /** Leaves special tokens out. Default false. */
  readonly skipSpecialTokens?: boolean | undefined;
  /** Takes out spaces before punctuation. Default: what tokenizer_config.json says. */
  readonly cleanUpTokenizationSpaces?: boolean | undefined;
}

/**
 * A model's tokenizer: its tokenizer.json with the settings of tokenizer_config.json.
 *
 * @example
 * const tokenizer = await AutoTokenizer.fromPretrained("ada/tiny-bert");
 * const { ids, tokens, offsets } = tokenizer.encode("Hello world");
 * using inputs = tokenizer.encodeBatch(["Hello", "Hello world"], { truncation: true, maxLength: 128 });
 * inputs.inputIds.shape; // [2, tokens]
 */
export class PretrainedTokenizer {
  /** The pipeline of tokenizer.json, without its truncation and padding. */
  readonly backend: Tokenizer;
  readonly config: TokenizerConfig;

  constructor(tokenizer: Tokenizer, config: TokenizerConfig) {
    this.backend = tokenizer.with({ truncation: undefined, padding: undefined });
    this.config = config;
  }

  /** Most tokens that the model takes; Infinity when nobody says. */
  get modelMaxLength(): number {
    return this.config.modelMaxLength;
  }

  get maskToken(): string | undefined {
    return this.config.specialTokens.mask?.content;
  }

  get bosTokenId(): number | undefined {
    return this.#specialId("bos");
  }

  get eosTokenId(): number | undefined {
    return this.#specialId("eos");
  }

  get unkTokenId(): number | undefined {
    return this.#specialId("unk");
  }

  get sepTokenId(): number | undefined {
    return this.#specialId("sep");
  }

  get padTokenId(): number | undefined {
    return this.#specialId("pad");
  }

  get clsTokenId(): number | undefined {
    return this.#specialId("cls");
  }

  get maskTokenId(): number | undefined {
    return this.#specialId("mask");
  }

  /**
   * Encodes one text, or a pair.
   *
   * @throws {TruncationError} when truncation cannot be done as asked.
   */
  encode(text: TokenizerInput, options: TokenizePairOptions = {}): Encoding {
    return this.backend.encode(text, { pair: options.pair, ...this.#backendOptions(options) });
  }

  /** Encodes many texts as the rows of tensors. */
  encodeBatch(texts: readonly EncodeInput[], options: TokenizeBatchOptions = {}): TokenizedBatch {
    const encodings = this.backend.encodeBatch(texts, this.#backendOptions(options));
    return this.pad(encodings, options);
  }

  /** Puts encodings of this tokenizer together as the rows of tensors. */
  pad(encodings: readonly Encoding[], options: TokenizeBatchOptions = {}): TokenizedBatch {
    const { padding = "longest", padToMultipleOf: multiple = 1 } = options;
    const longest = encodings.reduce((most, { length }) => Math.max(most, length), 0);
    const wanted = padding === "max-length" ? this.#maxLength(options) : longest;
    const width = Math.ceil(Math.max(wanted, longest) / multiple) * multiple;
    const shape = [encodings.length, width];
    const inputIds = allocateTensor("int32", shape);
    const attentionMask = allocateTensor("int32", shape);
    const tokenTypeIds = allocateTensor("int32", shape);
    inputIds.data.fill(this.padTokenId ?? 0);
    tokenTypeIds.data.fill(this.config.padTokenTypeId);
    const starts = encodings.map(({ length }) =>
      this.config.paddingSide === "left" ? width - length : 0,
    );
    encodings.forEach((encoding, row) => {
      const start = row * width + (starts[row] ?? 0);
      encoding.writeIds(inputIds.data, start);
      attentionMask.data.fill(1, start, start + encoding.length);
      tokenTypeIds.data.set(encoding.typeIds, start);
    });
    // The arrays are the collector's; the method is there for tensors on devices, which are not.
    const tensors = { inputIds, attentionMask, tokenTypeIds };
    return { ...tensors, encodings, starts, [Symbol.dispose]: () => {} };
  }

  /** The text of `ids`. */
  decode(ids: Iterable<number>, options: DecodeTextOptions = {}): string {
    const { skipSpecialTokens = false } = options;
    const text = this.backend.decode(ids, { skipSpecialTokens });
    const cleans = options.cleanUpTokenizationSpaces ?? this.config.cleanUpTokenizationSpaces;
    return cleans ? cleanUp(text) : text;
  }

  tokenToId(token: string): number | undefined {
    return this.backend.tokenToId(token);
  }

  idToToken(id: number): string | undefined {
    return this.backend.idToToken(id);
  }

  #specialId(name: SpecialTokenName): number | undefined {
    const token = this.config.specialTokens[name];
    return token && this.backend.tokenToId(token.content);
  }

  #backendOptions(options: TokenizeOptions): {
    readonly addSpecialTokens: boolean;
    readonly padding: false;
    readonly truncation: TruncationOptions | false;
  } {
    const { addSpecialTokens = true, truncation = false, stride = 0 } = options;
    const off = { addSpecialTokens, padding: false, truncation: false } as const;
    if (truncation === false) return off;
    const isEndless = options.maxLength === undefined && this.modelMaxLength === Infinity;
    if (isEndless) return off;
    const strategy = truncation === true ? "longest-first" : truncation;
    const maxLength = this.#maxLength(options);
    const direction = this.config.truncationSide;
    return { ...off, truncation: { maxLength, strategy, direction, stride } };
  }

  /** @throws {RangeError} when neither the caller nor the model says. */
  #maxLength({ maxLength = this.modelMaxLength }: TokenizeOptions): number {
    if (Number.isInteger(maxLength) && maxLength > 0) return maxLength;
    throw new RangeError(`maxLength must be a positive integer, got ${maxLength}`);
  }
}

const SPACES: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

function cleanUp(text: string): string {
  return SPACES.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
