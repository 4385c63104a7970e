import { parseBoolean, parseInteger, parseObject, parseString } from "@bearhug/core";
import type { Vocabulary } from "./models/vocabulary.ts";
import { isWhitespace, wordCharacters } from "./unicode/set.ts";

/** A token that is found in the text itself, before the model sees it. */
export interface AddedToken {
  readonly content: string;
  /** Left out when decoding with `skipSpecialTokens`. */
  readonly special: boolean;
  /** Searched in the normalized text instead of the raw one. */
  readonly normalized: boolean;
  /** Found only where no word character touches it. */
  readonly singleWord: boolean;
  /** Takes the white space before it. */
  readonly lstrip: boolean;
  /** Takes the white space after it. */
  readonly rstrip: boolean;
}

export interface AddedTokenWithId extends AddedToken {
  readonly id: number;
}

/** Units [start, end) of a text that are an added token. */
export interface AddedTokenMatch {
  readonly start: number;
  readonly end: number;
  readonly token: AddedTokenWithId;
}

export function parseAddedToken(value: unknown, path: string): AddedToken {
  const fields = parseObject(value, path);
  const flag = (name: string) => parseBoolean(fields[name], `${path}.${name}`);
  parseInteger(fields["id"], `${path}.id`, { min: 0 });
  return {
    content: parseString(fields["content"], `${path}.content`),
    special: flag("special"),
    normalized: flag("normalized"),
    singleWord: flag("single_word"),
    lstrip: flag("lstrip"),
    rstrip: flag("rstrip"),
  };
}

/**
 * Gives each token its id. The id in the file is not trusted: a token that the model knows keeps the model's,
 * any other gets the next free one.
 */
export function assignIds(
  tokens: readonly AddedToken[],
  vocabulary: Vocabulary,
): ReadonlyMap<string, AddedTokenWithId> {
  const assigned = new Map<string, AddedTokenWithId>();
  let highest = -1;
  for (const token of tokens) {
    if (token.content === "") continue;
    const known = assigned.get(token.content)?.id ?? vocabulary.id(token.content);
    const isBeyondModel = highest >= vocabulary.size || vocabulary.size === 0;
    const next = isBeyondModel && highest >= 0 ? highest + 1 : vocabulary.size;
    const id = known ?? next;
    highest = Math.max(highest, id);
    assigned.set(token.content, { ...token, id });
  }
  return assigned;
}

/** Finds added tokens: leftmost first, the longest of those that begin at one place, never overlapping. */
export class AddedTokenMatcher {
  readonly #pattern: RegExp | undefined;
  readonly #tokens: ReadonlyMap<string, AddedTokenWithId>;
  /** First characters of the tokens: most texts have none of them. */
  readonly #firsts: readonly string[];

  /** @param tokens by the text to look for, which for normalized tokens is the normalized content. */
  constructor(tokens: ReadonlyMap<string, AddedTokenWithId>) {
    this.#tokens = tokens;
    this.#firsts = [...new Set([...tokens.keys()].map((content) => content.slice(0, 1)))];
    // An alternation takes the first alternative that fits, so the longest come first.
    const contents = [...tokens.keys()]
      .filter((content) => content !== "")
      .sort((a, b) => b.length - a.length);
    if (contents.length > 0)
      this.#pattern = new RegExp(contents.map(escapePattern).join("|"), "gu");
  }

  /** Whether `text` may hold a token: quick, and never false where {@link find} finds one. */
  mayMatch(text: string): boolean {
    if (!this.#pattern) return false;
    if (this.#firsts.length > 4) return text.search(this.#pattern) >= 0;
    return this.#firsts.some((first) => text.includes(first));
  }

  find(text: string): AddedTokenMatch[] {
    const matches: AddedTokenMatch[] = [];
    if (!this.#pattern) return matches;
    for (const { 0: content, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(content);
      if (!token) continue;
      const end = index + content.length;
      if (token.singleWord && touchesWord(text, index, end)) continue;
      const before = matches.at(-1)?.end ?? 0;
      matches.push({
        start: token.lstrip ? Math.min(index, spaceStart(text, index, before)) : index,
        end: token.rstrip ? spaceEnd(text, end) : end,
        token,
      });
    }
    return matches;
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function touchesWord(text: string, start: number, end: number): boolean {
  const after = text.codePointAt(end);
  if (after !== undefined && wordCharacters.has(after)) return true;
  if (start === 0) return false;
  const low = text.charCodeAt(start - 1);
  const isLowHalf = low >= 0xdc00 && low <= 0xdfff && start > 1;
  const before = isLowHalf ? (text.codePointAt(start - 2) ?? low) : low;
  return wordCharacters.has(before);
}

/** Where the white space before `index` begins, at the earliest `limit`. */
function spaceStart(text: string, index: number, limit: number): number {
  let start = index;
  while (start > limit && isWhitespace(text.charCodeAt(start - 1))) start--;
  return start;
}

function spaceEnd(text: string, index: number): number {
  let end = index;
  while (end < text.length && isWhitespace(text.charCodeAt(end))) end++;
  return end;
}
