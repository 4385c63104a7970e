import { parseJson } from "@bearhug/core";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { Merges } from "../models/bpe/merges.ts";
import { parseVocabulary } from "../models/vocabulary.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { assemble } from "./assemble.ts";
import { MERGES_CLASSES } from "./byte-level-classes.ts";
import { ClassConfig, type ConversionOptions, classOf, converting } from "./conversion-options.ts";
import { readSpecialTokens } from "./special-tokens.ts";

/** The texts of two files that belong together. */
export interface VocabAndMerges {
  /** vocab.json: tokens and their ids. */
  readonly vocab: string;
  /** merges.txt: a pair of tokens a line, the best first. */
  readonly merges: string;
}

/**
 * A BPE vocabulary of GPT-2, RoBERTa, BART, Qwen2, CLIP and other classes; without a class, GPT-2's pipeline.
 *
 * Source: transformers 5, the class's own `__init__`; ids, tokens and offsets are the same
 * (fixtures/tokenizers/formats).
 *
 * @throws {TokenizerFormatError} naming the line of merges.txt or the field of vocab.json that is wrong.
 * @throws {UnsupportedComponentError} for a class that is not known.
 *
 * @example
 * const definition = fromVocabAndMerges({ vocab, merges }, { tokenizerClass: "RobertaTokenizer" });
 * const tokenizer = new Tokenizer(definition);
 */
export function fromVocabAndMerges(
  files: VocabAndMerges,
  options: ConversionOptions = {},
): TokenizerDefinition {
  return converting(() => {
    const config = new ClassConfig(options.config);
    const name = classOf(options) ?? "GPT2Tokenizer";
    const ofClass = MERGES_CLASSES.get(name);
    if (!ofClass) throw new UnsupportedComponentError("tokenizer_config.tokenizer_class", name);
    const specials = readSpecialTokens(config.fields, ofClass.specials);
    const vocabulary = parseVocabulary(parseJson(files.vocab, "vocab.json"), "vocab.json");
    const pairs = readMerges(files.merges);
    return assemble(
      {
        file: "vocab.json",
        specials,
        rows: ofClass.rows?.(config),
        model: {
          type: "BPE",
          vocabulary,
          merges: Merges.fromPairs(pairs, vocabulary),
          unkToken: ofClass.hasUnknown ? specials.named.get("unk")?.content : undefined,
          continuingSubwordPrefix: "",
          endOfWordSuffix: ofClass.endOfWordSuffix ?? "",
          fuseUnk: false,
          ignoreMerges: false,
        },
        normalizer: ofClass.normalizer,
        preTokenizer: ofClass.preTokenizer(config),
        decoder: ofClass.decoder,
      },
      config,
    );
  });
}

/** Lines of two tokens with a space between them; a line "#version…" is a comment. */
export function readMerges(text: string): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const content = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (content === "" || content.startsWith("#version")) continue;
    const [left, right, ...others] = content.split(" ");
    if (!left || !right || others.length > 0) {
      throw new TokenizerFormatError(`merges.txt, line ${i + 1} must be two tokens`);
    }
    pairs.push([left, right]);
  }
  return pairs;
}
