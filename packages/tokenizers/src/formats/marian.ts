import { parseJson } from "@bearhug/core";
import type { DecoderDefinition } from "../decoders/decoder.ts";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import type { UnigramDefinition } from "../models/unigram.ts";
import { parseVocabulary, Vocabulary } from "../models/vocabulary.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { assemble } from "./assemble.ts";
import { ClassConfig, type ConversionOptions, converting } from "./conversion-options.ts";
import { charsMapOf } from "./sentencepiece.ts";
import { libraryClass } from "./sentencepiece-bare.ts";
import { parseSentencePiece, type SentencePieceModel } from "./sentencepiece-model.ts";
import { readSpecialTokens, specialToken } from "./special-tokens.ts";

/** Files of a Marian translation model. */
export interface MarianFiles {
  /** source.spm to encode what is translated; target.spm to encode and decode the translation. */
  readonly model: Uint8Array;
  /** The text of vocab.json: ids of the pieces of both. */
  readonly vocab: string;
}

/**
 * One side of a Marian model: a SentencePiece unigram model whose ids are in vocab.json. Language codes such as
 * `>>fra<<` are tokens. A piece or language code that vocab.json lacks is not used: its text is cut into others, where
 * Python gives the unknown token.
 *
 * Source: transformers 5, `MarianTokenizer` (fixtures/tokenizers/formats).
 *
 * @throws {TokenizerFormatError} naming the field of the model or of vocab.json that is wrong.
 *
 * @example
 * const source = new Tokenizer(fromMarian({ model: sourceSpm, vocab }));
 * const target = new Tokenizer(fromMarian({ model: targetSpm, vocab }));
 * target.decode(await translate(source.encode(">>fra<< Hello").ids));
 */
export function fromMarian(
  { model: file, vocab }: MarianFiles,
  options: ConversionOptions = {},
): TokenizerDefinition {
  return converting(() => {
    const model = parseSentencePiece(file);
    if (model.algorithm !== "unigram") {
      throw new UnsupportedComponentError("model.trainer_spec.model_type", model.algorithm);
    }
    const ids = parseVocabulary(parseJson(vocab, "vocab.json"), "vocab.json");
    const config = new ClassConfig(options.config);
    const defaults = { eos: "</s>", unk: "<unk>", pad: "<pad>" };
    const specials = readSpecialTokens(config.fields, defaults);
    const unkToken = specials.named.get("unk")?.content ?? "<unk>";
    const named = [...specials.named.values()].map((token) => token.content);
    const codes = [...ids.entries()].flatMap(([token]) => (LANGUAGE.test(token) ? [token] : []));
    const source = { model, config, specials, charsMap: charsMapOf(model) };
    const { normalizer, preTokenizer, decoder } = libraryClass(model).build(source);
    return assemble(
      {
        file: "vocab.json",
        model: renumber(model, ids, { unkToken, others: [...named, ...codes] }),
        normalizer,
        preTokenizer,
        decoder: { type: "Sequence", decoders: [decoder, ...TRIM] },
        specials,
        extra: codes.map((code) => specialToken(code, { special: false })),
        rows: { single: "A eos", pair: "A B eos" },
      },
      config,
    );
  });
}

/** Spaces at the ends of what is decoded. */
const TRIM: readonly DecoderDefinition[] = [
  { type: "Fuse" },
  { type: "Strip", content: " ", start: 0x7fff_ffff, stop: 0x7fff_ffff },
];

const LANGUAGE = /^>>.+<<$/u;

interface Renumbering {
  readonly unkToken: string;
  /** Tokens of vocab.json that are no pieces. */
  readonly others: readonly string[];
}

/** The model's pieces under the ids of vocab.json. */
function renumber(
  { pieces }: SentencePieceModel,
  ids: Vocabulary,
  { unkToken, others }: Renumbering,
): UnigramDefinition {
  const unkId = ids.id(unkToken);
  if (unkId === undefined) throw new TokenizerFormatError(`vocab.json has no token "${unkToken}"`);
  const scoreOf = new Map(others.map((token) => [token, 0]));
  for (const { text, score } of pieces) scoreOf.set(text, score);
  const known = [...scoreOf].flatMap(([text, score]) => {
    const id = ids.id(text);
    return id === undefined ? [] : [{ text, score, id }];
  });
  const highest = known.reduce((most, { id }) => Math.max(most, id), unkId);
  if (highest > MAX_ID) throw new TokenizerFormatError(`vocab.json has the id ${highest}`);
  const scores = new Float64Array(highest + 1);
  for (const { id, score } of known) scores[id] = score;
  return {
    type: "Unigram",
    vocabulary: Vocabulary.from(known.map(({ text, id }) => [text, id])),
    scores,
    unkId,
    byteFallback: false,
  };
}

/** Ids are indices of an array of scores. */
const MAX_ID = 10_000_000;
