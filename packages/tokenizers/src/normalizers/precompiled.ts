import { type AlignedText, applyChanges, type Change } from "../aligned-text.ts";
import { TokenizerFormatError } from "../errors.ts";
import { graphemes } from "../unicode/graphemes.ts";

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
  const ofCharacter = new Map<string, string | undefined>();
  const lookUpCharacter = (character: string): string | undefined => {
    if (!ofCharacter.has(character)) {
      if (ofCharacter.size > 50_000) ofCharacter.clear();
      ofCharacter.set(character, lookUp(map, encoder.encode(character)));
    }
    return ofCharacter.get(character);
  };
  const lookUpCluster = (cluster: string): string | undefined => {
    if (cluster.length >= CLUSTER_LIMIT) return undefined;
    const bytes = encoder.encode(cluster);
    return bytes.length < CLUSTER_LIMIT ? lookUp(map, bytes) : undefined;
  };
  return (source) => {
    const changes: Change[] = [];
    let isChanged = false;
    for (const cluster of graphemes(source.text)) {
      const whole = lookUpCluster(cluster);
      const parts = whole === undefined ? cluster : [cluster];
      for (const part of parts) {
        const replacement = whole ?? lookUpCharacter(part);
        isChanged ||= replacement !== undefined;
        if (replacement !== undefined) addReplacement(changes, part, replacement);
        else changes.push({ codePoint: part.codePointAt(0) as number, change: 0 });
      }
    }
    return isChanged ? applyChanges(source, changes) : source;
  };
}

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
function lookUp({ units, replacements }: CharsMap, bytes: Uint8Array): string | undefined {
  let at = offsetOf(units[0]);
  for (const byte of bytes) {
    if (byte === 0) return undefined;
    at ^= byte;
    const unit = units[at];
    if (unit === undefined || (unit & 0x8000_00ff) !== byte) return undefined;
    at ^= offsetOf(unit);
    if ((unit & 0x100) === 0) continue;
    const start = (units[at] ?? 0) & 0x7fff_ffff;
    let end = start;
    while (end < replacements.length && replacements[end] !== 0) end++;
    return decoder.decode(replacements.subarray(start, end));
  }
  return undefined;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
