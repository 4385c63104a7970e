import type { AddedTokenWithId } from "../added-tokens.ts";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import type { ModelDefinition } from "../models/model.ts";
import type { UnigramDefinition } from "../models/unigram.ts";
import type { Vocabulary } from "../models/vocabulary.ts";
import type { TokenizerDefinition } from "../schema.ts";
import {
  decoderToJson,
  normalizerToJson,
  paddingToJson,
  postProcessorToJson,
  preTokenizerToJson,
  truncationToJson,
} from "./components.ts";

/**
 * The text of a tokenizer.json, fields in the order of the reference, which loads it.
 *
 * @param addedTokens in order of their ids.
 */
export function writeTokenizerJson(
  definition: TokenizerDefinition,
  addedTokens: readonly AddedTokenWithId[],
): string {
  return object({
    version: json("1.0"),
    truncation: optionalJson(definition.truncation, truncationToJson),
    padding: optionalJson(definition.padding, paddingToJson),
    added_tokens: json(addedTokens.map(addedTokenToJson)),
    normalizer: optionalJson(definition.normalizer, normalizerToJson),
    pre_tokenizer: optionalJson(definition.preTokenizer, preTokenizerToJson),
    post_processor: optionalJson(definition.postProcessor, postProcessorToJson),
    decoder: optionalJson(definition.decoder, decoderToJson),
    model: modelToJson(definition.model),
  });
}

function addedTokenToJson(token: AddedTokenWithId): object {
  return {
    id: token.id,
    content: token.content,
    single_word: token.singleWord,
    lstrip: token.lstrip,
    rstrip: token.rstrip,
    normalized: token.normalized,
    special: token.special,
  };
}

function modelToJson(model: ModelDefinition): string {
  switch (model.type) {
    case "BPE":
      return bpeToJson(model);
    case "WordPiece":
      return object({
        type: json("WordPiece"),
        unk_token: json(model.unkToken),
        continuing_subword_prefix: json(model.continuingSubwordPrefix),
        max_input_chars_per_word: json(model.maxInputCharsPerWord),
        vocab: vocabularyToJson(model.vocabulary),
      });
    case "WordLevel":
      return object({
        type: json("WordLevel"),
        vocab: vocabularyToJson(model.vocabulary),
        unk_token: json(model.unkToken),
      });
    case "Unigram":
      return unigramToJson(model);
  }
}

function bpeToJson(model: BpeDefinition): string {
  return object({
    type: json("BPE"),
    dropout: json(model.dropout ?? null),
    unk_token: json(model.unkToken ?? null),
    continuing_subword_prefix: json(model.continuingSubwordPrefix || null),
    end_of_word_suffix: json(model.endOfWordSuffix || null),
    fuse_unk: json(model.fuseUnk),
    byte_fallback: json(model.byteFallback ?? false),
    ignore_merges: json(model.ignoreMerges),
    vocab: vocabularyToJson(model.vocabulary),
    merges: json([...model.merges.pairs(model.vocabulary)]),
  });
}

function unigramToJson({ vocabulary, scores, unkId, byteFallback }: UnigramDefinition): string {
  const pieces = Array.from(scores, (score, id) => [vocabulary.token(id), score]);
  return object({
    type: json("Unigram"),
    unk_id: json(unkId ?? null),
    vocab: json(pieces),
    byte_fallback: json(byteFallback),
  });
}

/** In order of ids, which an object would not keep: names that look like numbers come first there. */
function vocabularyToJson(vocabulary: Vocabulary): string {
  const entries = [...vocabulary.entries()].sort((a, b) => a[1] - b[1]);
  return `{${entries.map(([token, id]) => `${json(token)}:${id}`).join(",")}}`;
}

function optionalJson<T>(value: T | undefined, toJson: (value: T) => object): string {
  return value === undefined ? "null" : json(toJson(value));
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function object(fields: Readonly<Record<string, string>>): string {
  const written = Object.entries(fields).map(([name, value]) => `${json(name)}:${value}`);
  return `{${written.join(",")}}`;
}
