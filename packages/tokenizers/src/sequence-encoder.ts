import type { AddedTokenWithId } from "./added-tokens.ts";
import { alignText } from "./aligned-text.ts";
import { createChunkedEncoder } from "./chunked-encoder.ts";
import type { SequenceTokens, TokenDetails } from "./encoding.ts";
import { appendIds, beginIds, takeIds } from "./kernel/chunk-encoder.ts";
import type { Model } from "./models/model.ts";
import { createPartEncoder, type PartEncoder } from "./part-encoder.ts";
import { createPlan } from "./plans/plan.ts";
import { trimOffsets } from "./post-processors/trim-offsets.ts";
import { createStages, findTokens, type TokenizerInput, toDetails } from "./reference-encoder.ts";
import type { TokenizerDefinition } from "./schema.ts";

export type { TokenizerInput } from "./reference-encoder.ts";

/** Text to tokens, before truncation and special tokens. */
export interface SequenceEncoder {
  readonly model: Model;
  encode(input: TokenizerInput): SequenceTokens;
  /** Appends the ids of `input` to those since {@link beginIds}; the fastest way. */
  appendIds(input: TokenizerInput): void;
  /** For a text that comes in parts; `undefined` when no places are known at which any text can be cut. */
  parts(): PartEncoder | undefined;
  /** Added tokens as text shows them: the normalized form of those that are matched in normalized text. */
  addedText(token: AddedTokenWithId): string;
}

export function createSequenceEncoder(
  definition: TokenizerDefinition,
  addedTokens: ReadonlyMap<string, AddedTokenWithId>,
): SequenceEncoder {
  const stages = createStages(definition, addedTokens);
  const trims = definition.postProcessor?.trims ?? [];
  const plan = lazily(() => createPlan(definition, stages));
  const chunkedEncoder = lazily(() => {
    const made = plan();
    return made && createChunkedEncoder(made, stages);
  });
  const dependsOnRow = trims.some((trim) => trim.addPrefixSpace);
  const trimming = (input: TokenizerInput, find: () => TokenDetails): SequenceTokens["details"] => {
    const found = lazily(find);
    const trim = (rowStart: number) =>
      trims.reduce((details, each) => trimOffsets({ details, input, rowStart }, each), found());
    const ofFirstRow = lazily(() => trim(0));
    return (rowStart = 0) => (rowStart > 0 && dependsOnRow ? trim(rowStart) : ofFirstRow());
  };
  return {
    model: stages.model,
    parts: lazily(() => {
      const [made, chunked] = [plan(), chunkedEncoder()];
      return made && chunked && createPartEncoder(definition, { plan: made, stages, chunked });
    }),
    addedText: (token) =>
      token.normalized ? stages.normalizer(alignText(token.content)).text : token.content,
    appendIds(input) {
      const chunked = chunkedEncoder();
      if (chunked && typeof input === "string") chunked.appendIds(input);
      else appendIds(findTokens(input, stages).map((token) => token.id));
    },
    encode(input) {
      const chunked = chunkedEncoder();
      if (chunked && typeof input === "string") {
        beginIds();
        chunked.appendIds(input);
        return { ids: takeIds(), details: trimming(input, () => chunked.details(input)) };
      }
      const tokens = findTokens(input, stages);
      const details = trimming(input, () => toDetails(tokens));
      return { ids: Int32Array.from(tokens, (token) => token.id), details };
    },
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
