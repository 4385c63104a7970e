import { forEachPiece } from "./added-token-pieces.ts";
import { ChunkKnowledge, DetailsWriter } from "./chunk-details.ts";
import type { TokenDetails } from "./encoding.ts";
import {
  appendId,
  appendIds,
  appendText,
  type ChunkEncoder,
  nextTag,
} from "./kernel/chunk-encoder.ts";
import type { PieceCore } from "./plans/piece-core.ts";
import type { ChunkPlan } from "./plans/plan.ts";
import { findTokens, type Stages, toDetails } from "./reference-encoder.ts";

/** Runs a plan over whole texts with added tokens in them. */
export interface ChunkedEncoder {
  /** Appends the ids of `text` to those that the kernel has. */
  appendIds(text: string, place?: TextPlace): void;
  details(text: string): TokenDetails;
}

/** Where a text stands: at the start, behind an added token, or in the middle of what is cut into chunks as one. */
export type TextPlace = "start" | "behindToken" | "continued";

export function createChunkedEncoder(plan: ChunkPlan, stages: Stages): ChunkedEncoder {
  const encoder: ChunkEncoder = {
    tag: nextTag(),
    splitter: plan.splitter,
    encodeChunk: plan.encodeChunk,
    longChunks: new Map(),
  };
  const { rawTokens, normalizedTokens } = stages;
  const appendPiece = (piece: string, place: TextPlace) => {
    const prefix = place === "continued" ? "" : (plan.prefix?.(piece, place === "start") ?? "");
    appendText(prefix === "" ? piece : prefix + piece, encoder);
  };
  const appendCore = (raw: string, { head, tail, ...core }: PieceCore, place: TextPlace) => {
    appendIds(head);
    const part = raw.slice(core.from, core.to);
    const partPlace = core.from === 0 ? place : "behindToken";
    if (part !== "") appendPiece(part, core.isContinued ? "continued" : partPlace);
    appendIds(tail);
  };
  const appendNormalized = (raw: string, place: TextPlace) => {
    const core = plan.core?.(raw, place === "start");
    if (core) {
      appendCore(raw, core, place);
      return;
    }
    const text = plan.normalize ? plan.normalize(raw) : raw;
    if (!normalizedTokens.mayMatch(text)) {
      if (text !== "") appendPiece(text, place);
      return;
    }
    forEachPiece(text, normalizedTokens, {
      piece: (start, end) =>
        appendPiece(text.slice(start, end), start === 0 ? place : "behindToken"),
      token: (match) => appendId(match.token.id),
    });
  };
  const knowledge = new ChunkKnowledge(plan, stages, encoder);
  return {
    appendIds(text, place = "start") {
      // Most texts have no added token: no time and no memory for what comes between.
      if (!rawTokens.mayMatch(text)) {
        if (text !== "") appendNormalized(text, place);
        return;
      }
      forEachPiece(text, rawTokens, {
        piece: (start, end) =>
          appendNormalized(text.slice(start, end), start === 0 ? place : "behindToken"),
        token: (match) => appendId(match.token.id),
      });
    },
    details: (text) =>
      new DetailsWriter(knowledge).write(text) ?? toDetails(findTokens(text, stages)),
  };
}
