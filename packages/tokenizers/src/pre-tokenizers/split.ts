import { type AlignedText, sliceText } from "../aligned-text.ts";

export const SPLIT_BEHAVIORS = [
  "Removed",
  "Isolated",
  "Contiguous",
  "MergedWithPrevious",
  "MergedWithNext",
] as const;

/** What becomes of the matches of a pattern. */
export type SplitBehavior = (typeof SPLIT_BEHAVIORS)[number];

/** Units [start, end) of a text. */
export type Range = readonly [start: number, end: number];

interface Span {
  readonly start: number;
  readonly end: number;
  readonly isMatch: boolean;
}

/** Cuts `text` at `matches` (in order, not overlapping, perhaps empty); empty pieces vanish in the end. */
export function split(
  text: AlignedText,
  matches: readonly Range[],
  { behavior, invert = false }: { readonly behavior: SplitBehavior; readonly invert?: boolean },
): AlignedText[] {
  const spans = cover(text.text.length, matches, invert);
  return merge(spans, behavior)
    .filter(({ start, end }) => end > start)
    .map(({ start, end }) => sliceText(text, start, end));
}

/** Matches and what lies between them, over the whole text. */
function cover(length: number, matches: readonly Range[], invert: boolean): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const [from, to] of matches) {
    if (from > end) spans.push({ start: end, end: from, isMatch: invert });
    spans.push({ start: from, end: to, isMatch: !invert });
    end = to;
  }
  if (length > end) spans.push({ start: end, end: length, isMatch: invert });
  return spans;
}

function merge(spans: Span[], behavior: SplitBehavior): Span[] {
  switch (behavior) {
    case "Removed":
      return spans.filter((span) => !span.isMatch);
    case "Isolated":
      return spans;
    case "Contiguous":
      return join(spans, (before, span) => before.isMatch === span.isMatch);
    case "MergedWithPrevious":
      return join(spans, (before, span) => span.isMatch && !before.isMatch);
    case "MergedWithNext":
      return joinFromRight(spans);
  }
}

/** Joins a span to the one before it in the source list where `joins` says so. */
function join(spans: readonly Span[], joins: (before: Span, span: Span) => boolean): Span[] {
  const result: Span[] = [];
  spans.forEach((span, i) => {
    const last = result.at(-1);
    if (last && joins(spans[i - 1], span)) {
      result[result.length - 1] = { ...last, end: span.end };
      return;
    }
    result.push(span);
  });
  return result;
}

/** A match takes the span after it, unless that is a match itself. */
function joinFromRight(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i];
    const next = spans[i + 1];
    const first = result.at(-1);
    if (first && next && span.isMatch && !next.isMatch) {
      result[result.length - 1] = { ...first, start: span.start };
      continue;
    }
    result.push(span);
  }
  return result.reverse();
}
