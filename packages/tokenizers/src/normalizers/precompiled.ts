import { type AlignedText, applyChanges, type Change } from "../aligned-text.ts";
import { TokenizerFormatError } from "../errors.ts";
import { byteLength } from "../models/byte-tokens.ts";
import { graphemes, marks, prepends } from "../unicode/graphemes.ts";

/** SentencePiece's `precompiled_charsmap`: a double-array trie of what is replaced, and the replacements. */
export interface CharsMap {
  readonly units: Uint32Array;
  /** UTF-8 strings, each ended by a NUL. */
  readonly replacements: Uint8Array;
}

/** @throws {TokenizerFormatError} naming `path`. */
export function parseCharsMap(base64: string, path: string): CharsMap {
  const bytes = decodeBase64(base64, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  if (size === 0 || size % 4 !== 0 || 4 + size > bytes.length) {
    throw new TokenizerFormatError(`${path} is cut off: its trie does not fit`);
  }
  const units = new Uint32Array(size / 4);
  for (let i = 0; i < units.length; i++) units[i] = view.getUint32(4 + 4 * i, true);
  return { units, replacements: bytes.subarray(4 + size) };
}

function decodeBase64(text: string, path: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new TokenizerFormatError(`${path} must be base64`, { cause });
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Longer clusters, in bytes, are looked up character by character. */
const CLUSTER_LIMIT = 6;

/**
 * Replaces what the map holds. A short grapheme cluster is replaced as a whole by what its shortest prefix in the
 * map stands for; the reference does so, and loses the rest of it.
 */
export function createPrecompiled(map: CharsMap): (source: AlignedText) => AlignedText {
  const lookUps = new LookUps(map);
  return (source) => {
    const changes: Change[] = [];
    let isChanged = false;
    lookUps.visit(source.text, (part, replacement) => {
      if (replacement === undefined) {
        changes.push({ codePoint: part.codePointAt(0) as number, change: 0 }); // one character
        return;
      }
      isChanged = true;
      addReplacement(changes, part, replacement);
    });
    return isChanged ? applyChanges(source, changes) : source;
  };
}

/** The text alone of what {@link createPrecompiled} gives. */
export function createPrecompiledText(map: CharsMap): (text: string) => string {
  const lookUps = new LookUps(map);
  return (text) => lookUps.rewrite(text);
}

/** Whether the map replaces a character wherever it stands at the start of a cluster; `undefined` if it has none. */
export function isReplaced(map: CharsMap, character: string): boolean | undefined {
  const found = walk(map, encodeCharacter(character));
  return found === undefined ? undefined : found >= 0;
}

/** What the map has for a unit: it is replaced, it begins something longer. */
const REPLACED = 1;
const BEGINS = 2;
/** How it can join a cluster: as a mark, or with whatever follows. */
const JOINS_BEFORE = 4;
const JOINS_NEXT = 8;

class LookUps {
  readonly #map: CharsMap;
  readonly #ofCharacter = new Map<string, string | undefined>();
  #made: Uint8Array | undefined;

  constructor(map: CharsMap) {
    this.#map = map;
  }

  /** Of every unit. */
  get #flags(): Uint8Array {
    this.#made ??= createFlags(this.#map);
    return this.#made;
  }

  rewrite(text: string): string {
    const kind = this.#kindOf(text);
    if (kind === "unchanged") return text;
    if (kind === "characters") return this.#rewriteCharacters(text);
    let result = "";
    for (const cluster of graphemes(text)) {
      result += this.#cluster(cluster) ?? this.#rewriteCharacters(cluster);
    }
    return result;
  }

  #rewriteCharacters(text: string): string {
    const flags = this.#flags;
    let result = "";
    let kept = 0;
    for (let i = 0; i < text.length; i++) {
      if ((flags[text.charCodeAt(i)] & REPLACED) === 0) continue;
      const character = String.fromCodePoint(text.codePointAt(i) as number); // i is inside the text
      const replacement = this.#character(character);
      if (replacement === undefined) continue;
      result += text.slice(kept, i) + replacement;
      kept = i + character.length;
    }
    return kept === 0 ? text : result + text.slice(kept);
  }

  /**
   * Calls `use` with each part of the text and what replaces it; a part that nothing replaces is a character. Not at
   * all when nothing is replaced.
   */
  visit(text: string, use: (part: string, replacement: string | undefined) => void): void {
    const kind = this.#kindOf(text);
    if (kind === "unchanged") return;
    for (const cluster of kind === "clusters" ? graphemes(text) : text) {
      const whole = kind === "clusters" ? this.#cluster(cluster) : undefined;
      if (whole !== undefined) use(cluster, whole);
      else for (const character of cluster) use(character, this.#character(character));
    }
  }

  #character(character: string): string | undefined {
    if (!this.#ofCharacter.has(character)) {
      if (this.#ofCharacter.size > 50_000) this.#ofCharacter.clear();
      this.#ofCharacter.set(character, lookUp(this.#map, encodeCharacter(character)));
    }
    return this.#ofCharacter.get(character);
  }

  #cluster(cluster: string): string | undefined {
    if (cluster.length >= CLUSTER_LIMIT) return undefined;
    const bytes = encoder.encode(cluster);
    return bytes.length < CLUSTER_LIMIT ? lookUp(this.#map, bytes) : undefined;
  }

  /**
   * Whether anything is replaced, and whether clusters must be known for it. They must not, as long as no character
   * that the map knows is joined by another one to less than six bytes: a cluster that begins with an unknown
   * character has no prefix in the map, and longer ones are not looked up.
   */
  #kindOf(text: string): "unchanged" | "characters" | "clusters" {
    const flags = this.#flags;
    const last = text.length - 1;
    let seen = 0;
    for (let i = 0; i <= last; i++) {
      const unit = text.charCodeAt(i);
      const flag = flags[unit];
      if ((flag & (REPLACED | BEGINS)) === 0) continue;
      seen |= flag;
      if (i === last) break;
      const next = text.charCodeAt(i + 1);
      const joins = (flag & JOINS_NEXT) | (flags[next] & JOINS_BEFORE);
      if (joins !== 0 && mayBeShort(unit, next)) return "clusters";
      if (unit === CARRIAGE_RETURN && next === LINE_FEED) return "clusters";
    }
    return (seen & REPLACED) === 0 ? "unchanged" : "characters";
  }
}

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Whether two characters can be looked up as a cluster; of those outside the basic plane only a half is known. */
function mayBeShort(unit: number, next: number): boolean {
  return isHighSurrogate(unit) || utf8Length(unit) + utf8Length(next) < CLUSTER_LIMIT;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function utf8Length(unit: number): number {
  return isHighSurrogate(unit) ? 4 : byteLength(unit);
}

function createFlags(map: CharsMap): Uint8Array {
  const flags = new Uint8Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    if ((unit & 0xf800) === 0xd800) continue;
    const found = walk(map, encodeCodePoint(unit));
    if (found !== undefined) flags[unit] = found >= 0 ? REPLACED : BEGINS;
  }
  // Outside the basic plane characters are looked up one by one, and any can be a mark.
  flags.fill(REPLACED | JOINS_BEFORE, 0xd800, 0xdc00);
  for (const codePoint of marks()) if (codePoint < 0x10000) flags[codePoint] |= JOINS_BEFORE;
  for (const codePoint of prepends()) {
    flags[codePoint < 0x10000 ? codePoint : 0xd7c0 + (codePoint >> 10)] |= JOINS_NEXT;
  }
  return flags;
}

function encodeCharacter(character: string): Uint8Array {
  return encodeCodePoint(character.codePointAt(0) as number); // one character
}

/** UTF-8 of one character, until the next call; an encoder takes ten times as long for so little. */
function encodeCodePoint(codePoint: number): Uint8Array {
  const length = byteLength(codePoint);
  let rest = codePoint;
  for (let i = length - 1; i > 0; i--) {
    utf8[i] = 0x80 | (rest & 0x3f);
    rest >>= 6;
  }
  utf8[0] = LEADS[length] | rest;
  return views[length];
}

const utf8 = new Uint8Array(4);
const views: readonly Uint8Array[] = [0, 1, 2, 3, 4].map((length) => utf8.subarray(0, length));
/** First bytes without bits of the character, by how many bytes there are. */
const LEADS = [0, 0, 0xc0, 0xe0, 0xf0];

/** Surplus characters are inserted; missing ones are swallowed by the last that was written, whosever it is. */
function addReplacement(changes: Change[], part: string, replacement: string): void {
  const characters = Array.from(replacement);
  const surplus = characters.length - Array.from(part).length;
  for (const character of characters) {
    changes.push({ codePoint: character.codePointAt(0) as number, change: 0 });
  }
  for (let i = 0; i < surplus; i++) {
    const change = changes.at(-1 - i);
    if (change) change.change = 1;
  }
  const last = changes.at(-1);
  if (surplus < 0 && last) last.change += surplus;
}

/** What the shortest prefix of `bytes` in the trie stands for. */
function lookUp(map: CharsMap, bytes: Uint8Array): string | undefined {
  const start = walk(map, bytes);
  if (start === undefined || start < 0) return undefined;
  const { replacements } = map;
  let end = start;
  while (end < replacements.length && replacements[end] !== 0) end++;
  return decoder.decode(replacements.subarray(start, end));
}

/**
 * Where the replacement of the shortest prefix of `bytes` begins; −1 when only something longer can be in the trie,
 * `undefined` when nothing is.
 */
function walk({ units }: CharsMap, bytes: Uint8Array): number | undefined {
  let at = offsetOf(units[0]);
  for (const byte of bytes) {
    if (byte === 0) return undefined;
    at ^= byte;
    const unit = units[at];
    if (unit === undefined || (unit & 0x8000_00ff) !== byte) return undefined;
    at ^= offsetOf(unit);
    if ((unit & 0x100) !== 0) return (units[at] ?? 0) & 0x7fff_ffff;
  }
  return -1;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
