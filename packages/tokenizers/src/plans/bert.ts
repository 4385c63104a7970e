import { alignText, wellFormed } from "../aligned-text.ts";
import { createSplitter, type Splitter } from "../kernel/splitter.ts";
import type { Model } from "../models/model.ts";
import type { Stages } from "../reference-encoder.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ChunkPlan } from "./plan.ts";

/**
 * BERT: text that is cut at white space, ASCII punctuation and ideographs, a chunk beginning with the white space
 * before it. None of the stages looks across these cuts.
 */
export function bertPlan(definition: TokenizerDefinition, stages: Stages): ChunkPlan | undefined {
  const { normalizer, preTokenizer, model } = definition;
  const isBert =
    normalizer?.type === "BertNormalizer" &&
    normalizer.cleanText &&
    preTokenizer?.type === "BertPreTokenizer" &&
    model.type === "WordPiece";
  if (!isBert) return undefined;
  const splitter = bertSplitter(normalizer.handleChineseChars);
  if (!splitter) return undefined;
  const words = (chunk: ReturnType<typeof alignText>) =>
    stages.preTokenizer(stages.normalizer(chunk));
  return {
    splitter,
    words,
    encodeChunk(chunk) {
      const plain = PLAIN_WORD.exec(chunk)?.[1];
      if (plain !== undefined) {
        // Nothing but the case changes in such a word, and nothing splits it.
        return idsOf(normalizer.lowercase ? plain.toLowerCase() : plain, stages.model);
      }
      const ids = words(alignText(wellFormed(chunk))).flatMap((word) => [
        ...idsOf(word.text, stages.model),
      ]);
      return Int32Array.from(ids);
    },
  };
}

const PLAIN_WORD = /^ ?([0-9A-Za-z]+)$/;

function idsOf(word: string, model: Model): Int32Array {
  return model.encodeIds(word);
}

// U+000B, U+000C and U+0085 are not among them: BERT removes these, so they join what they stand between.
const SPACE =
  "\\t\\n\\r \\xa0\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";
const PUNCTUATION = "!-\\/:-@\\[-`\\{-~";
const IDEOGRAPHS = "\\x{3400}-\\x{4dbf}\\x{4e00}-\\x{9fff}\\x{f900}-\\x{faff}";

function bertSplitter(cutsIdeographs: boolean): Splitter | undefined {
  const single = PUNCTUATION + (cutsIdeographs ? IDEOGRAPHS : "");
  return createSplitter([`[${SPACE}]*[${single}]|[${SPACE}]*[^${SPACE}${single}]+|[${SPACE}]+`]);
}
