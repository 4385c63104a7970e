import { type AlignedText, wellFormed } from "../aligned-text.ts";
import { createPairCuts } from "../kernel/pair-cuts.ts";
import type { NormalizerDefinition } from "../normalizers/normalizer.ts";
import { replaceMatches } from "../normalizers/text.ts";
import type { PreTokenizerDefinition } from "../pre-tokenizers/pre-tokenizer.ts";
import type { Stages } from "../reference-encoder.ts";
import { matchString } from "../regex/pattern.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ChunkPlan } from "./plan.ts";

/**
 * BPE over whole texts in which a mark stands for spaces (Llama 2, Mistral, Gemma, …): cut where no merge can cross.
 */
export function sentencePieceBpePlan(
  { model, normalizer, preTokenizer }: TokenizerDefinition,
  stages: Stages,
): ChunkPlan | undefined {
  if (model.type !== "BPE") return undefined;
  const normalized = readNormalizer(normalizer);
  const marking = normalized && readPreTokenizer(preTokenizer, normalized);
  const splitter = marking && createPairCuts(model, marking.mark);
  if (!splitter) return undefined;
  const { mark, prepended } = marking;
  const markSpaces = (text: string) => (mark === undefined ? text : text.replaceAll(" ", mark));
  // Tokens that are looked for in normalized text need that text.
  const isWhole = normalizer !== undefined && !stages.normalizedTokens.isEmpty;
  const inFront = prepended === "" ? undefined : () => prepended;
  return {
    splitter,
    isOneWord: true,
    normalize: isWhole ? (piece) => prepended + markSpaces(piece) : undefined,
    prefix: marking.prefix ?? (isWhole ? undefined : inFront),
    encodeChunk: (chunk) => stages.model.encodeIds(markSpaces(wellFormed(chunk))),
    words: (chunk) => [mark === undefined ? chunk : markAligned(chunk, mark)],
  };
}

function markAligned(chunk: AlignedText, mark: string): AlignedText {
  return replaceMatches(chunk, matchString(chunk.text, " "), mark);
}

interface Marking {
  /** What spaces become. */
  readonly mark: string | undefined;
  /** What the normalizer puts in front of every piece. */
  readonly prepended: string;
  /** What the pre-tokenizer puts in front. */
  readonly prefix?: ChunkPlan["prefix"];
}

/** A Prepend, a Replace of spaces by one character; `undefined` when there is anything else. */
function readNormalizer(normalizer: NormalizerDefinition | undefined): Marking | undefined {
  const steps = normalizer?.type === "Sequence" ? normalizer.normalizers : [normalizer];
  let mark: string | undefined;
  let prepended = "";
  for (const step of steps) {
    if (step?.type === "Prepend" && prepended === "" && !step.prepend.includes(" ")) {
      prepended = step.prepend;
    } else if (step?.type === "Replace" && mark === undefined && isSpace(step.pattern)) {
      mark = step.content;
    } else if (step) {
      return undefined;
    }
  }
  // Pairs of units are looked up, so that the mark must be one.
  return mark === undefined || isUnit(mark) ? { mark, prepended } : undefined;
}

function isSpace(pattern: Extract<NormalizerDefinition, { type: "Replace" }>["pattern"]): boolean {
  return pattern.type === "String" && pattern.source === " ";
}

function isUnit(text: string): boolean {
  return text.length === 1 && text === wellFormed(text);
}

/** A pre-tokenizer that leaves all in one piece; `undefined` when it does not. */
function readPreTokenizer(
  preTokenizer: PreTokenizerDefinition | undefined,
  normalized: Marking,
): Marking | undefined {
  const { mark, prepended } = normalized;
  if (!preTokenizer) return normalized;
  if (preTokenizer.type === "Split") {
    // Gemma: by then no space is left to split at.
    const finds = mark === undefined || mark === " " || !isSpace(preTokenizer.pattern);
    return finds || preTokenizer.invert ? undefined : normalized;
  }
  if (preTokenizer.type !== "Metaspace" || preTokenizer.split) return undefined;
  const { replacement, prependScheme } = preTokenizer;
  if (mark !== undefined && mark !== replacement) return undefined;
  if (!isUnit(replacement) || prepended !== "") return undefined;
  const prefix = (piece: string, isTextStart: boolean): string => {
    if (prependScheme === "first" && !isTextStart) return "";
    return piece.startsWith(" ") || piece.startsWith(replacement) ? "" : replacement;
  };
  return {
    mark: replacement,
    prepended,
    prefix: prependScheme === "never" ? undefined : prefix,
  };
}
