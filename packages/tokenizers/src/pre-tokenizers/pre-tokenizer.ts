import {
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import { type AlignedText, prependIfMissing } from "../aligned-text.ts";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { replaceMatches } from "../normalizers/text.ts";
import {
  createMatcher,
  matchString,
  type PatternDefinition,
  parsePattern,
} from "../regex/pattern.ts";
import { byteLevelPreTokenize } from "./byte-level.ts";
import { matchDigits, matchPunctuation, matchWhitespace, matchWords } from "./matchers.ts";
import { SPLIT_BEHAVIORS, type SplitBehavior, split } from "./split.ts";
import { splitLengths, splitScripts } from "./unicode-scripts.ts";

/** A `pre_tokenizer` of tokenizer.json. */
export type PreTokenizerDefinition =
  | { readonly type: "Sequence"; readonly preTokenizers: readonly PreTokenizerDefinition[] }
  | { readonly type: "BertPreTokenizer" | "Whitespace" | "WhitespaceSplit" | "UnicodeScripts" }
  | { readonly type: "Punctuation"; readonly behavior: SplitBehavior }
  | { readonly type: "Digits"; readonly individualDigits: boolean }
  | {
      readonly type: "Split";
      readonly pattern: PatternDefinition;
      readonly behavior: SplitBehavior;
      readonly invert: boolean;
    }
  | { readonly type: "FixedLength"; readonly length: number }
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
    case "Split": {
      const match = createMatcher(definition.pattern);
      return (text) => split(text, match(text.text), definition);
    }
    case "UnicodeScripts":
      return splitScripts;
    case "FixedLength":
      return (text) => splitLengths(text, definition.length);
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
  let marked = replaceMatches(text, matchString(text.text, " "), replacement);
  const prepends = prependScheme === "always" || (prependScheme === "first" && text.origin === 0);
  if (prepends) marked = prependIfMissing(marked, replacement);
  if (!options.split) return [marked];
  return split(marked, matchString(marked.text, replacement), { behavior: "MergedWithNext" });
}

export function parsePreTokenizer(value: unknown, path: string): PreTokenizerDefinition {
  const fields = parseObject(value, path);
  const type = optional(fields["type"], `${path}.type`, parseString) ?? guessType(fields, path);
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
    case "UnicodeScripts":
      return { type };
    case "Punctuation":
      return { type, behavior: fields["behavior"] === undefined ? "Isolated" : behavior() };
    case "Digits":
      return { type, individualDigits: flag("individual_digits") };
    case "Split": {
      const pattern = parsePattern(fields["pattern"], `${path}.pattern`);
      return { type, pattern, behavior: behavior(), invert: flag("invert") };
    }
    case "CharDelimiterSplit": {
      const delimiter = parseCharacter(fields["delimiter"], `${path}.delimiter`);
      return { type: "CharDelimiterSplit", delimiter };
    }
    case "FixedLength": {
      const parse = (item: unknown, at: string) => parseInteger(item, at, { min: 1 });
      return { type, length: optional(fields["length"], `${path}.length`, parse) ?? 5 };
    }
    case "Metaspace":
      return { type, ...parseMetaspace(fields, path) };
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

/** Old files leave the type out; the fields tell which pre-tokenizer is meant. */
function guessType(fields: JsonObject, path: string): string {
  const found = Object.entries(FIELDS).find(([, names]) => names.every((name) => name in fields));
  if (found) return found[0];
  throw new TokenizerFormatError(`${path}.type is missing and the fields fit no pre-tokenizer`);
}

const FIELDS: { readonly [type: string]: readonly string[] } = {
  ByteLevel: ["add_prefix_space", "trim_offsets"],
  CharDelimiterSplit: ["delimiter"],
  Metaspace: ["replacement"],
  Sequence: ["pretokenizers"],
  Split: ["pattern", "behavior", "invert"],
  Digits: ["individual_digits"],
};

/** One character. */
export function parseCharacter(value: unknown, path: string): string {
  const text = parseString(value, path);
  if (Array.from(text).length === 1) return text;
  throw new TokenizerFormatError(`${path} must be one character, got ${JSON.stringify(text)}`);
}

/** Fields that the pre-tokenizer and the decoder share. */
export interface MetaspaceFields {
  readonly replacement: string;
  readonly prependScheme: "always" | "first" | "never";
  readonly split: boolean;
}

export function parseMetaspace(fields: JsonObject, path: string): MetaspaceFields {
  const scheme = (value: unknown, at: string) => parseOneOf(value, at, PREPEND_SCHEMES);
  const declared = optional(fields["prepend_scheme"], `${path}.prepend_scheme`, scheme);
  const prefix = optional(fields["add_prefix_space"], `${path}.add_prefix_space`, parseBoolean);
  if (prefix === false && declared !== undefined && declared !== "never") {
    throw new TokenizerFormatError(`${path}.add_prefix_space contradicts prepend_scheme`);
  }
  // Older files say add_prefix_space: false where newer ones say "never".
  return {
    replacement: parseCharacter(fields["replacement"], `${path}.replacement`),
    prependScheme: declared ?? (prefix === false ? "never" : "always"),
    split: optional(fields["split"], `${path}.split`, parseBoolean) ?? true,
  };
}

const PREPEND_SCHEMES = ["always", "first", "never"] as const;
