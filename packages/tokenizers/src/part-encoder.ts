import type { AddedTokenMatcher } from "./added-tokens.ts";
import type { ChunkedEncoder } from "./chunked-encoder.ts";
import { nextPairCut, type PairCuts } from "./kernel/pair-cuts.ts";
import { findSafePairs } from "./kernel/safe-pairs.ts";
import type { Splitter } from "./kernel/splitter.ts";
import type { ChunkPlan } from "./plans/plan.ts";
import type { Range } from "./pre-tokenizers/split.ts";
import type { Stages } from "./reference-encoder.ts";
import type { TokenizerDefinition } from "./schema.ts";
import { isWhitespace } from "./unicode/set.ts";

/** Encodes a text that comes in parts, cut where it makes no difference to any id. */
export interface PartEncoder {
  /**
   * The last place at which `text`, with anything behind it, can be cut; 0 when there is none. It must begin where
   * a text begins, or was cut.
   */
  lastCut(text: string): number;
  /** Appends the ids of a part to those that the kernel has. */
  appendIds(part: string, isStart: boolean): void;
}

export interface PartStages {
  readonly plan: ChunkPlan;
  readonly stages: Stages;
  readonly chunked: ChunkedEncoder;
}

/** `undefined` when it is not known of any place that a cut there makes no difference. */
export function createPartEncoder(
  { normalizer }: TokenizerDefinition,
  { plan, stages, chunked }: PartStages,
): PartEncoder | undefined {
  const { normalize, splitter } = plan;
  const isForm = normalizer !== undefined && FORMS.has(normalizer.type);
  if (normalize && !(isForm && stages.normalizedTokens.isEmpty)) return undefined;
  const isCut = "type" in splitter ? pairCuts(splitter) : splitterCuts(splitter);
  const ahead = Math.max(stages.rawTokens.longest, stages.normalizedTokens.longest) + 1;
  return {
    lastCut(text) {
      const tokens = new TokenReach(text, stages);
      for (let at = lastVisible(text, text.length - ahead); at > 0; at--) {
        if (tokens.touches(at) || isSurrogate(text, at) || isSurrogate(text, at - 1)) continue;
        if (normalize && !isInert(text, at, normalize)) continue;
        if (isCut(text, at)) return at;
      }
      return 0;
    },
    appendIds: (part, isStart) => chunked.appendIds(part, isStart ? "start" : "continued"),
  };
}

const FORMS: ReadonlySet<string> = new Set(["NFC", "NFD", "NFKC", "NFKD"]);

/** Whether a place of a text is the end of a chunk, whatever stands before its neighbours and behind them. */
type ChunkCuts = (text: string, at: number) => boolean;

function splitterCuts(splitter: Splitter): ChunkCuts {
  const pairs = findSafePairs(splitter);
  return (text, at) => pairs.has(text.charCodeAt(at - 1), text.charCodeAt(at));
}

/** These depend on the two neighbours alone. */
function pairCuts(splitter: PairCuts): ChunkCuts {
  return (text, at) => nextPairCut(text.slice(at - 1, at + 1), 0, splitter) === 1;
}

/** Where added tokens have something to do with a text. */
class TokenReach {
  /** By starts, each with the furthest end so far. */
  readonly #ranges: readonly Range[];
  #last: number;

  constructor(text: string, { rawTokens, normalizedTokens }: Stages) {
    const ranges = rawTokens.reach(text);
    if (!normalizedTokens.isEmpty) ranges.push(...reachBetween(text, rawTokens, normalizedTokens));
    ranges.sort((a, b) => a[0] - b[0]);
    let furthest = 0;
    this.#ranges = ranges.map(([start, end]): Range => {
      furthest = Math.max(furthest, end);
      return [start, furthest];
    });
    this.#last = ranges.length - 1;
  }

  /** Whether a token ends, begins or goes on at `at`, which must not become greater from call to call. */
  touches(at: number): boolean {
    while (this.#last >= 0 && this.#ranges[this.#last][0] > at) this.#last--;
    return this.#last >= 0 && this.#ranges[this.#last][1] >= at;
  }
}

/** Tokens that are looked for in normalized text, which here is the text itself, between the others. */
function reachBetween(
  text: string,
  rawTokens: AddedTokenMatcher,
  normalizedTokens: AddedTokenMatcher,
): Range[] {
  let from = 0;
  return [...rawTokens.find(text), { start: text.length, end: text.length }].flatMap((match) => {
    const offset = from;
    from = match.end;
    const between = normalizedTokens.reach(text.slice(offset, Math.max(offset, match.start)));
    return between.map(([start, end]): Range => [offset + start, offset + end]);
  });
}

/** The last place up to `end` that has something else than white space behind it: tokens may take such space. */
function lastVisible(text: string, end: number): number {
  let at = end;
  while (at > 0 && isWhitespace(text.charCodeAt(at))) at--;
  return at;
}

function isSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xf800) === 0xd800;
}

/** Whether normalization leaves both neighbours as they are and brings nothing together across the place between. */
function isInert(text: string, at: number, normalize: (piece: string) => string): boolean {
  const before = text.charAt(at - 1);
  const after = text.charAt(at);
  const next = text.charAt(at + 1);
  const isAfterInert =
    /[\t\n\r ]/.test(after) ||
    (after < "\x80" && next !== "" && next < "\x80") ||
    /[\u3400-\u9fff]/.test(after);
  if (!isAfterInert || normalize(after) !== after) return false;
  if (before < "\x80") return true;
  return INERT.test(before) && !JOINING.test(before) && normalize(before) === before;
}

/** Characters that never join one before them; of letters, those that Korean syllables are put together of do. */
const INERT = /[\p{L}\p{N}\p{P}\p{S}]/u;
const JOINING = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/;
