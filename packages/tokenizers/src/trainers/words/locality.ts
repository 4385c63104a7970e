import { isObject, type JsonObject } from "@bearhug/core";

/**
 * Where a text may be cut so that its parts, each taken alone, have the words that the whole has. Parts repeat, and
 * a part that was seen before need not go through the stages again.
 *
 * - `"whitespace"`: before an ASCII space, tab or line break that follows something that is not white space.
 * - `"space"`: the same, before U+0020 only.
 * - `"gpt2"`: as `"whitespace"`, and between ASCII letters, digits and others, as GPT-2's pattern does.
 * - `"bert"`: at ASCII white space, and around each ASCII punctuation character.
 * - `"word"`: at ASCII white space, and between ASCII word characters and others.
 * - `"none"`: nowhere.
 */
export type Cuts = "whitespace" | "space" | "gpt2" | "bert" | "word" | "none";

/** Judges the `normalizer` and the `pre_tokenizer` of a tokenizer.json. Unknown ones are never cut. */
export function findCuts(base: JsonObject): Cuts {
  const normalizers = flatten(base["normalizer"], "normalizers");
  const steps = flatten(base["pre_tokenizer"], "pretokenizers");
  const [first] = steps;
  if (!first || !normalizers.every(keepsSpaces)) return "none";
  const spaceCuts = SPACE_CUTS.get(first["type"]);
  if (spaceCuts) return steps.slice(1).some(looksAtOffsets) ? "none" : spaceCuts;
  if (isSplittingMetaspace(first)) return steps.length === 1 ? "space" : "none";
  // The others look at what stands before white space, so nothing may vanish or turn into it.
  return normalizers.every(keepsNeighbours) ? cutsOfPatterns(steps) : "none";
}

function flatten(value: unknown, listName: string): readonly JsonObject[] {
  if (!isObject(value)) return [];
  const list = value["type"] === "Sequence" ? value[listName] : undefined;
  if (!Array.isArray(list)) return [value];
  return list.flatMap((item) => flatten(item, listName));
}

/** Rewrites characters without regard to what stands on the other side of an ASCII space, and leaves that alone. */
function keepsSpaces({ type }: JsonObject): boolean {
  return type === "BertNormalizer" || type === "NFKC" || type === "NFKD" || type === "StripAccents"
    ? true
    : keepsNeighbours({ type });
}

/** Besides, never leaves nothing or white space of what is not white space. */
function keepsNeighbours({ type }: JsonObject): boolean {
  return type === "NFC" || type === "NFD" || type === "Lowercase";
}

/** Pre-tokenizers that cut at every white space whatever stands around it. */
const SPACE_CUTS: ReadonlyMap<unknown, Cuts> = new Map<unknown, Cuts>([
  ["BertPreTokenizer", "bert"],
  ["Whitespace", "word"],
  ["WhitespaceSplit", "whitespace"],
]);

function looksAtOffsets(step: JsonObject): boolean {
  return step["type"] === "Metaspace" && step["prepend_scheme"] === "first";
}

function isSplittingMetaspace(step: JsonObject): boolean {
  return step["type"] === "Metaspace" && step["split"] !== false;
}

/** Steps that look at single characters, and one pattern whose matches never go from text on to white space. */
function cutsOfPatterns(steps: readonly JsonObject[]): Cuts {
  const isBytesOnly = (step: JsonObject | undefined) =>
    step?.["type"] === "ByteLevel" && step["use_regex"] === false && !step["add_prefix_space"];
  const patterns = isBytesOnly(steps.at(-1)) ? steps.slice(0, -1) : steps;
  const last = patterns.at(-1);
  if (!last || !patterns.slice(0, -1).every(looksAtCharacters)) return "none";
  if (last["type"] === "ByteLevel" && last["use_regex"] !== false) {
    return last["add_prefix_space"] ? "space" : "gpt2";
  }
  return isKnownSplit(last) ? "space" : "none";
}

function looksAtCharacters(step: JsonObject): boolean {
  const isIsolated = step["behavior"] === undefined || step["behavior"] === "Isolated";
  return step["type"] === "Digits" || (step["type"] === "Punctuation" && isIsolated);
}

function isKnownSplit(step: JsonObject): boolean {
  if (step["type"] !== "Split" || step["behavior"] !== "Isolated" || step["invert"]) return false;
  const { pattern } = step;
  return isObject(pattern) && KNOWN_PATTERNS.has(pattern["Regex"]);
}

const CL100K_TAIL = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const CL100K_HEAD = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";

/** Of GPT-2, of cl100k and Llama 3, and of Qwen 2. */
const KNOWN_PATTERNS: ReadonlySet<unknown> = new Set([
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  `${CL100K_HEAD}\\p{N}{1,3}${CL100K_TAIL}`,
  `${CL100K_HEAD}\\p{N}${CL100K_TAIL}`,
]);
