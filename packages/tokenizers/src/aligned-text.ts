import { TokenizerFormatError } from "./errors.ts";

/**
 * Text that remembers where it came from: for every UTF-16 unit, the range of the original that it stands for.
 * All offsets of tokens come from here. The rules are the reference's: an inserted character takes the range
 * of the character before it, a removed one belongs to nobody.
 */
export interface AlignedText {
  readonly text: string;
  /** Start in the original of each unit of `text`. */
  readonly starts: Int32Array;
  /** End in the original of each unit of `text`. */
  readonly ends: Int32Array;
  /** Where the piece that this was made from begins in the original. */
  readonly origin: number;
}

/** `text` standing for itself, as it does at `offset` of the original. */
export function alignText(text: string, offset = 0): AlignedText {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let i = 0; i < text.length; ) {
    const width = charWidth(text, i);
    starts.fill(offset + i, i, i + width);
    ends.fill(offset + i + width, i, i + width);
    i += width;
  }
  return { text, starts, ends, origin: offset };
}

/** UTF-16 units of the character at `index`. */
export function charWidth(text: string, index: number): 1 | 2 {
  // Not beyond the end: the caller keeps index < text.length.
  return (text.codePointAt(index) as number) > 0xffff ? 2 : 1;
}

/** Each lone surrogate becomes U+FFFD, as on the reference's way in; lengths stay. */
export function wellFormed(text: string): string {
  return LONE_SURROGATE.test(text) ? text.replace(EVERY_LONE_SURROGATE, "\uFFFD") : text;
}

// With the u flag a proper pair is one code point, so only lone halves match.
const LONE_SURROGATE = /\p{Cs}/u;
const EVERY_LONE_SURROGATE = /\p{Cs}/gu;

/** A piece of its own: it begins where its first unit does. */
export function sliceText(text: AlignedText, start: number, end: number): AlignedText {
  const origin = start < end ? text.starts[start] : text.origin;
  return { ...trimText(text, start, end), origin };
}

/** What is left of a piece when its ends are dropped. */
export function trimText(text: AlignedText, start: number, end: number): AlignedText {
  if (start === 0 && end === text.text.length) return text;
  return {
    text: text.text.slice(start, end),
    starts: text.starts.subarray(start, end),
    ends: text.ends.subarray(start, end),
    origin: text.origin,
  };
}

/** The original range of units [start, end) of `text`. */
export function originalRange(text: AlignedText, start: number, end: number): [number, number] {
  if (start >= end) {
    const at = start < text.text.length ? text.starts[start] : (text.ends[start - 1] ?? 0);
    return [at, at];
  }
  return [text.starts[start], text.ends[end - 1]];
}

/** Texts may grow this much; replacements that feed each other would fill the memory with a line of text. */
const MOST_GROWTH = 64;
const ALWAYS_ALLOWED = 1 << 18;

/**
 * Collects a new text piece by piece from an old one.
 *
 * @throws {TokenizerFormatError} when it grows without bounds.
 */
export class TextBuilder {
  readonly #source: AlignedText;
  readonly #parts: string[] = [];
  #starts: Int32Array;
  #ends: Int32Array;
  #length = 0;
  readonly #most: number;

  constructor(source: AlignedText) {
    this.#source = source;
    const original = (source.ends[source.text.length - 1] ?? 0) - source.origin;
    this.#most = ALWAYS_ALLOWED + MOST_GROWTH * Math.max(0, original);
    const capacity = source.text.length + 16;
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
  }

  /** Units [start, end) of the source, unchanged. */
  keep(start: number, end: number): void {
    if (start >= end) return;
    this.#reserve(end - start);
    this.#parts.push(this.#source.text.slice(start, end));
    this.#starts.set(this.#source.starts.subarray(start, end), this.#length);
    this.#ends.set(this.#source.ends.subarray(start, end), this.#length);
    this.#length += end - start;
  }

  /** `text`, all of it standing for what unit `at` of the source stands for; for nothing when `at` is −1. */
  write(text: string, at: number): void {
    const start = at < 0 ? this.#source.origin : this.#source.starts[at];
    const end = at < 0 ? this.#source.origin : this.#source.ends[at];
    this.#reserve(text.length);
    this.#parts.push(text);
    this.#starts.fill(start, this.#length, this.#length + text.length);
    this.#ends.fill(end, this.#length, this.#length + text.length);
    this.#length += text.length;
  }

  build(): AlignedText {
    return {
      text: this.#parts.join(""),
      starts: this.#starts.subarray(0, this.#length),
      ends: this.#ends.subarray(0, this.#length),
      origin: this.#source.origin,
    };
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#starts.length) return;
    if (needed > this.#most) {
      throw new TokenizerFormatError(
        `normalizer makes more than ${this.#most} characters of a text`,
      );
    }
    const capacity = Math.max(needed, this.#starts.length * 2);
    const starts = new Int32Array(capacity);
    const ends = new Int32Array(capacity);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}

/**
 * Rewrites `source` character by character. `rewrite` gives what stands in the character's place (all of it
 * standing for that character), or `undefined` to keep it.
 */
export function mapCharacters(
  source: AlignedText,
  rewrite: (codePoint: number) => string | undefined,
): AlignedText {
  const { text } = source;
  let builder: TextBuilder | undefined;
  let kept = 0;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i) as number; // i is inside the text
    const width = codePoint > 0xffff ? 2 : 1;
    const replacement = rewrite(codePoint);
    if (replacement !== undefined) {
      builder ??= new TextBuilder(source);
      builder.keep(kept, i);
      if (replacement !== "") builder.write(replacement, i);
      kept = i + width;
    }
    i += width;
  }
  if (!builder) return source;
  builder.keep(kept, text.length);
  return builder.build();
}

/** `prefix` in front, standing for the first character, unless the text is empty or has it already. */
export function prependIfMissing(source: AlignedText, prefix: string): AlignedText {
  if (source.text === "" || source.text.startsWith(prefix)) return source;
  const builder = new TextBuilder(source);
  builder.write(prefix, 0);
  builder.keep(0, source.text.length);
  return builder.build();
}

/** A character of a new text, and how the old one moves under it (see {@link applyChanges}). */
export interface Change {
  codePoint: number;
  /** 0 replaces the current source character, 1 is inserted, −n replaces and swallows n more. */
  change: number;
}

/** Lays the changed characters over the source from the left, as the reference's `transform` does. */
export function applyChanges(source: AlignedText, changes: readonly Change[]): AlignedText {
  const builder = new TextBuilder(source);
  const { text } = source;
  let next = 0;
  for (const { codePoint, change } of changes) {
    builder.write(String.fromCodePoint(codePoint), change > 0 ? next - 1 : next);
    if (change > 0) continue;
    for (let skip = change; skip <= 0; skip++)
      next += (text.codePointAt(next) ?? 0) > 0xffff ? 2 : 1;
  }
  return builder.build();
}
