import { isObject, type JsonObject, optional, parseBoolean, parseString } from "@bearhug/core";
import type { AddedToken } from "@bearhug/tokenizers";

/** Special tokens that have a name of their own, in the order in which the reference lists them. */
export const SPECIAL_TOKEN_NAMES = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"] as const;

export type SpecialTokenName = (typeof SPECIAL_TOKEN_NAMES)[number];

/** The special tokens of a tokenizer, by what they are for. */
export interface SpecialTokens {
  readonly named: Readonly<Partial<Record<SpecialTokenName, AddedToken>>>;
  /** Those with a name that only this model has, such as `image_token`, by that name. */
  readonly ofModel: Readonly<Record<string, AddedToken>>;
  /** Those without a name. */
  readonly extra: readonly AddedToken[];
}

/** A special token of which only the text is known. */
export function specialToken(content: string, flags: Partial<AddedToken> = {}): AddedToken {
  const off = { normalized: false, singleWord: false, lstrip: false, rstrip: false };
  return { ...off, ...flags, content, special: true };
}

/** A token as JSON writes it: its text, or an object with its flags. */
export function parseToken(value: unknown, path: string): AddedToken {
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

export function tokenToJson(token: AddedToken): JsonObject {
  return {
    content: token.content,
    lstrip: token.lstrip,
    normalized: token.normalized,
    rstrip: token.rstrip,
    single_word: token.singleWord,
    special: token.special,
  };
}

export function sameToken(a: AddedToken, b: AddedToken): boolean {
  return JSON.stringify(tokenToJson(a)) === JSON.stringify(tokenToJson(b));
}

/** Every special token once, named ones first. */
export function allSpecialTokens({ named, ofModel, extra }: SpecialTokens): readonly AddedToken[] {
  const ordered = SPECIAL_TOKEN_NAMES.flatMap((name) => named[name] ?? []);
  const seen = new Map<string, AddedToken>();
  for (const token of [...ordered, ...Object.values(ofModel), ...extra]) {
    if (!seen.has(token.content)) seen.set(token.content, token);
  }
  return [...seen.values()];
}

/** A special token: its text, or with flags. */
export type SpecialTokenInput = string | AddedToken;

/** Tokens with a name, and those without, for a tokenizer to take on. */
export type NewSpecialTokens = Partial<
  Readonly<Record<`${SpecialTokenName}Token`, SpecialTokenInput>>
> & {
  readonly extraSpecialTokens?: readonly SpecialTokenInput[] | undefined;
  /** Adds to the special tokens without a name instead of replacing them. Default false. */
  readonly keepExtraSpecialTokens?: boolean | undefined;
};

/** The special tokens with new ones, which replace those of the same name. */
export function withSpecialTokens(before: SpecialTokens, tokens: NewSpecialTokens): SpecialTokens {
  const { extraSpecialTokens = [], keepExtraSpecialTokens = false } = tokens;
  const complete = (token: SpecialTokenInput) =>
    typeof token === "string" ? specialToken(token) : { ...token, special: true };
  const named = SPECIAL_TOKEN_NAMES.flatMap((name) => {
    const token = tokens[`${name}Token`];
    return token === undefined ? [] : [[name, complete(token)] as const];
  });
  const added = extraSpecialTokens.map(complete);
  const keeps = keepExtraSpecialTokens || added.length === 0;
  return {
    ...before,
    named: { ...before.named, ...Object.fromEntries(named) },
    extra: keeps ? [...before.extra, ...added] : added,
  };
}

/** Texts of the tokens that have a name, as templates and files call them: `bos_token`, `image_token`. */
export function specialTokensMap({ named, ofModel }: SpecialTokens): Record<string, string> {
  const map: Record<string, string> = {};
  for (const name of SPECIAL_TOKEN_NAMES) {
    const token = named[name];
    if (token) map[`${name}_token`] = token.content;
  }
  for (const [name, token] of Object.entries(ofModel)) map[name] = token.content;
  return map;
}
