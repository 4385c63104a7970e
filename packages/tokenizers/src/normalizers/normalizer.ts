import {
  isObject,
  optional,
  parseArray,
  parseBoolean,
  parseObject,
  parseString,
} from "@bearhug/core";
import type { AlignedText } from "../aligned-text.ts";
import { UnsupportedComponentError } from "../errors.ts";
import { type NormalForm, normalize } from "../unicode/normal-forms.ts";
import { bertNormalize } from "./bert.ts";
import { prepend, replaceAll, strip, stripAccents, toLowerCase } from "./text.ts";

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
  | { readonly type: "Lowercase" }
  | { readonly type: "StripAccents" }
  | { readonly type: "Strip"; readonly stripLeft: boolean; readonly stripRight: boolean }
  | { readonly type: "Replace"; readonly pattern: string; readonly content: string }
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
    case "Replace":
      return (text) => replaceAll(text, definition.pattern, definition.content);
    case "Prepend":
      return (text) => prepend(text, definition.prepend);
    default:
      return (text) => normalize(text, definition.type);
  }
}

export function parseNormalizer(value: unknown, path: string): NormalizerDefinition {
  const fields = parseObject(value, path);
  const type = parseString(fields["type"], `${path}.type`);
  const flag = (name: string) => parseBoolean(fields[name], `${path}.${name}`);
  const text = (name: string) => parseString(fields[name], `${path}.${name}`);
  switch (type) {
    case "Sequence": {
      const list = parseArray(fields["normalizers"], `${path}.normalizers`);
      const normalizers = list.map((item, i) => parseNormalizer(item, `${path}.normalizers[${i}]`));
      return { type, normalizers };
    }
    case "BertNormalizer":
      return {
        type,
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
      return { type };
    case "Strip":
      return { type, stripLeft: flag("strip_left"), stripRight: flag("strip_right") };
    case "Replace":
      return {
        type,
        pattern: parseStringPattern(fields["pattern"], `${path}.pattern`),
        content: text("content"),
      };
    case "Prepend":
      return { type, prepend: text("prepend") };
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

/** `{"String": s}`; regular expressions come with their own dialect and are refused. */
export function parseStringPattern(value: unknown, path: string): string {
  if (isObject(value) && "Regex" in value) {
    throw new UnsupportedComponentError(path, `Regex ${JSON.stringify(value["Regex"])}`);
  }
  return parseString(parseObject(value, path)["String"], `${path}.String`);
}
