import { createSplitter } from "../kernel/splitter.ts";
import type { BpeDefinition } from "../models/bpe/bpe.ts";
import { createByteLevelEncoder } from "../models/bpe/byte-level-encoder.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { Stages } from "../reference-encoder.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { BYTE_CHARACTERS, toByteCharacters } from "../unicode/byte-alphabet.ts";
import { type CodePoints, decodeCodePoints } from "../unicode/code-points.ts";
import { NUMERIC } from "../unicode/pattern-tables.ts";
import type { ChunkPlan } from "./plan.ts";
import { wholeNormalizer } from "./whole-normalizer.ts";

/** Byte-level BPE (GPT-2, Llama 3, Qwen, DeepSeek, …): a chunk is a word of the patterns. */
export function byteLevelPlan(
  { model, normalizer, preTokenizer }: TokenizerDefinition,
  stages: Stages,
): ChunkPlan | undefined {
  if (model.type !== "BPE" || (model.dropout ?? 0) > 0 || !preTokenizer) return undefined;
  const cutting = readCutting(preTokenizer);
  if (!cutting || isByteLevel(normalizer)) return undefined;
  const splitter = createSplitter(cutting.patterns);
  if (!splitter || (cutting.dropsGaps && splitter.hasGaps)) return undefined;
  return {
    splitter,
    normalize: normalizer && wholeNormalizer(normalizer, stages.normalizer),
    prefix: cutting.addsSpace ? (piece) => (piece.startsWith(" ") ? "" : " ") : undefined,
    encodeChunk: createByteLevelEncoder(model),
    areBytes: hasAllBytes(model),
    words: (chunk) => [toByteCharacters(chunk)],
  };
}

/** Whether tokens are nothing but bytes of the text: none is unknown, and nothing is added to them. */
function hasAllBytes({
  vocabulary,
  continuingSubwordPrefix,
  endOfWordSuffix,
}: BpeDefinition): boolean {
  if (continuingSubwordPrefix !== "" || endOfWordSuffix !== "") return false;
  return BYTE_CHARACTERS.every((character) => vocabulary.id(character) !== undefined);
}

interface Cutting {
  readonly patterns: readonly string[];
  readonly addsSpace: boolean;
  /** Whether what a pattern does not match is left out. */
  readonly dropsGaps: boolean;
}

function isByteLevel(normalizer: NormalizerDefinition | undefined): boolean {
  if (normalizer?.type === "Sequence") return normalizer.normalizers.some(isByteLevel);
  return normalizer?.type === "ByteLevel";
}

/** Splits, and ByteLevel at the end. */
function readCutting(preTokenizer: PreTokenizerDefinition): Cutting | undefined {
  const steps = preTokenizer.type === "Sequence" ? preTokenizer.preTokenizers : [preTokenizer];
  const last = steps.at(-1);
  if (last?.type !== "ByteLevel") return undefined;
  // A space would be put before every piece of the steps before.
  if (last.addPrefixSpace && steps.length > 1) return undefined;
  const patterns: string[] = [];
  let dropsGaps = false;
  for (const step of steps.slice(0, -1)) {
    const pattern = readPattern(step);
    if (pattern === undefined) return undefined;
    dropsGaps ||= step.type === "Split" && step.behavior === "Removed";
    patterns.push(pattern);
  }
  if (last.useRegex) patterns.push(GPT2_PATTERN);
  return { patterns, addsSpace: last.addPrefixSpace, dropsGaps };
}

function readPattern(step: PreTokenizerDefinition): string | undefined {
  if (step.type === "Digits") return step.individualDigits ? NUMERIC_CLASS : `${NUMERIC_CLASS}+`;
  if (step.type !== "Split" || step.pattern.type !== "Regex") return undefined;
  const isKept = step.behavior === "Isolated" || (step.behavior === "Removed" && step.invert);
  return isKept ? step.pattern.source : undefined;
}

/** What Digits takes for digits is of a later Unicode than what patterns call `\p{N}`. */
const NUMERIC_CLASS: string = patternClass(decodeCodePoints(NUMERIC));

function patternClass(points: CodePoints): string {
  let ranges = "";
  for (let i = 0; i < points.length; i += 2) {
    const [first, last] = [points[i], points[i + 1] - 1].map((point) => point.toString(16));
    ranges += `\\x{${first}}-\\x{${last}}`;
  }
  return `[${ranges}]`;
}

const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
