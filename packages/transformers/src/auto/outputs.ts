import type { HostTensor } from "@bearhug/nn";

/** What a text encoder reads. All are [batch, tokens]. */
export interface TextInputs {
  readonly inputIds: HostTensor<"int32">;
  /** 1 for a token, 0 for padding. Default: all 1. */
  readonly attentionMask?: HostTensor<"int32"> | undefined;
  /** Which of two texts a token belongs to. Default: all 0. Models without token types ignore it. */
  readonly tokenTypeIds?: HostTensor<"int32"> | undefined;
}

export interface ModelOutput {
  /** [batch, tokens, hidden]. */
  readonly lastHiddenState: HostTensor<"float32">;
  /** [batch, hidden]; absent when the architecture or the checkpoint has no pooler. */
  readonly poolerOutput?: HostTensor<"float32"> | undefined;
}

export interface LogitsOutput {
  /**
   * Sequence classification: [batch, labels]. Masked LM: [batch, tokens, vocabulary]. Token
   * classification: [batch, tokens, labels].
   */
  readonly logits: HostTensor<"float32">;
}

export interface SpanOutput {
  /** How well an answer begins at each token: [batch, tokens]. */
  readonly startLogits: HostTensor<"float32">;
  /** How well it ends there: [batch, tokens]. */
  readonly endLogits: HostTensor<"float32">;
}
