import {
  isObject,
  type JsonObject,
  optional,
  parseBoolean,
  parseInteger,
  parseString,
} from "@bearhug/core";
import type { AddedToken } from "../added-tokens.ts";

/** The special tokens that every class can have, in the order in which they are added. */
const NAMES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const;

export type SpecialName = (typeof NAMES)[number];

/** A class's own special tokens: the content, or the token with its flags. */
export type SpecialDefaults = Readonly<Partial<Record<SpecialName, string | AddedToken>>>;

/** Special tokens of one tokenizer. */
export interface SpecialTokens {
  /** By name, in order; those with a name that only one model knows come last. */
  readonly named: ReadonlyMap<string, AddedToken>;
  /** `added_tokens_decoder`, in order of ids. */
  readonly declared: ReadonlyMap<number, AddedToken>;
  /** The config's list of further special tokens; `undefined` where it has none, and the class decides. */
  readonly extra: readonly AddedToken[] | undefined;
}

/** A special token, without further flags unless they are given. */
export function specialToken(content: string, flags: Partial<AddedToken> = {}): AddedToken {
  const none = { normalized: false, singleWord: false, lstrip: false, rstrip: false };
  return { content, special: true, ...none, ...flags };
}

/** What tokenizer_config.json says, over the class's own. */
export function readSpecialTokens(config: JsonObject, defaults: SpecialDefaults): SpecialTokens {
  const declared = readDeclared(config["added_tokens_decoder"]);
  const flags = new Map([...declared.values()].map((token) => [token.content, token]));
  const named = new Map<string, AddedToken>();
  for (const name of NAMES) {
    const token = readNamed(config, name, { own: defaults[name], flags });
    if (token) named.set(name, token);
  }
  for (const [field, token] of readModelSpecific(config)) named.set(field, token);
  return { named, declared, extra: readExtra(config) };
}

/**
 * All tokens to be added, in the order in which those that the vocabulary lacks get their ids. What the config
 * declares stays as it is; of the others the last one of a content wins.
 */
export function listAddedTokens(
  { named, declared, extra }: SpecialTokens,
  classExtra: readonly AddedToken[] = [],
): readonly AddedToken[] {
  const specials = new Set([...named.values()].map((token) => token.content));
  const tokens = new Map<string, AddedToken>();
  const add = (token: AddedToken) => {
    tokens.set(token.content, { ...token, special: token.special || specials.has(token.content) });
  };
  for (const token of declared.values()) add(token);
  const known = new Set(tokens.keys());
  for (const token of [...named.values(), ...(extra ?? classExtra)]) {
    if (!known.has(token.content)) add(token);
  }
  return [...tokens.values()];
}

interface NamedSources {
  readonly own: string | AddedToken | undefined;
  readonly flags: ReadonlyMap<string, AddedToken>;
}

/** An explicit null takes the class's token away; a text takes the class's flags over. */
function readNamed(
  config: JsonObject,
  name: SpecialName,
  { own, flags }: NamedSources,
): AddedToken | undefined {
  const field = `${name}_token`;
  const classFlags = typeof own === "string" || !own ? {} : own;
  if (!(field in config)) return typeof own === "string" ? specialToken(own) : own;
  const value = config[field];
  if (value === null) return undefined;
  const path = `tokenizer_config.${field}`;
  if (isObject(value)) return { ...readToken(value, path), special: true };
  const content = parseString(value, path);
  const known = flags.get(content);
  return known ? { ...known, special: true } : specialToken(content, { ...classFlags, content });
}

/** `added_tokens_decoder`: id → token. */
function readDeclared(value: unknown): ReadonlyMap<number, AddedToken> {
  if (!isObject(value)) return new Map();
  const tokens = Object.entries(value).map(([key, item]): [number, AddedToken] => {
    const path = `tokenizer_config.added_tokens_decoder["${key}"]`;
    const id = parseInteger(/^\d+$/u.test(key) ? Number(key) : key, path, { min: 0, max: MAX_ID });
    return [id, readToken(item, path)];
  });
  return new Map(tokens.sort(([a], [b]) => a - b));
}

const MAX_ID = 0x7000_0000;

/** Fields such as "image_token", and the object form of extra_special_tokens. */
function readModelSpecific(config: JsonObject): [string, AddedToken][] {
  const standard = new Set<string>(NAMES.map((name) => `${name}_token`));
  const fields = Object.entries(config).filter(
    ([field, value]) =>
      field.endsWith("_token") && !standard.has(field) && typeof value === "string",
  );
  const extra = config["extra_special_tokens"];
  const listed = isObject(extra) ? Object.entries(extra) : [];
  return [...fields, ...listed].map(([field, value]) => [
    field,
    readToken(value, `tokenizer_config.${field}`),
  ]);
}

function readExtra(config: JsonObject): readonly AddedToken[] | undefined {
  const { extra_special_tokens: newer, additional_special_tokens: older } = config;
  const isEmpty = !newer || (Array.isArray(newer) && newer.length === 0);
  const field =
    isEmpty && older !== undefined ? "additional_special_tokens" : "extra_special_tokens";
  const value = config[field];
  if (value === undefined || isObject(value)) return undefined;
  const path = `tokenizer_config.${field}`;
  if (!Array.isArray(value)) return value === null ? [] : [readToken(value, path)];
  return value.map((item, i) => readToken(item, `${path}[${i}]`));
}

/** A text, which is a special token, or an object with the token's flags. */
function readToken(value: unknown, path: string): AddedToken {
  if (!isObject(value)) return specialToken(parseString(value, path));
  const flag = (name: string) => optional(value[name], `${path}.${name}`, parseBoolean);
  const special = flag("special") ?? false;
  return {
    content: parseString(value["content"], `${path}.content`),
    special,
    normalized: flag("normalized") ?? !special,
    singleWord: flag("single_word") ?? false,
    lstrip: flag("lstrip") ?? false,
    rstrip: flag("rstrip") ?? false,
  };
}
