import type { AlignedText } from "../aligned-text.ts";
import type { PairCuts } from "../kernel/pair-cuts.ts";
import type { Splitter } from "../kernel/splitter.ts";
import type { Stages } from "../reference-encoder.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { bertPlan } from "./bert.ts";
import { byteLevelPlan } from "./byte-level.ts";
import { metaspacePlan } from "./metaspace.ts";
import type { PieceCore } from "./piece-core.ts";
import { sentencePieceBpePlan } from "./sentencepiece-bpe.ts";

/**
 * How a tokenizer's text is cut into chunks that no stage looks across. The chunks of a piece between added tokens
 * are encoded one by one, most of them by the kernel's cache. A plan must give what the stages give; a tokenizer that
 * no plan is proved for has none.
 */
export interface ChunkPlan {
  readonly splitter: Splitter | PairCuts;
  /** Whether all chunks of a piece are one word. */
  readonly isOneWord?: boolean | undefined;
  /** What of a piece is cut into chunks, and the ids of the rest. Default and `undefined`: all of it. */
  readonly core?: ((piece: string, isTextStart: boolean) => PieceCore | undefined) | undefined;
  /** What must be done to a whole piece before it is cut. It gives the same string when nothing changes. */
  readonly normalize?: ((piece: string) => string) | undefined;
  /**
   * What stands before a piece, so that it begins as a word does in the middle of a text. It stands for the piece's
   * first character.
   */
  readonly prefix?: ((piece: string, isTextStart: boolean) => string) | undefined;
  /** The ids of a chunk; lone surrogates count as U+FFFD. */
  encodeChunk(chunk: string): Int32Array;
  /** Whether every chunk is one word, whose tokens in the byte alphabet are the chunk's bytes in order. */
  readonly areBytes?: boolean | undefined;
  /** The words of a chunk as the model reads them. */
  words(chunk: AlignedText): readonly AlignedText[];
}

export function createPlan(definition: TokenizerDefinition, stages: Stages): ChunkPlan | undefined {
  const hasNormalizedTokens = !stages.normalizedTokens.isEmpty;
  for (const plan of PLANS) {
    const found = plan(definition, stages);
    // Such tokens are looked for in normalized text, so that text must be there as a whole.
    if (found && (found.normalize || !hasNormalizedTokens || !definition.normalizer)) return found;
  }
  return undefined;
}

const PLANS: readonly ((
  definition: TokenizerDefinition,
  stages: Stages,
) => ChunkPlan | undefined)[] = [byteLevelPlan, bertPlan, sentencePieceBpePlan, metaspacePlan];
