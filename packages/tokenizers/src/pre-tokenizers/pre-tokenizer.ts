import {
  optional,
  parseArray,
  parseBoolean,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import { type AlignedText, prependIfMissing } from "../aligned-text.ts";
import { UnsupportedComponentError } from "../errors.ts";
import { parseStringPattern } from "../normalizers/normalizer.ts";
import { replaceAll } from "../normalizers/text.ts";
import { byteLevelPreTokenize } from "./byte-level.ts";
import {
  matchDigits,
  matchPunctuation,
  matchString,
  matchWhitespace,
  matchWords,
} from "./matchers.ts";
import { SPLIT_BEHAVIORS, type SplitBehavior, split } from "./split.ts";

/** A `pre_tokenizer` of tokenizer.json. */
export type PreTokenizerDefinition =
  | { readonly type: "Sequence"; readonly preTokenizers: readonly PreTokenizerDefinition[] }
  | { readonly type: "BertPreTokenizer" | "Whitespace" | "WhitespaceSplit" }
  | { readonly type: "Punctuation"; readonly behavior: SplitBehavior }
  | { readonly type: "Digits"; readonly individualDigits: boolean }
  | {
      readonly type: "Split";
      readonly pattern: string;
      readonly behavior: SplitBehavior;
      readonly invert: boolean;
    }
  | { readonly type: "CharDelimiterSplit"; readonly delimiter: string }
  | {
      readonly type: "Metaspace";
      readonly replacement: string;
      readonly prependScheme: "always" | "first" | "never";
      readonly split: boolean;
    }
  | { readonly type: "ByteLevel"; readonly addPrefixSpace: boolean; readonly useRegex: boolean };

/** Cuts one piece of normalized text into words; may also rewrite them. */
export type PreTokenizer = (text: AlignedText) => AlignedText[];

export function createPreTokenizer(definition: PreTokenizerDefinition | undefined): PreTokenizer {
  if (!definition) return (text) => [text];
  switch (definition.type) {
    case "Sequence": {
      const steps = definition.preTokenizers.map(createPreTokenizer);
      return (text) => steps.reduce((pieces, step) => pieces.flatMap(step), [text]);
    }
    case "BertPreTokenizer":
      return (text) =>
        split(text, matchWhitespace(text.text), { behavior: "Removed" }).flatMap((word) =>
          split(word, matchPunctuation(word.text), { behavior: "Isolated" }),
        );
    case "Whitespace":
      return (text) => split(text, matchWords(text.text), { behavior: "Removed", invert: true });
    case "WhitespaceSplit":
      return (text) => split(text, matchWhitespace(text.text), { behavior: "Removed" });
    case "Punctuation":
      return (text) => split(text, matchPunctuation(text.text), definition);
    case "Digits": {
      const behavior = definition.individualDigits ? "Isolated" : "Contiguous";
      return (text) => split(text, matchDigits(text.text), { behavior });
    }
    case "Split":
      return (text) => split(text, matchString(text.text, definition.pattern), definition);
    case "CharDelimiterSplit":
      return (text) =>
        split(text, matchString(text.text, definition.delimiter), { behavior: "Removed" });
    case "Metaspace":
      return (text) => metaspace(text, definition);
    case "ByteLevel":
      return (text) => byteLevelPreTokenize(text, definition);
  }
}

function metaspace(
  text: AlignedText,
  options: Extract<PreTokenizerDefinition, { type: "Metaspace" }>,
): AlignedText[] {
  const { replacement, prependScheme } = options;
  let marked = replaceAll(text, " ", replacement);
  const prepends =
    prependScheme === "always" || (prependScheme === "first" && text.starts[0] === 0);
  if (prepends) marked = prependIfMissing(marked, replacement);
  if (!options.split) return [marked];
  return split(marked, matchString(marked.text, replacement), { behavior: "MergedWithNext" });
}

export function parsePreTokenizer(value: unknown, path: string): PreTokenizerDefinition {
  const fields = parseObject(value, path);
  const type = parseString(fields["type"], `${path}.type`);
  const flag = (name: string) => parseBoolean(fields[name], `${path}.${name}`);
  const behavior = () => parseOneOf(fields["behavior"], `${path}.behavior`, SPLIT_BEHAVIORS);
  switch (type) {
    case "Sequence": {
      const list = parseArray(fields["pretokenizers"], `${path}.pretokenizers`);
      const parse = (item: unknown, i: number) =>
        parsePreTokenizer(item, `${path}.pretokenizers[${i}]`);
      return { type, preTokenizers: list.map(parse) };
    }
    case "BertPreTokenizer":
    case "Whitespace":
    case "WhitespaceSplit":
      return { type };
    case "Punctuation":
      return { type, behavior: fields["behavior"] === undefined ? "Isolated" : behavior() };
    case "Digits":
      return { type, individualDigits: flag("individual_digits") };
    case "Split": {
      const pattern = parseStringPattern(fields["pattern"], `${path}.pattern`);
      return { type, pattern, behavior: behavior(), invert: flag("invert") };
    }
    case "CharDelimiterSplit":
      return { type, delimiter: parseString(fields["delimiter"], `${path}.delimiter`) };
    case "Metaspace":
      return parseMetaspace(fields, path);
    case "ByteLevel":
      return {
        type,
        addPrefixSpace: flag("add_prefix_space"),
        useRegex: optional(fields["use_regex"], `${path}.use_regex`, parseBoolean) ?? true,
      };
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

function parseMetaspace(
  fields: Readonly<Record<string, unknown>>,
  path: string,
): PreTokenizerDefinition {
  const scheme = (value: unknown, at: string) => parseOneOf(value, at, PREPEND_SCHEMES);
  // Older files say add_prefix_space: false where newer ones say "never".
  const legacy = fields["add_prefix_space"] === false ? "never" : "always";
  return {
    type: "Metaspace",
    replacement: parseString(fields["replacement"], `${path}.replacement`),
    prependScheme: optional(fields["prepend_scheme"], `${path}.prepend_scheme`, scheme) ?? legacy,
    split: optional(fields["split"], `${path}.split`, parseBoolean) ?? true,
  };
}

const PREPEND_SCHEMES = ["always", "first", "never"] as const;
