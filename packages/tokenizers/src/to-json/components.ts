import { type JsonObject, toBase64 } from "@bearhug/core";
import type { DecoderDefinition } from "../decoders/decoder.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { CharsMap } from "../normalizers/precompiled.ts";
import type { PaddingOptions } from "../padding.ts";
import {
  type PostProcessor,
  sourceOf,
  type TemplatePiece,
} from "../post-processors/post-processor.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { PatternDefinition } from "../regex/pattern.ts";
import type { TruncationOptions, TruncationStrategy } from "../truncation.ts";

/** Definitions of components as tokenizer.json has them. */

export function normalizerToJson(definition: NormalizerDefinition): JsonObject {
  switch (definition.type) {
    case "Sequence":
      return { type: "Sequence", normalizers: definition.normalizers.map(normalizerToJson) };
    case "BertNormalizer":
      return {
        type: "BertNormalizer",
        clean_text: definition.cleanText,
        handle_chinese_chars: definition.handleChineseChars,
        strip_accents: definition.stripAccents ?? null,
        lowercase: definition.lowercase,
      };
    case "Strip":
      return {
        type: "Strip",
        strip_left: definition.stripLeft,
        strip_right: definition.stripRight,
      };
    case "Replace":
      return { type: "Replace", ...replaceToJson(definition) };
    case "Precompiled":
      return { type: "Precompiled", precompiled_charsmap: charsMapToBase64(definition.charsMap) };
    default:
      return definition;
  }
}

function replaceToJson({
  pattern,
  content,
}: {
  readonly pattern: PatternDefinition;
  readonly content: string;
}): JsonObject {
  return { pattern: patternToJson(pattern), content };
}

function patternToJson({ type, source }: PatternDefinition): JsonObject {
  return { [type]: source };
}

/** The bytes of the trie, little-endian, behind their number; then the replacements. */
function charsMapToBase64({ units, replacements }: CharsMap): string {
  const bytes = new Uint8Array(4 + 4 * units.length + replacements.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 4 * units.length, true);
  units.forEach((unit, i) => {
    view.setUint32(4 + 4 * i, unit, true);
  });
  bytes.set(replacements, 4 + 4 * units.length);
  return toBase64(bytes);
}

export function preTokenizerToJson(definition: PreTokenizerDefinition): JsonObject {
  switch (definition.type) {
    case "Sequence":
      return { type: "Sequence", pretokenizers: definition.preTokenizers.map(preTokenizerToJson) };
    case "Digits":
      return { type: "Digits", individual_digits: definition.individualDigits };
    case "Split": {
      const { type, pattern, behavior, invert } = definition;
      return { type, pattern: patternToJson(pattern), behavior, invert };
    }
    case "Metaspace": {
      const { type, replacement, prependScheme, split } = definition;
      return { type, replacement, prepend_scheme: prependScheme, split };
    }
    case "ByteLevel":
      return byteLevel(definition.addPrefixSpace, true, definition.useRegex);
    default:
      return definition;
  }
}

function byteLevel(addPrefixSpace: boolean, trimOffsets: boolean, useRegex: boolean): JsonObject {
  return {
    type: "ByteLevel",
    add_prefix_space: addPrefixSpace,
    trim_offsets: trimOffsets,
    use_regex: useRegex,
  };
}

export function decoderToJson(definition: DecoderDefinition): JsonObject {
  switch (definition.type) {
    case "Sequence":
      return { type: "Sequence", decoders: definition.decoders.map(decoderToJson) };
    case "ByteLevel":
      return byteLevel(true, true, true);
    case "CTC":
      return {
        type: "CTC",
        pad_token: definition.padToken,
        word_delimiter_token: definition.wordDelimiterToken,
        cleanup: definition.cleanup,
      };
    case "Replace":
      return { type: "Replace", ...replaceToJson(definition) };
    case "Metaspace":
      return {
        type: "Metaspace",
        replacement: definition.replacement,
        prepend_scheme: definition.keepsFirst ? "never" : "always",
        split: true,
      };
    default:
      return definition;
  }
}

/** As it was read; one that was made here becomes templates, with the trimming of offsets before them. */
export function postProcessorToJson(processor: PostProcessor): JsonObject {
  const source = sourceOf(processor);
  if (source) return source;
  const roberta = processor.typesOverflow && robertaToJson(processor);
  if (roberta) return roberta;
  const trims = processor.trims.map((trim) => byteLevel(trim.addPrefixSpace, true, true));
  const template = templateToJson(processor);
  return trims.length === 0 ? template : { type: "Sequence", processors: [...trims, template] };
}

/** No template gives type ids to what overflows, which only matters where they are not those of the sequences. */
function robertaToJson({ single, trims }: PostProcessor): JsonObject | undefined {
  const [cls, , sep] = single;
  if (cls?.type !== "special" || sep?.type !== "special" || trims.length > 1) return undefined;
  return {
    type: "RobertaProcessing",
    sep: [sep.token, sep.id],
    cls: [cls.token, cls.id],
    trim_offsets: trims.length > 0,
    add_prefix_space: trims[0]?.addPrefixSpace ?? true,
  };
}

function templateToJson({ single, pair }: PostProcessor): JsonObject {
  const names = new Map<string, JsonObject>();
  const write = (piece: TemplatePiece): JsonObject => {
    if (piece.type === "sequence") {
      return { Sequence: { id: piece.sequence === 0 ? "A" : "B", type_id: piece.typeId } };
    }
    const { token, id } = piece;
    // The same token may stand there with several ids.
    const known = names.get(token);
    const name = known && (known["ids"] as number[])[0] !== id ? `${token}:${id}` : token; // made below
    names.set(name, { id: name, ids: [id], tokens: [token] });
    return { SpecialToken: { id: name, type_id: piece.typeId } };
  };
  const written = { single: single.map(write), pair: pair.map(write) };
  return {
    type: "TemplateProcessing",
    ...written,
    special_tokens: Object.fromEntries(names),
  };
}

const STRATEGIES: { readonly [name in TruncationStrategy]: string } = {
  "longest-first": "LongestFirst",
  "only-first": "OnlyFirst",
  "only-second": "OnlySecond",
};

export function truncationToJson(options: TruncationOptions): JsonObject {
  return {
    direction: options.direction === "left" ? "Left" : "Right",
    max_length: options.maxLength,
    strategy: STRATEGIES[options.strategy ?? "longest-first"],
    stride: options.stride ?? 0,
  };
}

export function paddingToJson(options: PaddingOptions): JsonObject {
  const { length = "longest" } = options;
  return {
    strategy: length === "longest" ? "BatchLongest" : { Fixed: length },
    direction: options.direction === "left" ? "Left" : "Right",
    pad_to_multiple_of: options.multipleOf ?? null,
    pad_id: options.id ?? 0,
    pad_type_id: options.typeId ?? 0,
    pad_token: options.token ?? "[PAD]",
  };
}
