import {
  isObject,
  type JsonObject,
  optional,
  parseBoolean,
  parseInteger,
  parseNumber,
  parseOneOf,
  parseString,
  parseStrings,
} from "@bearhug/core";
import type { AddedToken, Direction } from "@bearhug/tokenizers";

/** Special tokens that have a name of their own. */
export const SPECIAL_TOKEN_NAMES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const;

export type SpecialTokenName = (typeof SPECIAL_TOKEN_NAMES)[number];

/** What tokenizer_config.json and special_tokens_map.json say. */
export interface TokenizerConfig {
  readonly specialTokens: Readonly<Partial<Record<SpecialTokenName, AddedToken>>>;
  /** Special tokens without a name. */
  readonly extraSpecialTokens: readonly AddedToken[];
  /** Tokens that the tokenizer must know, in order of their ids. */
  readonly addedTokens: readonly AddedToken[];
  /** Infinity when there is none. */
  readonly modelMaxLength: number;
  readonly paddingSide: Direction;
  readonly truncationSide: Direction;
  readonly padTokenTypeId: number;
  readonly cleanUpTokenizationSpaces: boolean;
  readonly doLowerCase: boolean | undefined;
  readonly stripAccents: boolean | undefined;
  readonly tokenizeChineseChars: boolean | undefined;
}

const SIDES = ["left", "right"] as const;

/**
 * @param config tokenizer_config.json.
 * @param map special_tokens_map.json, which wins where both name a token.
 * @throws {TypeError} naming the field that is wrong.
 */
export function parseTokenizerConfig(config: JsonObject, map: JsonObject): TokenizerConfig {
  const at = (name: string) => `tokenizer_config.${name}`;
  const flag = (name: string) => optional(config[name], at(name), parseBoolean);
  const side = (name: string) =>
    optional(config[name], at(name), (value, path) => parseOneOf(value, path, SIDES)) ?? "right";
  const merged = { ...config, ...map };
  const extra = merged["additional_special_tokens"] ?? merged["extra_special_tokens"];
  return {
    specialTokens: parseSpecialTokens(merged),
    extraSpecialTokens: parseExtra(extra),
    addedTokens: parseAddedTokens(config["added_tokens_decoder"]),
    modelMaxLength: parseMaxLength(config["model_max_length"]),
    paddingSide: side("padding_side"),
    truncationSide: side("truncation_side"),
    padTokenTypeId:
      optional(config["pad_token_type_id"], at("pad_token_type_id"), parseInteger) ?? 0,
    cleanUpTokenizationSpaces: flag("clean_up_tokenization_spaces") ?? false,
    doLowerCase: flag("do_lower_case"),
    stripAccents: flag("strip_accents"),
    tokenizeChineseChars: flag("tokenize_chinese_chars"),
  };
}

/** The reference writes 10^30 for "no limit". */
function parseMaxLength(value: unknown): number {
  const length = optional(value, "tokenizer_config.model_max_length", parseNumber);
  return length === undefined || length > Number.MAX_SAFE_INTEGER
    ? Number.POSITIVE_INFINITY
    : length;
}

function parseSpecialTokens(merged: JsonObject): TokenizerConfig["specialTokens"] {
  const tokens: Partial<Record<SpecialTokenName, AddedToken>> = {};
  for (const name of SPECIAL_TOKEN_NAMES) {
    const value = merged[`${name}_token`];
    if (value === undefined || value === null) continue;
    tokens[name] = parseToken(value, `tokenizer_config.${name}_token`);
  }
  return tokens;
}

/** A list of tokens; newer files have an object of names and tokens. */
function parseExtra(value: unknown): readonly AddedToken[] {
  const path = "tokenizer_config.extra_special_tokens";
  if (value === undefined || value === null) return [];
  const list = isObject(value) ? Object.values(value) : value;
  if (!Array.isArray(list)) return parseStrings(list, path).map(specialToken);
  return list.map((item, i) => parseToken(item, `${path}[${i}]`));
}

function parseAddedTokens(value: unknown): readonly AddedToken[] {
  if (!isObject(value)) return [];
  return Object.entries(value)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, item]) => parseToken(item, `tokenizer_config.added_tokens_decoder["${id}"]`));
}

/** A string, or an object with the token's flags. */
function parseToken(value: unknown, path: string): AddedToken {
  if (!isObject(value)) return specialToken(parseString(value, path));
  const flag = (name: string) => optional(value[name], `${path}.${name}`, parseBoolean);
  return {
    content: parseString(value["content"], `${path}.content`),
    special: flag("special") ?? true,
    normalized: flag("normalized") ?? false,
    singleWord: flag("single_word") ?? false,
    lstrip: flag("lstrip") ?? false,
    rstrip: flag("rstrip") ?? false,
  };
}

export function specialToken(content: string): AddedToken {
  const flags = { normalized: false, singleWord: false, lstrip: false, rstrip: false };
  return { content, special: true, ...flags };
}
