import { toBase64 } from "@bearhug/core";
import { UnsupportedComponentError } from "../errors.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import { parseCharsMap } from "../normalizers/precompiled.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { assemble, choosesBeginAndEnd } from "./assemble.ts";
import { ClassConfig, type ConversionOptions, classOf, converting } from "./conversion-options.ts";
import { generalClass, libraryClass } from "./sentencepiece-bare.ts";
import { SENTENCEPIECE_CLASSES } from "./sentencepiece-classes.ts";
import { parseSentencePiece, type SentencePieceModel } from "./sentencepiece-model.ts";
import { controlTokens, type SentencePieceClass } from "./sentencepiece-parts.ts";
import { readSpecialTokens } from "./special-tokens.ts";

/** Classes that transformers gives to models without one of their own. */
const GENERAL: ReadonlySet<string> = new Set(["TokenizersBackend", "PreTrainedTokenizer"]);

/**
 * A SentencePiece model, unigram or BPE. With a class (Llama, T5, XLM-RoBERTa, ALBERT, XLNet, CamemBERT, mBART, NLLB,
 * Gemma, Pegasus, DeBERTa-v2 and their like), or with the general one "TokenizersBackend", text is cut as
 * transformers 5 does; without a class, as the SentencePiece library itself does.
 *
 * Source: transformers 5, the class's own `__init__`; sentencepiece 0.2 (fixtures/tokenizers/formats).
 *
 * @throws {TokenizerFormatError} naming the field of the model or of the config that is wrong.
 * @throws {UnsupportedComponentError} for an unknown class, word and character models, and white space as suffix.
 *
 * @example
 * const model = new Uint8Array(await readFile("tokenizer.model"));
 * const tokenizer = new Tokenizer(fromSentencePiece(model, { tokenizerClass: "LlamaTokenizer" }));
 */
export function fromSentencePiece(
  model: Uint8Array,
  options: ConversionOptions = {},
): TokenizerDefinition {
  return converting(() => {
    const parsed = parseSentencePiece(model);
    const ofClass = chooseClass(classOf(options), parsed);
    const config = new ClassConfig(options.config);
    const specials = readSpecialTokens(config.fields, ofClass.specials);
    const parts = ofClass.build({ model: parsed, config, specials, charsMap: charsMapOf(parsed) });
    const { extra, rows, yieldsRows, addsBos, ...stages } = parts;
    const isYielded = yieldsRows && choosesBeginAndEnd(config);
    return assemble(
      {
        ...stages,
        file: "The model",
        specials,
        extra: extra ?? controlTokens(parsed.pieces),
        rows: isYielded ? undefined : rows,
      },
      addsBos ? new ClassConfig({ add_bos_token: true, ...config.fields }) : config,
    );
  });
}

function chooseClass(name: string | undefined, model: SentencePieceModel): SentencePieceClass {
  if (name === undefined) return libraryClass(model);
  const found = GENERAL.has(name) ? generalClass(model) : SENTENCEPIECE_CLASSES.get(name);
  if (found) return found;
  throw new UnsupportedComponentError("tokenizer_config.tokenizer_class", name);
}

/** The model's `precompiled_charsmap`, as a normalizer. */
export function charsMapOf({
  precompiledCharsmap: bytes,
}: SentencePieceModel): NormalizerDefinition | undefined {
  if (bytes.length === 0) return undefined;
  const path = "model.normalizer_spec.precompiled_charsmap";
  return { type: "Precompiled", charsMap: parseCharsMap(toBase64(bytes), path) };
}
