import { alignText } from "../aligned-text.ts";
import {
  createNormalizer,
  type Normalizer,
  type NormalizerDefinition,
} from "../normalizers/normalizer.ts";
import { createPrecompiledText, isReplaced } from "../normalizers/precompiled.ts";
import { normalize } from "../unicode/normal-forms.ts";
import { canonicallyDecomposable, compatiblyDecomposable } from "../unicode/set.ts";

/**
 * A normalizer that looks at no more than what stands together: text that is cut where neither side can change the
 * other may be rewritten piece by piece.
 */
export interface TextStep {
  /** What the normalizer makes of a text, without offsets. */
  rewrite(text: string): string;
  /** The same for a text of characters that do not touch each other; faster than {@link rewrite} for many. */
  rewriteEach?(text: string): string;
  /** Whether a character at the start of a grapheme cluster is replaced with it; `undefined` if it is left alone. */
  replacesClusters?(character: string): boolean | undefined;
  /** Several characters that are replaced together, beside what each becomes. */
  readonly source?: string;
  readonly content?: string;
  /** What two or more spaces become. */
  readonly manySpaces?: string;
}

export interface TextSteps {
  readonly steps: readonly TextStep[];
  readonly stripsLeft: boolean;
  readonly stripsRight: boolean;
  /** All of them but Strip, with offsets. */
  readonly aligned: Normalizer;
  /** All of them, for text with more text before it. */
  readonly alignedEnd: Normalizer;
}

/** `undefined` when there is a step that needs the whole text, or is not known. */
export function readTextSteps(normalizer: NormalizerDefinition | undefined): TextSteps | undefined {
  const definitions = flatten(normalizer);
  const strips = definitions.filter((each) => each.type === "Strip");
  const others = definitions.filter((each) => each.type !== "Strip");
  const steps = others.map(readStep);
  if (!steps.every((step) => step !== undefined)) return undefined;
  const ofEnd = definitions.map((each) =>
    each.type === "Strip" ? { ...each, stripLeft: false } : each,
  );
  return {
    steps,
    stripsLeft: strips.some((each) => each.stripLeft),
    stripsRight: strips.some((each) => each.stripRight),
    aligned: createNormalizer({ type: "Sequence", normalizers: others }),
    alignedEnd: createNormalizer({ type: "Sequence", normalizers: ofEnd }),
  };
}

function flatten(definition: NormalizerDefinition | undefined): readonly NormalizerDefinition[] {
  if (!definition) return [];
  return definition.type === "Sequence" ? definition.normalizers.flatMap(flatten) : [definition];
}

function readStep(definition: NormalizerDefinition): TextStep | undefined {
  const run = createNormalizer(definition);
  const rewrite = (text: string) => run(alignText(text)).text;
  switch (definition.type) {
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const { type } = definition;
      const set = type.length === 3 ? canonicallyDecomposable : compatiblyDecomposable;
      // The engine knows more characters than the reference, never fewer: what it leaves as it is stays so there.
      return {
        rewrite: (text) =>
          ASCII.test(text) || text.normalize(type) === text
            ? text
            : normalize(alignText(text), type).text,
        rewriteEach: (text) =>
          Array.from(text, (character) =>
            set.has(character.codePointAt(0) ?? 0) ? character.normalize(type) : character,
          ).join(""),
      };
    }
    case "Lowercase":
      return { rewrite: (text) => (ASCII.test(text) ? text.toLowerCase() : rewrite(text)) };
    case "StripAccents":
      return { rewrite: (text) => (ASCII.test(text) ? text : rewrite(text)) };
    case "Nmt":
      return { rewrite: (text) => (PRINTABLE.test(text) ? text : rewrite(text)) };
    case "Precompiled":
      return {
        rewrite: createPrecompiledText(definition.charsMap),
        replacesClusters: (character) => isReplaced(definition.charsMap, character),
      };
    case "Replace":
      return readReplace(definition.pattern, definition.content);
    default:
      return undefined;
  }
}

const ASCII = /^[\0-\x7f]*$/;
const PRINTABLE = /^[ -~]*$/;

function readReplace(
  { type, source }: Extract<NormalizerDefinition, { type: "Replace" }>["pattern"],
  content: string,
): TextStep | undefined {
  if (type === "Regex") {
    if (source !== " {2,}" || Array.from(content).length !== 1) return undefined;
    return { rewrite: (text) => text.replace(SPACES, content), manySpaces: content };
  }
  const count = Array.from(source).length;
  if (count === 0) return undefined;
  const rewrite = (text: string) => text.replaceAll(source, () => content);
  if (count === 1) return { rewrite };
  // It may not span a cut, and what it writes may not end with what a later step would join.
  const isPlain = GRAPHIC.test(source) && GRAPHIC.test(content);
  return isPlain ? { rewrite, source, content } : undefined;
}

const SPACES = / {2,}/g;
const GRAPHIC = /^[!-~]+$/;
