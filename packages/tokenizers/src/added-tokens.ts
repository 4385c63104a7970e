import { parseBoolean, parseInteger, parseObject, parseString } from "@bearhug/core";
import { TokenIndex } from "./added-token-index.ts";
import type { Vocabulary } from "./models/vocabulary.ts";
import type { Range } from "./pre-tokenizers/split.ts";
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
  /** Its text is tokenized like any other: the option `encodeSpecialTokens`. */
  readonly isPassedOver?: boolean | undefined;
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

/** Units [start, end) of a text that are an added token. */
export interface AddedTokenMatch {
  readonly start: number;
  readonly end: number;
  readonly token: AddedTokenWithId;
}

/** Finds added tokens: leftmost first, the longest of those that begin at one place, never overlapping. */
export class AddedTokenMatcher {
  readonly #tokens: ReadonlyMap<string, AddedTokenWithId>;
  #index: TokenIndex | undefined;

  /** @param tokens by the text to look for, which for normalized tokens is the normalized content. */
  constructor(tokens: ReadonlyMap<string, AddedTokenWithId>) {
    this.#tokens = tokens;
  }

  get isEmpty(): boolean {
    return this.#tokens.size === 0;
  }

  /** Whether `text` may hold a token: quick, and never false where {@link find} finds one. */
  mayMatch(text: string): boolean {
    if (this.#tokens.size === 0) return false;
    this.#index ??= new TokenIndex(this.#tokens);
    return this.#index.mayMatch(text);
  }

  find(text: string): AddedTokenMatch[] {
    const matches: AddedTokenMatch[] = [];
    const spaces = new SpaceRun(text);
    let before = 0;
    this.#scan(text, (found) => {
      const match = stretch(found, { spaces, before });
      if (!match) return;
      matches.push(match);
      before = match.end;
    });
    return matches;
  }

  /** Units of the longest text that is looked for. */
  get longest(): number {
    let longest = 0;
    for (const content of this.#tokens.keys()) longest = Math.max(longest, content.length);
    return longest;
  }

  /**
   * Everything in `text` that a token has to do with, white space it takes included: also where its flags refuse the
   * place, and overlapping. In order of starts.
   */
  reach(text: string): Range[] {
    const ranges: Range[] = [];
    const spaces = new SpaceRun(text);
    this.#scan(text, ({ token, start, length }) => {
      const from = token.lstrip ? spaces.startOf(start, 0) : start;
      const to = token.rstrip ? spaces.endOf(start + length) : start + length;
      ranges.push([from, to]);
    });
    return ranges;
  }

  #scan(text: string, use: (found: FoundToken) => void): void {
    if (this.#tokens.size === 0) return;
    this.#index ??= new TokenIndex(this.#tokens);
    const candidates = this.#index.candidates(text);
    for (let at = candidates.next(0); at >= 0; ) {
      const found = this.#index.longestAt(text, at);
      if (found) use({ ...found, start: at });
      // What a token swallows behind it is looked through for the next one.
      at = candidates.next(at + (found?.length ?? 1));
    }
  }
}

interface FoundToken {
  readonly token: AddedTokenWithId;
  readonly start: number;
  readonly length: number;
}

/** With the white space that the token takes; `undefined` when its flags refuse the place. */
function stretch(
  { token, start, length }: FoundToken,
  { spaces, before }: { readonly spaces: SpaceRun; readonly before: number },
): AddedTokenMatch | undefined {
  const end = start + length;
  if (token.isPassedOver) return undefined;
  if (token.singleWord && touchesWord(spaces.text, start, end)) return undefined;
  const stretched = {
    start: token.lstrip ? Math.max(spaces.startOf(start, before), before) : start,
    end: token.rstrip ? spaces.endOf(end) : end,
    token,
  };
  // A token of white space can be swallowed whole by the one before it.
  return stretched.start < stretched.end ? stretched : undefined;
}

/** White space of a text. The last run is remembered: many tokens may stand in one. */
class SpaceRun {
  readonly text: string;
  #from = 0;
  #to = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Where the white space before `index` begins, at the earliest `limit`. */
  startOf(index: number, limit: number): number {
    let start = index;
    while (start > limit && isWhitespace(this.text.charCodeAt(start - 1))) start--;
    return start;
  }

  /** Where the white space behind `index` ends. */
  endOf(index: number): number {
    if (index >= this.#from && index < this.#to) return this.#to;
    let end = index;
    while (end < this.text.length && isWhitespace(this.text.charCodeAt(end))) end++;
    this.#from = index;
    this.#to = end;
    return end;
  }
}

function touchesWord(text: string, start: number, end: number): boolean {
  const after = text.codePointAt(end);
  if (after !== undefined && wordCharacters.has(after)) return true;
  if (start === 0) return false;
  const unit = text.charCodeAt(start - 1);
  const pair = start > 1 ? (text.codePointAt(start - 2) ?? 0) : 0;
  return wordCharacters.has(pair > 0xffff ? pair : unit);
}
