import {
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseObject,
  parseString,
} from "@bearhug/core";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { parseCharacter, parseMetaspace } from "../pre-tokenizers/pre-tokenizer.ts";
import { createMatcher, type PatternDefinition, parsePattern } from "../regex/pattern.ts";
import { decodeBytes, decodeFallback } from "./bytes.ts";

/** A `decoder` of tokenizer.json. */
export type DecoderDefinition =
  | { readonly type: "Sequence"; readonly decoders: readonly DecoderDefinition[] }
  | { readonly type: "WordPiece"; readonly prefix: string; readonly cleanup: boolean }
  | { readonly type: "ByteLevel" | "ByteFallback" | "Fuse" }
  | { readonly type: "BPEDecoder"; readonly suffix: string }
  | {
      readonly type: "CTC";
      readonly padToken: string;
      readonly wordDelimiterToken: string;
      readonly cleanup: boolean;
    }
  | {
      readonly type: "Replace";
      readonly pattern: PatternDefinition;
      readonly content: string;
    }
  | {
      readonly type: "Strip";
      readonly content: string;
      readonly start: number;
      readonly stop: number;
    }
  | {
      readonly type: "Metaspace";
      readonly replacement: string;
      readonly keepsFirst: boolean;
    };

/** Turns token strings into stretches of text, which are joined without a separator. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

export function createDecoder(definition: DecoderDefinition | undefined): Decoder {
  if (!definition) return (tokens) => [tokens.join(" ")];
  switch (definition.type) {
    case "Sequence": {
      const steps = definition.decoders.map(createDecoder);
      return (tokens) => steps.reduce((result, step) => step(result), tokens);
    }
    case "WordPiece":
      return (tokens) => tokens.map((token, i) => wordPiece(token, i, definition));
    case "ByteLevel":
      return (tokens) => [decodeBytes(tokens)];
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "BPEDecoder":
      return (tokens) =>
        tokens.map((token, i) =>
          replaceText(token, definition.suffix, i === tokens.length - 1 ? "" : " "),
        );
    case "Replace":
      return replacer(definition);
    case "ByteFallback":
      return decodeFallback;
    case "CTC":
      return (tokens) => ctc(tokens, definition);
    case "Strip":
      return (tokens) => tokens.map((token) => strip(token, definition));
    case "Metaspace":
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(definition.replacement, i > 0 || definition.keepsFirst ? " " : ""),
        );
  }
}

function wordPiece(
  token: string,
  index: number,
  { prefix, cleanup }: { readonly prefix: string; readonly cleanup: boolean },
): string {
  let text = token;
  if (index > 0) text = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
  return cleanup ? cleanUpSpaces(text) : text;
}

const SPACES: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

function cleanUpSpaces(text: string): string {
  return SPACES.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function replacer({
  pattern,
  content,
}: {
  readonly pattern: PatternDefinition;
  readonly content: string;
}): Decoder {
  const match = createMatcher(pattern);
  return (tokens) =>
    tokens.map((token) => {
      let text = "";
      let kept = 0;
      for (const [start, end] of match(token)) {
        text += token.slice(kept, start) + content;
        kept = end;
      }
      return text + token.slice(kept);
    });
}

/** Repeated tokens count once; the pad token separates those that are really twice there. */
function ctc(
  tokens: readonly string[],
  options: Extract<DecoderDefinition, { type: "CTC" }>,
): readonly string[] {
  return tokens
    .filter((token, i) => token !== tokens[i - 1])
    .map((token) => {
      const text = removeAll(token, options.padToken);
      if (!options.cleanup) return text;
      const { wordDelimiterToken } = options;
      return replaceText(cleanUpSpaces(text), wordDelimiterToken, " ");
    })
    .filter((text) => text !== "");
}

function removeAll(text: string, part: string): string {
  return replaceText(text, part, "");
}

/** Every occurrence, literally; an empty text stands between all characters, as in the reference. */
function replaceText(text: string, from: string, to: string): string {
  if (from === "") return to === "" ? text : `${to}${Array.from(text, (c) => c + to).join("")}`;
  return text.split(from).join(to);
}

function strip(
  token: string,
  { content, start, stop }: { content: string; start: number; stop: number },
): string {
  let from = 0;
  let to = token.length;
  for (let i = 0; i < start && token.startsWith(content, from); i++) from += content.length;
  for (let i = 0; i < stop && to > from && token.endsWith(content, to); i++) to -= content.length;
  return token.slice(from, to);
}

export function parseDecoder(value: unknown, path: string): DecoderDefinition {
  const fields = parseObject(value, path);
  const type = optional(fields["type"], `${path}.type`, parseString) ?? guessType(fields, path);
  const text = (name: string) => parseString(fields[name], `${path}.${name}`);
  const count = (name: string) => parseInteger(fields[name], `${path}.${name}`, { min: 0 });
  const cleanup = () => optional(fields["cleanup"], `${path}.cleanup`, parseBoolean) ?? true;
  switch (type) {
    case "Sequence": {
      const list = parseArray(fields["decoders"], `${path}.decoders`);
      return {
        type,
        decoders: list.map((item, i) => parseDecoder(item, `${path}.decoders[${i}]`)),
      };
    }
    case "WordPiece":
      return { type, prefix: text("prefix"), cleanup: cleanup() };
    case "ByteLevel":
    case "ByteFallback":
    case "Fuse":
      return { type };
    case "BPEDecoder":
      return { type, suffix: text("suffix") };
    case "CTC":
      return {
        type,
        padToken: text("pad_token"),
        wordDelimiterToken: text("word_delimiter_token"),
        cleanup: cleanup(),
      };
    case "Replace":
      return {
        type,
        pattern: parsePattern(fields["pattern"], `${path}.pattern`),
        content: text("content"),
      };
    case "Strip": {
      const content = parseCharacter(fields["content"], `${path}.content`);
      return { type, content, start: count("start"), stop: count("stop") };
    }
    case "Metaspace": {
      const { replacement, prependScheme } = parseMetaspace(fields, path);
      return { type, replacement, keepsFirst: prependScheme === "never" };
    }
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

/** Old files leave the type out; the fields tell which decoder is meant. */
function guessType(fields: JsonObject, path: string): string {
  const found = Object.entries(FIELDS).find(([, names]) => names.every((name) => name in fields));
  if (found) return found[0];
  throw new TokenizerFormatError(`${path}.type is missing and the fields fit no decoder`);
}

const FIELDS: { readonly [type: string]: readonly string[] } = {
  BPEDecoder: ["suffix"],
  ByteLevel: ["add_prefix_space", "trim_offsets"],
  WordPiece: ["prefix", "cleanup"],
  Metaspace: ["replacement"],
  CTC: ["pad_token", "word_delimiter_token", "cleanup"],
  Sequence: ["decoders"],
  Replace: ["pattern", "content"],
  Strip: ["content", "start", "stop"],
};
