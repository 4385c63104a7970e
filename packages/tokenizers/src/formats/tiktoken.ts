import {
  isObject,
  optional,
  parseArray,
  parseInteger,
  parseJson,
  parseObject,
  parseString,
} from "@bearhug/core";
import type { AddedToken } from "../added-tokens.ts";
import { TokenizerFormatError } from "../errors.ts";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import { PLAIN } from "../post-processors/post-processor.ts";
import { parsePattern } from "../regex/pattern.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { splitToBytes } from "./byte-level-classes.ts";
import { ByteRanks, spellBase64 } from "./byte-ranks.ts";
import { type ConversionOptions, converting } from "./conversion-options.ts";
import { listAddedTokens, readSpecialTokens, specialToken } from "./special-tokens.ts";
import { CL100K, NAMED_PATTERNS } from "./split-patterns.ts";

export interface TiktokenOptions extends ConversionOptions {
  /**
   * How text is split: the name of an encoding ("gpt2", "r50k_base", "p50k_base", "cl100k_base", "o200k_base",
   * "llama3", "llama4", "qwen", "qwen3.5", "tekken", "kimi"), or the regular expression itself. Default: that of
   * cl100k_base, as in transformers.
   */
  readonly pattern?: string | undefined;
  /** Special tokens with their ids, which no rank may have; the config's `added_tokens_decoder` is one more source. */
  readonly specialTokens?: Readonly<Record<string, number>> | undefined;
}

/** Ids between the ranks and the last special token that may have no token. */
const MAX_GAP = 100_000;

/**
 * A *.tiktoken file, whatever its name: lines of a token in base64 and its rank. Ids are the ranks; ids that
 * `added_tokens_decoder` of the config skips are `<|reserved_token_N|>`.
 *
 * Source: transformers 5, `TikTokenConverter`; tiktoken 0.14, with which ids agree (fixtures/tokenizers/formats).
 *
 * @throws {TokenizerFormatError} naming the line that is wrong, the byte without a token, or the special token whose
 *   id is taken.
 *
 * @example
 * const file = new Uint8Array(await readFile("cl100k_base.tiktoken"));
 * const specialTokens = { "<|endoftext|>": 100257 };
 * const tokenizer = new Tokenizer(fromTiktoken(file, { pattern: "cl100k_base", specialTokens }));
 */
export function fromTiktoken(
  file: Uint8Array | string,
  options: TiktokenOptions = {},
): TokenizerDefinition {
  return converting(() => {
    const text = typeof file === "string" ? file : new TextDecoder().decode(file);
    const ranks = new ByteRanks(readLines(text), "The tiktoken file");
    const { pattern = CL100K } = options;
    const { withId, others } = readSpecials(ranks, options);
    return toDefinition(ranks, {
      pattern: NAMED_PATTERNS.get(pattern) ?? checkedPattern(pattern, "options.pattern"),
      addedTokens: distinct([...withId.values(), ...others]),
      offset: 0,
      own: [...withId].map(([id, { content }]): [string, number] => [content, id]),
    });
  });
}

/**
 * Mistral's tekken.json. The special tokens have the first ids; `default_num_special_tokens` that nobody names are
 * `<SPECIAL_N>`.
 *
 * Source: transformers 5, `MistralConverter`.
 *
 * @throws {TokenizerFormatError} naming the field that is wrong.
 */
export function fromTekken(json: string, options: ConversionOptions = {}): TokenizerDefinition {
  return converting(() => {
    const file = parseObject(parseJson(json, "tekken.json"), "tekken.json");
    const config = parseObject(file["config"], "tekken.json: config");
    const pattern = parseString(config["pattern"], "tekken.json: config.pattern");
    const specials = readTekkenSpecials(file["special_tokens"], config);
    const size = optionalCount(config["default_vocab_size"], "config.default_vocab_size");
    const list = parseArray(file["vocab"], "tekken.json: vocab");
    const kept = size === undefined ? list : list.slice(0, Math.max(0, size - specials.length));
    const ranks = new ByteRanks(
      kept.map((item, rank): [string, number] => {
        const at = `tekken.json: vocab[${rank}].token_bytes`;
        const fields = isObject(item) ? item : {};
        return [spellBase64(parseString(fields["token_bytes"], at), at), rank];
      }),
      "tekken.json: vocab",
    );
    const named = listAddedTokens(readSpecialTokens(options.config ?? {}, {}));
    return toDefinition(ranks, {
      pattern: checkedPattern(pattern, "tekken.json: config.pattern"),
      addedTokens: distinct([...specials.map((token) => specialToken(token)), ...named]),
      offset: specials.length,
      own: specials.map((token, id): [string, number] => [token, id]),
    });
  });
}

interface Layout {
  readonly pattern: string;
  readonly addedTokens: readonly AddedToken[];
  /** What is added to ranks to make ids. */
  readonly offset: number;
  /** Tokens that have ids of their own. */
  readonly own: readonly (readonly [token: string, id: number])[];
}

function toDefinition(
  ranks: ByteRanks,
  { pattern, addedTokens, offset, own }: Layout,
): TokenizerDefinition {
  const vocabulary = ranks.vocabulary(offset, own);
  const model: BpeDefinition = {
    type: "BPE",
    vocabulary,
    merges: ranks.merges(vocabulary, offset),
    unkToken: undefined,
    continuingSubwordPrefix: "",
    endOfWordSuffix: "",
    fuseUnk: false,
    ignoreMerges: true,
  };
  return {
    model,
    addedTokens,
    preTokenizer: splitToBytes(pattern),
    decoder: { type: "ByteLevel" },
    postProcessor: PLAIN,
  };
}

function checkedPattern(source: string, path: string): string {
  return parsePattern({ Regex: source }, path).source;
}

function* readLines(text: string): Generator<[token: string, rank: number]> {
  for (const [i, line] of text.split("\n").entries()) {
    const content = line.trim();
    if (content === "") continue;
    const at = `The tiktoken file, line ${i + 1}`;
    const [token = "", rank = "", ...others] = content.split(/\s+/u);
    if (others.length > 0 || !/^\d{1,9}$/u.test(rank)) {
      throw new TokenizerFormatError(`${at} must be a token in base64 and its rank`);
    }
    yield [spellBase64(token, at), Number(rank)];
  }
}

/** Special tokens that have an id, and those that get the next free one. */
interface TiktokenSpecials {
  readonly withId: ReadonlyMap<number, AddedToken>;
  readonly others: readonly AddedToken[];
}

function readSpecials(ranks: ByteRanks, options: TiktokenOptions): TiktokenSpecials {
  const specials = readSpecialTokens(options.config ?? {}, {});
  const withId = reserveGaps(specials.declared, ranks);
  for (const [content, id] of Object.entries(options.specialTokens ?? {})) {
    const path = `options.specialTokens[${JSON.stringify(content)}]`;
    withId.set(parseInteger(id, path, { min: 0, max: 0x7000_0000 }), specialToken(content));
  }
  const taken = new Set(ranks.ranks.values());
  for (const [id, { content }] of withId) {
    if (!taken.has(id) || ranks.ranks.get(content) === id) continue;
    throw new TokenizerFormatError(`The special token "${content}" has the id ${id} of a rank`);
  }
  return { withId, others: [...specials.named.values(), ...(specials.extra ?? [])] };
}

/** Ids between the last rank and the last declared token that nobody names are reserved. */
function reserveGaps(
  declared: ReadonlyMap<number, AddedToken>,
  ranks: ByteRanks,
): Map<number, AddedToken> {
  const withId = new Map(declared);
  const first = ranks.highest + 1;
  let last = -1;
  for (const id of declared.keys()) if (id > last) last = id;
  if (last - first > MAX_GAP) {
    throw new TokenizerFormatError(
      `The token ${last} is too far behind the last rank ${first - 1}`,
    );
  }
  for (let id = first; id < last; id++) {
    if (!withId.has(id)) withId.set(id, specialToken(`<|reserved_token_${id}|>`));
  }
  return withId;
}

function distinct(tokens: readonly AddedToken[]): readonly AddedToken[] {
  const byContent = new Map<string, AddedToken>();
  for (const token of tokens) {
    if (!byContent.has(token.content)) byContent.set(token.content, token);
  }
  return [...byContent.values()];
}

/** Tokens by rank, which must go from 0 without a hole, and fillers up to the configured count. */
function readTekkenSpecials(
  value: unknown,
  config: Readonly<Record<string, unknown>>,
): readonly string[] {
  const tokens: string[] = [];
  const list = optional(value, "tekken.json: special_tokens", parseArray) ?? OLD_SPECIALS;
  list.forEach((item, i) => {
    const at = `tekken.json: special_tokens[${i}]`;
    const fields = parseObject(item, at);
    const rank = parseInteger(fields["rank"], `${at}.rank`, { min: 0, max: list.length - 1 });
    if (tokens[rank] !== undefined) {
      throw new TokenizerFormatError(`${at}.rank ${rank} stands twice`);
    }
    tokens[rank] = parseString(fields["token_str"], `${at}.token_str`);
  });
  const count = optionalCount(
    config["default_num_special_tokens"],
    "config.default_num_special_tokens",
  );
  for (let i = tokens.length; i < (count ?? 0); i++) tokens.push(`<SPECIAL_${i}>`);
  return tokens;
}

function optionalCount(value: unknown, name: string): number | undefined {
  const parse = (item: unknown, path: string) =>
    parseInteger(item, path, { min: 0, max: 10_000_000 });
  return optional(value, `tekken.json: ${name}`, parse);
}

/** What files mean that were written before they listed their special tokens. */
const OLD_SPECIALS: readonly { readonly rank: number; readonly token_str: string }[] = [
  "<unk>",
  "<s>",
  "</s>",
  "[INST]",
  "[/INST]",
  "[AVAILABLE_TOOLS]",
  "[/AVAILABLE_TOOLS]",
  "[TOOL_RESULTS]",
  "[/TOOL_RESULTS]",
  "[TOOL_CALLS]",
  "[IMG]",
  "<pad>",
  "[IMG_BREAK]",
  "[IMG_END]",
  "[PREFIX]",
  "[MIDDLE]",
  "[SUFFIX]",
  "[SYSTEM_PROMPT]",
  "[/SYSTEM_PROMPT]",
  "[TOOL_CONTENT]",
].map((token_str, rank) => ({ rank, token_str }));
