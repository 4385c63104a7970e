import { alignText, wellFormed } from "../aligned-text.ts";
import { createSplitter, type Splitter } from "../kernel/splitter.ts";
import {
  createPreTokenizer,
  type PreTokenizerDefinition,
} from "../pre-tokenizers/pre-tokenizer.ts";
import type { Stages } from "../reference-encoder.ts";
import { alternation, type PatternNode, sequence } from "../regex/syntax-tree.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { complement, union } from "../unicode/code-points.ts";
import { isWhitespace } from "../unicode/set.ts";
import { createCore } from "./piece-core.ts";
import type { ChunkPlan } from "./plan.ts";
import { readTextSteps, type TextSteps } from "./text-steps.ts";
import { findWordEdges, type WordEdges, type WordRules } from "./word-edges.ts";

/**
 * Words that begin with a mark for the space before them (Unigram: T5, XLM-R, ALBERT, …), cut from raw text before
 * spaces. Normalizers and the pre-tokenizer run over the chunks.
 */
export function metaspacePlan(
  { model, normalizer, preTokenizer }: TokenizerDefinition,
  stages: Stages,
): ChunkPlan | undefined {
  if (model.type === "BPE" && (model.dropout ?? 0) > 0) return undefined;
  if (model.type === "Unigram" && (model.alpha ?? 0) !== 0) return undefined;
  const text = readTextSteps(normalizer);
  const rules = text && readRules(preTokenizer, text);
  if (!rules) return undefined;
  const edges = findWordEdges(text.steps, rules);
  if (edges?.edgeOf(SPACE) !== "begins") return undefined;
  const splitter = edgeSplitter(edges);
  if (!splitter) return undefined;
  const rewrite = (chunk: string) => text.steps.reduce((done, step) => step.rewrite(done), chunk);
  const preTokenize = createPreTokenizer(rules.ofChunk);
  const idsOf = (words: readonly string[]): Int32Array => {
    if (words.length === 1) return stages.model.encodeIds(words[0]);
    return Int32Array.from(words.flatMap((word) => [...stages.model.encodeIds(word)]));
  };
  const encodeEnd = (end: string): Int32Array =>
    idsOf(preTokenize(text.alignedEnd(alignText(wellFormed(end)))).map((word) => word.text));
  const { stripsLeft, stripsRight } = text;
  const needsWhole = stripsLeft || stripsRight || !stages.normalizedTokens.isEmpty;
  return {
    splitter,
    core: createCore(edges, text, { stages, rewrite, encodeEnd }),
    normalize: needsWhole ? (piece) => piece : undefined,
    prefix: createPrefix(edges, rules),
    encodeChunk: (chunk) => idsOf(splitWords(rewrite(wellFormed(chunk)), rules)),
    words: (chunk) => preTokenize(text.aligned(chunk)),
  };
}

const SPACE = 0x20;

interface MetaspaceRules extends WordRules {
  /** Which pieces get a mark in front, if they do not begin with one. */
  readonly prepends: "always" | "first" | "never";
  /** Words are split at all white space, and each gets a mark. */
  readonly splitsAtSpaces: boolean;
  /** The pre-tokenizer for a chunk, whose mark in front is there already. */
  readonly ofChunk: PreTokenizerDefinition;
}

/** Metaspace, or WhitespaceSplit and Metaspace. */
function readRules(
  preTokenizer: PreTokenizerDefinition | undefined,
  { stripsLeft, stripsRight }: TextSteps,
): MetaspaceRules | undefined {
  const steps = preTokenizer?.type === "Sequence" ? preTokenizer.preTokenizers : [preTokenizer];
  const metaspace = steps.at(-1);
  if (!preTokenizer || metaspace?.type !== "Metaspace" || !metaspace.split) return undefined;
  const { replacement: mark, prependScheme } = metaspace;
  if (mark === " ") return undefined;
  if (steps.length === 1) {
    return {
      mark,
      prepends: prependScheme,
      splitsAtSpaces: false,
      ofChunk: { ...metaspace, prependScheme: "never" },
      beginsWord: (character) => character === " " || character === mark,
      // Other white space is like any character, unless it is stripped.
      isBlank: stripsLeft || stripsRight ? isWhitespace : (codePoint) => codePoint === SPACE,
    };
  }
  // Whether a word is the first of all, a chunk does not know.
  if (steps.length > 2 || steps[0]?.type !== "WhitespaceSplit" || prependScheme === "first") {
    return undefined;
  }
  return {
    mark,
    prepends: prependScheme,
    splitsAtSpaces: true,
    ofChunk: preTokenizer,
    beginsWord: (character) => character === mark || isSpace(character),
    isBlank: isWhitespace,
  };
}

function isSpace(character: string): boolean {
  return character.length === 1 && isWhitespace(character.charCodeAt(0));
}

/** Chunks that end where a character of `ends` is followed by one of `begins`, and nowhere else. */
function edgeSplitter({ begins, ends }: WordEdges): Splitter | undefined {
  const end: PatternNode = { type: "set", points: ends };
  const other: PatternNode = { type: "set", points: complement(ends) };
  const joining: PatternNode = { type: "set", points: complement(union(begins, ends)) };
  const goesOn = sequence([repeat(end, 1), joining, repeat(other, 0)]);
  return createSplitter([
    alternation([
      sequence([repeat(other, 1), repeat(goesOn, 0), repeat(end, 0)]),
      sequence([repeat(goesOn, 1), repeat(end, 0)]),
      repeat(end, 1),
    ]),
  ]);
}

function repeat(body: PatternNode, min: number): PatternNode {
  return { type: "repeat", body, min, max: Number.POSITIVE_INFINITY, mode: "greedy" };
}

/** The words of a chunk, as the pre-tokenizer would make them. */
function splitWords(text: string, { mark, splitsAtSpaces, prepends }: MetaspaceRules): string[] {
  if (!splitsAtSpaces) return splitAtMarks(text.replaceAll(" ", mark), mark);
  return splitAtSpaces(text).flatMap((word) =>
    splitAtMarks(prepends === "never" || word.startsWith(mark) ? word : mark + word, mark),
  );
}

/** Before each mark. */
function splitAtMarks(text: string, mark: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = text.indexOf(mark, 1); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    words.push(text.slice(start, at));
    start = at;
  }
  if (start < text.length) words.push(text.slice(start));
  return words;
}

function splitAtSpaces(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !isWhitespace(text.charCodeAt(at))) continue;
    if (at > start) words.push(text.slice(start, at));
    start = at + 1;
  }
  return words;
}

function createPrefix(
  edges: WordEdges,
  { prepends, splitsAtSpaces, mark }: MetaspaceRules,
): ChunkPlan["prefix"] {
  if (prepends === "never" || splitsAtSpaces) return undefined;
  return (piece, isTextStart) => {
    if (prepends === "first" && !isTextStart) return "";
    const begins = piece.startsWith(mark) || edges.edgeOf(piece.charCodeAt(0)) === "begins";
    return begins ? "" : " ";
  };
}
