import { isObject, type JsonObject } from "@bearhug/core";

/**
 * The words of a part of a text that is ASCII only, without the machinery of offsets: most parts are, and for
 * common stages their words are quick to find. `undefined` for a part that must go through the stages.
 */
export type AsciiWords = (part: string) => readonly string[] | undefined;

/** For a `normalizer` and a `pre_tokenizer` of which nothing else is known, nothing. */
export function createAsciiWords(base: JsonObject): AsciiWords | undefined {
  const normalizers = flatten(base["normalizer"]);
  const preTokenizer = base["pre_tokenizer"];
  if (!isObject(preTokenizer) || !normalizers.every(keepsAscii)) return undefined;
  const lowers = normalizers.some(
    (step) =>
      step["type"] === "Lowercase" ||
      (step["type"] === "BertNormalizer" && step["lowercase"] === true),
  );
  const words = createSplitter(preTokenizer);
  if (!words) return undefined;
  return (part) => (PRINTABLE.test(part) ? words(lowers ? part.toLowerCase() : part) : undefined);
}

/** ASCII without control characters, of which only tab and line breaks are spaces to all. */
const PRINTABLE = /^[\t\n\r\x20-\x7e]*$/;

function flatten(normalizer: unknown): readonly JsonObject[] {
  if (!isObject(normalizer)) return [];
  const { normalizers } = normalizer;
  return Array.isArray(normalizers) ? normalizers.flatMap(flatten) : [normalizer];
}

/** Does nothing to printable ASCII but change its case and its white space into spaces. */
function keepsAscii({ type }: JsonObject): boolean {
  return ["BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"].some(
    (known) => known === type,
  );
}

function createSplitter(step: JsonObject): AsciiWords | undefined {
  switch (step["type"]) {
    case "BertPreTokenizer":
      return (part) => part.match(/[0-9A-Za-z]+|[!-/:-@[-`{-~]/g) ?? [];
    case "Whitespace":
      return (part) => part.match(/\w+|[^\w\s]+/g) ?? [];
    case "WhitespaceSplit":
      return (part) => part.match(/\S+/g) ?? [];
    case "ByteLevel":
      if (step["use_regex"] === false) return undefined;
      return step["add_prefix_space"] === true ? prefixedGpt2Words : gpt2Words;
    case "Metaspace":
      return metaspaceWords(step);
    default:
      return undefined;
  }
}

/** Only parts that begin with a space: before others the scheme may ask for one. Tabs may be spaces by now. */
function metaspaceWords({ replacement, split }: JsonObject): AsciiWords | undefined {
  if (split === false || typeof replacement !== "string" || replacement <= "~") return undefined;
  return (part) =>
    part.startsWith(" ") && !/[\t\n\r]/.test(part)
      ? part.match(/ [^ ]*/g)?.map((word) => replacement + word.slice(1))
      : undefined;
}

/** GPT-2's words in their byte-level characters. */
function gpt2Words(part: string): readonly string[] {
  const words = part.match(GPT2) ?? [];
  return words.map((word) => {
    const first = word.charCodeAt(0);
    if (first > 0x20) return word;
    return first === 0x20 && word.charCodeAt(1) > 0x20
      ? `Ġ${word.slice(1)}`
      : word.replace(/[\t\n\r ]/g, toByteCharacter);
  });
}

/** Only a part that begins a text begins without a space. */
function prefixedGpt2Words(part: string): readonly string[] {
  return gpt2Words(part.startsWith(" ") ? part : ` ${part}`);
}

const GPT2 = /'(?:[stmd]|re|ve|ll)| ?[A-Za-z]+| ?[0-9]+| ?[^\s0-9A-Za-z]+|\s+(?!\S)|\s+/g;

/** White space bytes come first among those that have no character of their own. */
function toByteCharacter(character: string): string {
  return String.fromCharCode(0x100 + character.charCodeAt(0));
}
