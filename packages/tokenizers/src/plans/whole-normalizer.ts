import { alignText, wellFormed } from "../aligned-text.ts";
import type { Normalizer, NormalizerDefinition } from "../normalizers/normalizer.ts";

/** A normalizer over strings, which leaves text that is in its form already as it is. */
export function wholeNormalizer(
  definition: NormalizerDefinition,
  normalizer: Normalizer,
): ((piece: string) => string) | undefined {
  if (definition.type === "Sequence" && definition.normalizers.length === 0) return undefined;
  const run = (piece: string) => normalizer(alignText(wellFormed(piece))).text;
  switch (definition.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      // The engine knows more characters than the reference, never fewer: what it leaves as it is stays so there.
      return (piece) => (piece.normalize(definition.type) === piece ? piece : run(piece));
    default:
      return run;
  }
}
