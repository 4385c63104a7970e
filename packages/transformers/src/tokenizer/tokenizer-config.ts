import {
  isObject,
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseNumber,
  parseOneOf,
  parseString,
  parseStrings,
} from "@bearhug/core";
import type { AddedToken, AddedTokenWithId, Direction } from "@bearhug/tokenizers";
import {
  parseToken,
  SPECIAL_TOKEN_NAMES,
  type SpecialTokenName,
  type SpecialTokens,
} from "./special-tokens.ts";

/** What tokenizer_config.json and the files beside it say. */
export interface TokenizerConfig {
  readonly specialTokens: SpecialTokens;
  /** Infinity when there is none. */
  readonly modelMaxLength: number;
  readonly paddingSide: Direction;
  readonly truncationSide: Direction;
  /** The tensors that the model takes, in the reference's spelling: `input_ids`, `attention_mask`, … */
  readonly modelInputNames: readonly string[];
  readonly cleanUpTokenizationSpaces: boolean;
  /** Cleans up after BPE too, which takes away spaces that were in the text. */
  readonly cleanUpTokenizationSpacesForBpe: boolean;
  /** Whether the text of special tokens is cut like any other text. */
  readonly splitSpecialTokens: boolean;
  /** By name; the one that counts without a name is `"default"`. */
  readonly chatTemplates: Readonly<Record<string, string>>;
  /** All fields as they stand in the files, for writing them again. */
  readonly fields: JsonObject;
}

/** The files of a tokenizer besides its vocabulary, parsed as JSON. */
export interface TokenizerConfigFiles {
  /** tokenizer_config.json. */
  readonly config: JsonObject;
  /** special_tokens_map.json. */
  readonly specialTokensMap: JsonObject;
  /** added_tokens.json: tokens and their ids. */
  readonly addedTokens: JsonObject;
  /** What the caller sets, in the spelling of tokenizer_config.json. */
  readonly overrides: JsonObject;
  /** Added tokens of tokenizer.json. */
  readonly tokenizerTokens: readonly AddedTokenWithId[];
}

/** What a tokenizer class says where the files are silent. */
export interface TokenizerDefaults {
  readonly specialTokens: Readonly<Partial<Record<SpecialTokenName, AddedToken>>>;
  readonly extraSpecialTokens?: readonly AddedToken[] | undefined;
  /** Texts of the special tokens that have names of the class's own. */
  readonly modelTokens?: Readonly<Record<string, string>> | undefined;
  readonly modelInputNames: readonly string[];
  readonly paddingSide: Direction;
  readonly truncationSide: Direction;
}

/** Fields of all files in one, and the tokens that they want to be known. */
export interface MergedConfig {
  readonly fields: JsonObject;
  /** In order of their ids. */
  readonly addedTokens: readonly AddedToken[];
}

/**
 * Puts the files together by the reference's rules: `added_tokens_decoder` makes the older files void; without it
 * special_tokens_map.json wins over tokenizer_config.json, and added tokens come from added_tokens.json and
 * tokenizer.json. What the caller sets wins over all.
 *
 * @throws {TypeError} naming the field that is wrong.
 */
export function mergeConfigFiles(files: TokenizerConfigFiles): MergedConfig {
  const { config, overrides } = files;
  const fields: Record<string, unknown> = { ...config, ...overrides };
  const additional = fields["additional_special_tokens"];
  if (additional !== undefined && !isFilled(fields["extra_special_tokens"])) {
    fields["extra_special_tokens"] = additional;
    delete fields["additional_special_tokens"];
  }
  const decoder = fields["added_tokens_decoder"];
  if (decoder !== undefined && decoder !== null) {
    return { fields, addedTokens: parseAddedTokensDecoder(decoder) };
  }
  for (const [name, value] of Object.entries(files.specialTokensMap)) {
    if (!isFilled(overrides[name])) fields[name] = mergeSpecial(name, value, fields);
  }
  if (!("extra_special_tokens" in fields) && "additional_special_tokens" in fields) {
    fields["extra_special_tokens"] = fields["additional_special_tokens"];
  }
  return { fields, addedTokens: legacyAddedTokens(files, fields) };
}

/**
 * @param defaults what counts for fields that are missing; a field that is `null` stays empty.
 * @throws {TypeError} naming the field that is wrong.
 */
export function parseTokenizerConfig(
  { fields, addedTokens }: MergedConfig,
  defaults: TokenizerDefaults,
  templates: Readonly<Record<string, string>> = {},
): TokenizerConfig {
  const at = (name: string) => `tokenizer_config.${name}`;
  const flag = (name: string) => optional(fields[name], at(name), parseBoolean) ?? false;
  const side = (name: string) =>
    optional(fields[name], at(name), (value, path) => parseOneOf(value, path, SIDES));
  const own = Object.keys(templates).length > 0;
  return {
    specialTokens: parseSpecialTokens(fields, addedTokens, defaults),
    modelMaxLength: parseMaxLength(fields["model_max_length"] ?? fields["max_len"]),
    paddingSide: side("padding_side") ?? defaults.paddingSide,
    truncationSide: side("truncation_side") ?? defaults.truncationSide,
    modelInputNames:
      optional(fields["model_input_names"], at("model_input_names"), parseStrings) ??
      defaults.modelInputNames,
    cleanUpTokenizationSpaces: flag("clean_up_tokenization_spaces"),
    cleanUpTokenizationSpacesForBpe: flag(
      "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output",
    ),
    splitSpecialTokens: flag("split_special_tokens"),
    chatTemplates: own ? templates : parseChatTemplates(fields["chat_template"]),
    fields,
  };
}

const SIDES = ["left", "right"] as const;

/** The reference writes 10^30 for "no limit". */
function parseMaxLength(value: unknown): number {
  const length = optional(value, "tokenizer_config.model_max_length", parseNumber);
  return length === undefined || length > 1e20 ? Number.POSITIVE_INFINITY : length;
}

/** One template, or a list of templates with names. */
function parseChatTemplates(value: unknown): Readonly<Record<string, string>> {
  const path = "tokenizer_config.chat_template";
  if (value === undefined || value === null) return {};
  if (typeof value === "string") return { default: value };
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, text]) => [name, parseString(text, `${path}.${name}`)]),
    );
  }
  const entries = parseArray(value, path).map((item, i) => {
    const { name, template } = isObject(item) ? item : {};
    const at = `${path}[${i}]`;
    return [parseString(name, `${at}.name`), parseString(template, `${at}.template`)] as const;
  });
  return Object.fromEntries(entries);
}

function parseSpecialTokens(
  fields: JsonObject,
  addedTokens: readonly AddedToken[],
  defaults: TokenizerDefaults,
): SpecialTokens {
  const known = new Map(addedTokens.map((token) => [token.content, token]));
  const parse = (value: unknown, path: string) => {
    const token = parseToken(value, path);
    return known.get(token.content) ?? token;
  };
  const named: Partial<Record<SpecialTokenName, AddedToken>> = {};
  for (const name of SPECIAL_TOKEN_NAMES) {
    const value = fields[`${name}_token`];
    const fallback = defaults.specialTokens[name];
    if (value === undefined && fallback) named[name] = fallback;
    if (value === undefined || value === null) continue;
    named[name] = parse(value, `tokenizer_config.${name}_token`);
  }
  const ofModel = parseModelTokens({ ...defaults.modelTokens, ...fields });
  const isSilent = fields["extra_special_tokens"] === undefined;
  const extra = isSilent
    ? (defaults.extraSpecialTokens ?? [])
    : parseExtra(fields["extra_special_tokens"]);
  return { named, ofModel, extra };
}

const STANDARD: ReadonlySet<string> = new Set(SPECIAL_TOKEN_NAMES.map((name) => `${name}_token`));

/** Fields such as `image_token`, and the entries of `extra_special_tokens` when that is an object. */
function parseModelTokens(fields: JsonObject): Record<string, AddedToken> {
  const tokens: Record<string, AddedToken> = {};
  const isToken = (value: unknown) => typeof value === "string" || isObject(value);
  for (const [name, value] of Object.entries(fields)) {
    if (!name.endsWith("_token") || STANDARD.has(name) || !isToken(value)) continue;
    tokens[name] = parseToken(value, `tokenizer_config.${name}`);
  }
  const extra = fields["extra_special_tokens"];
  for (const [name, value] of Object.entries(isObject(extra) ? extra : {})) {
    tokens[name] = parseToken(value, `tokenizer_config.extra_special_tokens.${name}`);
  }
  return tokens;
}

function parseExtra(value: unknown): readonly AddedToken[] {
  const path = "tokenizer_config.extra_special_tokens";
  if (value === undefined || value === null || isObject(value)) return [];
  return parseArray(value, path).map((item, i) => parseToken(item, `${path}[${i}]`));
}

function parseAddedTokensDecoder(value: unknown): readonly AddedToken[] {
  const path = "tokenizer_config.added_tokens_decoder";
  if (!isObject(value)) throw new TypeError(`${path} must be an object of ids and tokens`);
  return Object.entries(value)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, item]) => {
      const at = `${path}["${id}"]`;
      if (!isObject(item)) throw new TypeError(`${at} must be an object with the token's flags`);
      return parseToken(item, at);
    });
}

/** Of added_tokens.json and tokenizer.json, in order of ids; for an id of both, the token of the second. */
function legacyAddedTokens(files: TokenizerConfigFiles, fields: JsonObject): readonly AddedToken[] {
  const names = [...STANDARD, "extra_special_tokens"];
  const specials = new Set(names.flatMap((name) => textsOf(fields[name])));
  const byId = new Map<number, AddedToken>();
  for (const [content, id] of Object.entries(files.addedTokens)) {
    if (typeof id !== "number") throw new TypeError(`added_tokens["${content}"] must be an id`);
    const special = specials.has(content);
    const flags = { singleWord: false, lstrip: false, rstrip: false };
    byId.set(id, { content, special, normalized: !special, ...flags });
  }
  for (const { id, ...token } of files.tokenizerTokens) byId.set(id, token);
  return [...byId].sort(([a], [b]) => a - b).map(([, token]) => token);
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isObject(value) ? textsOf(value["content"]) : [];
}

/** Objects of special_tokens_map.json are special tokens whatever they say; lists are joined. */
function mergeSpecial(name: string, value: unknown, fields: JsonObject): unknown {
  if (name === "extra_special_tokens" && Array.isArray(value)) {
    const before = fields[name];
    const list = Array.isArray(before) ? [...before] : [];
    for (const token of value) {
      if (!list.some((other) => textsOf(other)[0] === textsOf(token)[0]))
        list.push(asSpecial(token));
    }
    return list;
  }
  return asSpecial(value);
}

function asSpecial(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asSpecial);
  return isObject(value) && "content" in value ? { ...value, special: true } : value;
}

/** What the reference takes for a value that is there. */
function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== "" && value !== false;
}
