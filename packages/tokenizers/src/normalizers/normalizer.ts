import {
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseObject,
  parseString,
} from "@bearhug/core";
import type { AlignedText } from "../aligned-text.ts";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { createMatcher, type PatternDefinition, parsePattern } from "../regex/pattern.ts";
import { toByteCharacters } from "../unicode/byte-alphabet.ts";
import { type NormalForm, normalize } from "../unicode/normal-forms.ts";
import { bertNormalize } from "./bert.ts";
import { type CharsMap, createPrecompiled, parseCharsMap } from "./precompiled.ts";
import { nmt, prepend, replaceMatches, strip, stripAccents, toLowerCase } from "./text.ts";

/** A `normalizer` of tokenizer.json. */
export type NormalizerDefinition =
  | { readonly type: "Sequence"; readonly normalizers: readonly NormalizerDefinition[] }
  | {
      readonly type: "BertNormalizer";
      readonly cleanText: boolean;
      readonly handleChineseChars: boolean;
      /** `undefined` follows `lowercase`. */
      readonly stripAccents: boolean | undefined;
      readonly lowercase: boolean;
    }
  | { readonly type: NormalForm }
  | { readonly type: "Lowercase" | "StripAccents" | "Nmt" | "ByteLevel" }
  | { readonly type: "Strip"; readonly stripLeft: boolean; readonly stripRight: boolean }
  | {
      readonly type: "Replace";
      readonly pattern: PatternDefinition;
      readonly content: string;
    }
  | { readonly type: "Precompiled"; readonly charsMap: CharsMap }
  | { readonly type: "Prepend"; readonly prepend: string };

/** Rewrites one piece of text between added tokens. */
export type Normalizer = (text: AlignedText) => AlignedText;

export function createNormalizer(definition: NormalizerDefinition | undefined): Normalizer {
  if (!definition) return (text) => text;
  switch (definition.type) {
    case "Sequence": {
      const steps = definition.normalizers.map(createNormalizer);
      return (text) => steps.reduce((result, step) => step(result), text);
    }
    case "BertNormalizer":
      return (text) => bertNormalize(text, definition);
    case "Lowercase":
      return toLowerCase;
    case "StripAccents":
      return stripAccents;
    case "Strip":
      return (text) => strip(text, definition);
    case "Nmt":
      return nmt;
    case "ByteLevel":
      return toByteCharacters;
    case "Precompiled":
      return createPrecompiled(definition.charsMap);
    case "Replace": {
      const match = createMatcher(definition.pattern);
      return (text) => replaceMatches(text, match(text.text), definition.content);
    }
    case "Prepend":
      return (text) => prepend(text, definition.prepend);
    default:
      return (text) => normalize(text, definition.type);
  }
}

export function parseNormalizer(value: unknown, path: string): NormalizerDefinition {
  const fields = parseObject(value, path);
  const type = optional(fields["type"], `${path}.type`, parseString) ?? guessType(fields, path);
  const flag = (name: string) => parseBoolean(fields[name], `${path}.${name}`);
  const text = (name: string) => parseString(fields[name], `${path}.${name}`);
  switch (type) {
    case "Sequence": {
      const list = parseArray(fields["normalizers"], `${path}.normalizers`);
      const normalizers = list.map((item, i) => parseNormalizer(item, `${path}.normalizers[${i}]`));
      return { type, normalizers };
    }
    case "Bert":
    case "BertNormalizer":
      return {
        type: "BertNormalizer",
        cleanText: flag("clean_text"),
        handleChineseChars: flag("handle_chinese_chars"),
        stripAccents: optional(fields["strip_accents"], `${path}.strip_accents`, parseBoolean),
        lowercase: flag("lowercase"),
      };
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
    case "Lowercase":
    case "StripAccents":
    case "Nmt":
    case "ByteLevel":
      return { type };
    case "Strip":
      return { type, stripLeft: flag("strip_left"), stripRight: flag("strip_right") };
    case "Replace":
      return {
        type,
        pattern: parsePattern(fields["pattern"], `${path}.pattern`),
        content: text("content"),
      };
    case "Prepend":
      return { type, prepend: text("prepend") };
    case "Precompiled": {
      const at = `${path}.precompiled_charsmap`;
      return { type, charsMap: parseCharsMap(text("precompiled_charsmap"), at) };
    }
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

/** Old files leave the type out; the fields tell which normalizer is meant. */
function guessType(fields: JsonObject, path: string): string {
  const found = Object.entries(FIELDS).find(([, names]) => names.every((name) => name in fields));
  if (found) return found[0];
  throw new TokenizerFormatError(`${path}.type is missing and the fields fit no normalizer`);
}

const FIELDS: { readonly [type: string]: readonly string[] } = {
  BertNormalizer: ["clean_text", "handle_chinese_chars", "lowercase"],
  Strip: ["strip_left", "strip_right"],
  Sequence: ["normalizers"],
  Precompiled: ["precompiled_charsmap"],
  Replace: ["pattern", "content"],
  Prepend: ["prepend"],
};
