import { optional, parseArray, parseObject } from "@bearhug/core";
import { type AddedToken, parseAddedToken } from "./added-tokens.ts";
import { type DecoderDefinition, parseDecoder } from "./decoders/decoder.ts";
import { TokenizerFormatError } from "./errors.ts";
import { readPlainly, readQuickly } from "./io/read-tokenizer.ts";
import { type ModelDefinition, parseModel } from "./models/model.ts";
import { type NormalizerDefinition, parseNormalizer } from "./normalizers/normalizer.ts";
import { type PaddingOptions, parsePadding } from "./padding.ts";
import { type PostProcessor, parsePostProcessor } from "./post-processors/post-processor.ts";
import { type PreTokenizerDefinition, parsePreTokenizer } from "./pre-tokenizers/pre-tokenizer.ts";
import { parseTruncation, type TruncationOptions } from "./truncation.ts";

/** A tokenizer.json, checked. */
export interface TokenizerDefinition {
  readonly model: ModelDefinition;
  readonly addedTokens?: readonly AddedToken[] | undefined;
  readonly normalizer?: NormalizerDefinition | undefined;
  readonly preTokenizer?: PreTokenizerDefinition | undefined;
  readonly postProcessor?: PostProcessor | undefined;
  readonly decoder?: DecoderDefinition | undefined;
  readonly truncation?: TruncationOptions | undefined;
  readonly padding?: PaddingOptions | undefined;
  /** Tokenizes the text of special tokens like any other. Default false; files do not have it. */
  readonly encodeSpecialTokens?: boolean | undefined;
}

/**
 * Checks the text of a tokenizer.json.
 *
 * @throws {TokenizerFormatError} naming the path of the first field that is wrong.
 * @throws {UnsupportedComponentError} for a component that this version cannot run.
 */
export function parseTokenizer(json: string): TokenizerDefinition {
  return parseTokenizerBytes(encoder.encode(json));
}

/** {@link parseTokenizer} of the file's bytes: faster, and in less memory. */
export function parseTokenizerBytes(bytes: Uint8Array): TokenizerDefinition {
  try {
    return parseQuickly(bytes) ?? parseDefinition(readPlainly(bytes));
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof SyntaxError || cause instanceof RangeError) {
      throw new TokenizerFormatError(cause.message, { cause });
    }
    throw cause;
  }
}

const encoder = new TextEncoder();

/** `undefined` for nearly all broken files: the plain way has the words for what is wrong with them. */
function parseQuickly(bytes: Uint8Array): TokenizerDefinition | undefined {
  try {
    return parseDefinition(readQuickly(bytes));
  } catch {
    return undefined;
  }
}

function parseDefinition(value: unknown): TokenizerDefinition {
  const file = parseObject(value, "tokenizer");
  const version = file["version"];
  if (version !== undefined && version !== "1.0") {
    throw new TokenizerFormatError(`version must be "1.0", got ${JSON.stringify(version)}`);
  }
  const list = optional(file["added_tokens"], "added_tokens", parseArray) ?? [];
  return {
    model: parseModel(file["model"], "model"),
    addedTokens: list.map((item, i) => parseAddedToken(item, `added_tokens[${i}]`)),
    normalizer: optional(file["normalizer"], "normalizer", parseNormalizer),
    preTokenizer: optional(file["pre_tokenizer"], "pre_tokenizer", parsePreTokenizer),
    postProcessor: optional(file["post_processor"], "post_processor", parsePostProcessor),
    decoder: optional(file["decoder"], "decoder", parseDecoder),
    truncation: optional(file["truncation"], "truncation", parseTruncation),
    padding: optional(file["padding"], "padding", parsePadding),
  };
}
