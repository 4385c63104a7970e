import {
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseObject,
  parseString,
} from "@bearhug/core";
import { UnsupportedComponentError } from "../errors.ts";
import { parseStringPattern } from "../normalizers/normalizer.ts";
import { BYTE_CHARACTERS } from "../pre-tokenizers/byte-level.ts";

/** A `decoder` of tokenizer.json. */
export type DecoderDefinition =
  | { readonly type: "Sequence"; readonly decoders: readonly DecoderDefinition[] }
  | { readonly type: "WordPiece"; readonly prefix: string; readonly cleanup: boolean }
  | { readonly type: "ByteLevel" | "Fuse" }
  | { readonly type: "BPEDecoder"; readonly suffix: string }
  | { readonly type: "Replace"; readonly pattern: string; readonly content: string }
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
          token.replaceAll(definition.suffix, i === tokens.length - 1 ? "" : " "),
        );
    case "Replace":
      return (tokens) =>
        tokens.map((token) => token.split(definition.pattern).join(definition.content));
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

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  BYTE_CHARACTERS.map((character, byte) => [character, byte]),
);

function decodeBytes(tokens: readonly string[]): string {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const token of tokens) {
    const ofToken = Array.from(token, (character) => BYTE_OF_CHARACTER.get(character));
    // A token that is not written in bytes (an added one) stands for itself.
    const isBytes = ofToken.every((byte) => byte !== undefined);
    for (const byte of isBytes ? ofToken : encoder.encode(token)) bytes.push(byte ?? 0);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
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
  const type = parseString(fields["type"], `${path}.type`);
  const text = (name: string) => parseString(fields[name], `${path}.${name}`);
  const count = (name: string) => parseInteger(fields[name], `${path}.${name}`, { min: 0 });
  switch (type) {
    case "Sequence": {
      const list = parseArray(fields["decoders"], `${path}.decoders`);
      return {
        type,
        decoders: list.map((item, i) => parseDecoder(item, `${path}.decoders[${i}]`)),
      };
    }
    case "WordPiece": {
      const cleanup = optional(fields["cleanup"], `${path}.cleanup`, parseBoolean) ?? true;
      return { type, prefix: text("prefix"), cleanup };
    }
    case "ByteLevel":
    case "Fuse":
      return { type };
    case "BPEDecoder":
      return { type, suffix: text("suffix") };
    case "Replace":
      return {
        type,
        pattern: parseStringPattern(fields["pattern"], `${path}.pattern`),
        content: text("content"),
      };
    case "Strip":
      return { type, content: text("content"), start: count("start"), stop: count("stop") };
    case "Metaspace":
      return {
        type,
        replacement: text("replacement"),
        keepsFirst: fields["prepend_scheme"] === "never" || fields["add_prefix_space"] === false,
      };
    default:
      throw new UnsupportedComponentError(path, type);
  }
}
