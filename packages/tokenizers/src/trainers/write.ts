import { isObject, type JsonObject } from "@bearhug/core";
import type { AddedToken } from "../added-tokens.ts";
import type { BpeResult } from "./bpe/train-bpe.ts";
import { SpecialTokenMissingError } from "./errors.ts";
import type { TrainBpeOptions, TrainWordLevelOptions, TrainWordPieceOptions } from "./options.ts";
import type { UnigramResult } from "./unigram/finalize.ts";

/** A trained model: its tokens by id, and its fields in the reference's order, each as JSON text. */
export interface ModelFields {
  readonly tokens: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
}

export function bpeModel(
  { tokens, merges }: BpeResult,
  options: TrainBpeOptions,
  before: JsonObject,
): ModelFields {
  const kept = (name: string, otherwise: unknown) => json(before[name] ?? otherwise);
  return {
    tokens,
    fields: {
      type: json("BPE"),
      dropout: kept("dropout", null),
      unk_token: json(options.unkToken ?? before["unk_token"] ?? null),
      continuing_subword_prefix: json(options.continuingSubwordPrefix ?? null),
      end_of_word_suffix: json(options.endOfWordSuffix ?? null),
      fuse_unk: kept("fuse_unk", false),
      byte_fallback: kept("byte_fallback", false),
      ignore_merges: kept("ignore_merges", false),
      vocab: vocabulary(tokens),
      merges: json(merges),
    },
  };
}

export function wordPieceModel(
  { tokens }: BpeResult,
  options: TrainWordPieceOptions,
  before: JsonObject,
): ModelFields {
  return {
    tokens,
    fields: {
      type: json("WordPiece"),
      unk_token: json(options.unkToken ?? before["unk_token"] ?? "[UNK]"),
      continuing_subword_prefix: json(options.continuingSubwordPrefix ?? ""),
      max_input_chars_per_word: json(before["max_input_chars_per_word"] ?? 100),
      vocab: vocabulary(tokens),
    },
  };
}

export function wordLevelModel(
  tokens: readonly string[],
  options: TrainWordLevelOptions,
  before: JsonObject,
): ModelFields {
  return {
    tokens,
    fields: {
      type: json("WordLevel"),
      vocab: vocabulary(tokens),
      unk_token: json(options.unkToken ?? before["unk_token"] ?? "<unk>"),
    },
  };
}

export function unigramModel({ pieces, unkId }: UnigramResult): ModelFields {
  return {
    tokens: pieces.map(([piece]) => piece),
    fields: {
      type: json("Unigram"),
      unk_id: json(unkId ?? null),
      vocab: json(pieces),
      byte_fallback: json(false),
    },
  };
}

/**
 * Puts a model into a tokenizer.json. Special tokens join the added ones, and ids in templates and in the padding
 * are looked up anew.
 *
 * @throws {SpecialTokenMissingError} when one of these tokens is not in the vocabulary.
 */
export function writeTokenizer(
  base: JsonObject,
  model: ModelFields,
  specials: readonly AddedToken[],
): string {
  const added = addTokens(base["added_tokens"], model.tokens, specials);
  const ids = new Map(model.tokens.map((token, id) => [token, id]));
  for (const token of added) ids.set(token.content, token.id);
  const fields: Readonly<Record<string, string>> = {
    version: json("1.0"),
    truncation: json(base["truncation"] ?? null),
    padding: json(updatePadding(base["padding"] ?? null, ids)),
    added_tokens: json(added),
    normalizer: json(base["normalizer"] ?? null),
    pre_tokenizer: json(base["pre_tokenizer"] ?? null),
    post_processor: json(updateIds(base["post_processor"] ?? null, ids, "post_processor")),
    decoder: json(base["decoder"] ?? null),
    model: object(model.fields),
  };
  return object(fields);
}

interface WrittenToken {
  readonly id: number;
  readonly content: string;
}

/** Added tokens by id: those the model knows have its ids, the others the next free ones. */
function addTokens(
  before: unknown,
  tokens: readonly string[],
  specials: readonly AddedToken[],
): readonly WrittenToken[] {
  const list = [...(Array.isArray(before) ? before : []), ...specials.map(toFile)];
  const byContent = new Map<string, JsonObject & { readonly content: string }>();
  for (const token of list) byContent.set(token.content, token);
  const known = new Map(tokens.map((token, id) => [token, id]));
  let next = tokens.length;
  return [...byContent.values()]
    .map((token) => ({ ...token, id: known.get(token.content) ?? next++ }))
    .sort((a, b) => a.id - b.id);
}

function toFile(token: AddedToken): JsonObject {
  return {
    id: 0,
    content: token.content,
    single_word: token.singleWord,
    lstrip: token.lstrip,
    rstrip: token.rstrip,
    normalized: token.normalized,
    special: true,
  };
}

type Ids = ReadonlyMap<string, number>;

function idOf(ids: Ids, token: unknown, path: string): number {
  const id = ids.get(String(token));
  if (id === undefined) throw new SpecialTokenMissingError(path, String(token));
  return id;
}

function updatePadding(padding: unknown, ids: Ids): unknown {
  if (!isObject(padding)) return padding;
  return { ...padding, pad_id: idOf(ids, padding["pad_token"], "padding.pad_token") };
}

/** The shapes in which post-processors name ids: `[token, id]`, and `{ids, tokens}` of templates. */
function updateIds(value: unknown, ids: Ids, path: string): unknown {
  if (!isObject(value)) return value;
  const pair = (name: string) => {
    const [token] = value[name] as readonly unknown[]; // checked when the base was parsed
    return [token, idOf(ids, token, `${path}.${name}`)];
  };
  switch (value["type"]) {
    case "BertProcessing":
    case "RobertaProcessing":
      return { ...value, sep: pair("sep"), cls: pair("cls") };
    case "TemplateProcessing":
      return { ...value, special_tokens: updateTemplate(value["special_tokens"], ids, path) };
    case "Sequence": {
      const { processors } = value;
      if (!Array.isArray(processors)) return value;
      const update = (item: unknown, i: number) => updateIds(item, ids, `${path}.processors[${i}]`);
      return { ...value, processors: processors.map(update) };
    }
    default:
      return value;
  }
}

function updateTemplate(specials: unknown, ids: Ids, path: string): unknown {
  if (!isObject(specials)) return specials;
  const entries = Object.entries(specials).map(([name, item]) => {
    if (!isObject(item) || !Array.isArray(item["tokens"])) return [name, item];
    const { tokens } = item;
    return [name, { ...item, ids: tokens.map((token) => idOf(ids, token, path)) }];
  });
  return Object.fromEntries(entries);
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function object(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `${json(name)}:${value}`)
    .join(",")}}`;
}

/** In order of ids, which an object would not keep: names that look like numbers come first there. */
function vocabulary(tokens: readonly string[]): string {
  const last = new Map(tokens.map((token, id) => [token, id]));
  const entries = tokens.map((token, id) => (last.get(token) === id ? `${json(token)}:${id}` : ""));
  return `{${entries.filter((entry) => entry !== "").join(",")}}`;
}
