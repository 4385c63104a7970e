/**
 * The hot path: text into a window of UTF-16 units, an automaton over these that finds where chunks end, a cache of
 * fixed size that knows the ids of chunks. It knows nothing of vocabularies: `encodeChunk` does.
 *
 * All arrays that loops touch are constants of this module and not exported: V8 then keeps their addresses in
 * registers (4.5× on the same loop). Hence one window and one cache for all tokenizers.
 */
import { FIRST_RARE_ACTION, MAX_TRANSITIONS, type Splitter, SURROGATE_ACTION } from "./splitter.ts";

/** A tokenizer whose text can be cut into chunks that no step of it looks across. */
export interface ChunkEncoder {
  /** From {@link nextTag}: whose entries these are in the shared cache. */
  readonly tag: number;
  readonly splitter: Splitter;
  /** The ids of a chunk that the cache does not have. It must not encode by the kernel itself. */
  encodeChunk(chunk: string): Int32Array;
  /** Ids of chunks that the cache cannot hold: long ones, and those of many tokens. */
  readonly longChunks: Map<string, Int32Array>;
}

const WINDOW = 8_192;
/** Boundaries at the end of a window that the text behind it may take back. */
const UNSURE = 4;
/** Units that a key of the small cache holds, and of the large one. */
const SHORT = 8;
const LONG = 16;
/** Sets of two entries each: four integers of key, owner and count, three ids. */
const SHORT_SETS = 1 << 16;
const SHORT_ENTRY = 8;
/** Entries: eight integers of key, owner and count, seven ids. */
const LONG_ENTRIES = 1 << 15;
const LONG_ENTRY = 16;
/** The count of an entry whose ids stand in `longChunks`. */
const ELSEWHERE = 15;
/** Ids are put away at this length; beyond is room for what one window finds in the caches. */
const MAX_OUTPUT = WINDOW * 8;
const MOST_IDS_A_WINDOW = WINDOW * 3 + LONG;
const MAX_LONG_CHUNKS = 20_000;
const MAX_TAG = 0xffff;

const units = new Uint16Array(WINDOW + LONG);
const unitView = new DataView(units.buffer);
const boundaries = new Int32Array(WINDOW + 16);
const unitClasses = new Uint8Array(0x10000);
const transitions = new Int32Array(MAX_TRANSITIONS);
const shortCache = new Int32Array(SHORT_SETS * 2 * SHORT_ENTRY);
const longCache = new Int32Array(LONG_ENTRIES * LONG_ENTRY);
const keyMasks: Int32Array = createKeyMasks();
const output = new Int32Array(MAX_OUTPUT + MOST_IDS_A_WINDOW);
const LITTLE_ENDIAN = true;

/** Whose tables stand in `unitClasses` and `transitions`. */
let active: Splitter | undefined;
let tags = 0;
let outputLength = 0;
let finished: Int32Array[] = [];
let finishedLength = 0;

/** What is being encoded, for the paths that are rarely taken. */
let chunkText = "";
let windowStart = 0;
let encoder: ChunkEncoder | undefined;

/** A number for an encoder. When they run out the caches start anew. */
export function nextTag(): number {
  tags++;
  if (tags > MAX_TAG) {
    tags = 1;
    shortCache.fill(0);
    longCache.fill(0);
  }
  return tags;
}

/** Drops what an encoding that failed has left. */
export function beginIds(): void {
  outputLength = 0;
  finished = [];
  finishedLength = 0;
}

/** How many ids there are since {@link beginIds}. */
export function countIds(): number {
  return finishedLength + outputLength;
}

export function appendId(id: number): void {
  if (outputLength >= MAX_OUTPUT) putAway();
  output[outputLength++] = id;
}

export function appendIds(ids: ArrayLike<number>): void {
  for (let i = 0; i < ids.length; i++) appendId(ids[i]);
}

/** The ids since {@link beginIds}. */
export function takeIds(): Int32Array {
  if (finished.length === 0) return output.slice(0, outputLength);
  const ids = new Int32Array(countIds());
  let at = 0;
  for (const part of finished) {
    ids.set(part, at);
    at += part.length;
  }
  ids.set(output.subarray(0, outputLength), at);
  return ids;
}

/** Appends the ids of `text`. */
export function appendText(text: string, by: ChunkEncoder): void {
  encoder = by;
  chunkText = text;
  forEachWindow(text, by.splitter, lookUpAll);
}

/** Where the chunks of `text` end. */
export function chunkEnds(text: string, splitter: Splitter): Int32Array {
  const ends: number[] = [];
  forEachWindow(text, splitter, (count) => {
    for (let i = 0; i < count; i++) ends.push(windowStart + boundaries[i]);
  });
  return Int32Array.from(ends);
}

/** Calls `use` with the number of boundaries, again and again until the whole text is cut. */
function forEachWindow(text: string, splitter: Splitter, use: (count: number) => void): void {
  activate(splitter);
  for (windowStart = 0; windowStart < text.length; ) {
    const length = fillWindow(text, windowStart);
    const isLast = windowStart + length === text.length;
    const found = scan(length, isLast);
    const count = isLast ? found : found - UNSURE;
    if (count > 0) {
      use(count);
      windowStart += boundaries[count - 1];
      continue;
    }
    // A chunk that is longer than the window goes past it.
    const end = longChunkEnd(text, windowStart, splitter);
    boundaries[0] = end - windowStart;
    use(1);
    windowStart = end;
  }
}

function activate(splitter: Splitter): void {
  if (active === splitter) return;
  active = splitter;
  unitClasses.set(splitter.unitClasses);
  transitions.set(splitter.transitions);
}

/** A bulk copy where the engine has one: Node's is five times as fast as a loop. */
const bulk: { ucs2Write(text: string, offset: number, length: number): number } | undefined = (
  globalThis as { Buffer?: { from(buffer: ArrayBufferLike): never } }
).Buffer?.from(units.buffer);
const MIN_BULK = 128;

/** Copies units from `start` on, not ending inside a character; gives how many. */
function fillWindow(text: string, start: number): number {
  let length = Math.min(WINDOW, text.length - start);
  if (length >= MIN_BULK && bulk) {
    const part = length === text.length ? text : text.substring(start, start + length);
    bulk.ucs2Write(part, 0, length * 2);
  } else {
    for (let i = 0; i < length; i++) units[i] = text.charCodeAt(start + i);
  }
  if (start + length < text.length && (units[length - 1] & 0xfc00) === 0xd800) length--;
  return length;
}

/** Runs the automaton over the window and writes `boundaries`; gives how many. */
function scan(length: number, isLast: boolean): number {
  let count = 0;
  let entry = 0;
  let hasPairs = false;
  for (let i = 0; i < length; i++) {
    entry = transitions[(entry >>> 8) + unitClasses[units[i]]];
    const action = entry & 255;
    // Stored without a branch; only the count decides what stays.
    boundaries[count] = i - (action & 1);
    if (action < FIRST_RARE_ACTION) {
      count += action >>> 1;
      continue;
    }
    if (action !== SURROGATE_ACTION) {
      count = actRarely(action, i, count);
      continue;
    }
    const isPair = isPairAt(i, length);
    hasPairs ||= isPair;
    entry = transitions[(entry >>> 8) + classAt(i, isPair)];
    count = act(entry & 255, i, count);
    if (isPair) i++;
  }
  if (isLast) {
    entry = transitions[(entry >>> 8) + (active as Splitter).endClass]; // activated before
    count = act(entry & 255, length, count);
  }
  if (hasPairs) moveOutOfPairs(count);
  return count;
}

function isPairAt(i: number, length: number): boolean {
  return i + 1 < length && (units[i] & 0xfc00) === 0xd800 && (units[i + 1] & 0xfc00) === 0xdc00;
}

/** Class of the character outside the basic plane at `i`; half of one counts as U+FFFD. */
function classAt(i: number, isPair: boolean): number {
  const splitter = active as Splitter; // activated before
  if (!isPair) return splitter.classOf(0xfffd);
  return splitter.classOf(0x10000 + ((units[i] & 0x3ff) << 10) + (units[i + 1] & 0x3ff));
}

function act(action: number, i: number, count: number): number {
  if (action >= FIRST_RARE_ACTION) return actRarely(action, i, count);
  boundaries[count] = i - (action & 1);
  return count + (action >>> 1);
}

function actRarely(action: number, i: number, count: number): number {
  const { takesBack, writes } = (active as Splitter).rareActions[action - FIRST_RARE_ACTION];
  let next = count - takesBack;
  for (const back of writes) boundaries[next++] = i - back;
  return next;
}

/** "One character back" is one unit too few where that character is a pair. */
function moveOutOfPairs(count: number): void {
  for (let i = 0; i < count; i++) {
    const at = boundaries[i];
    const isInside =
      at > 0 && (units[at] & 0xfc00) === 0xdc00 && (units[at - 1] & 0xfc00) === 0xd800;
    if (isInside) boundaries[i] = at - 1;
  }
}

/** Looks up the chunks of the window and appends their ids. */
function lookUpAll(count: number): void {
  if (outputLength > MAX_OUTPUT) putAway();
  const owner = (encoder as ChunkEncoder).tag << 8; // set by appendText
  let from = 0;
  let at = outputLength;
  for (let i = 0; i < count; i++) {
    const to = boundaries[i];
    const length = to - from;
    if (length > SHORT) {
      outputLength = at;
      if (length <= LONG) lookUpLong(from, to, owner);
      else appendElsewhere(from, to);
      at = outputLength;
      from = to;
      continue;
    }
    const byte = from * 2;
    const mask = length * 4;
    const k0 = unitView.getInt32(byte, LITTLE_ENDIAN) & keyMasks[mask];
    const k1 = unitView.getInt32(byte + 4, LITTLE_ENDIAN) & keyMasks[mask + 1];
    const k2 = unitView.getInt32(byte + 8, LITTLE_ENDIAN) & keyMasks[mask + 2];
    const k3 = unitView.getInt32(byte + 12, LITTLE_ENDIAN) & keyMasks[mask + 3];
    const own = owner | (length << 4);
    const mixed =
      Math.imul(k0 ^ own, 0x9e3779b1) ^
      Math.imul(k1, 0x85ebca6b) ^
      Math.imul(k2, 0xc2b2ae35) ^
      Math.imul(k3, 0x27d4eb2f);
    const entry = (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 16) * (2 * SHORT_ENTRY);
    const found = shortCache[entry + 4];
    const difference =
      (shortCache[entry] ^ k0) |
      (shortCache[entry + 1] ^ k1) |
      (shortCache[entry + 2] ^ k2) |
      (shortCache[entry + 3] ^ k3) |
      ((found ^ own) & ~15);
    if (difference === 0) {
      // Three stores without a branch; only the count decides what is kept.
      output[at] = shortCache[entry + 5];
      output[at + 1] = shortCache[entry + 6];
      output[at + 2] = shortCache[entry + 7];
      at += found & 15;
      from = to;
      if ((found & 15) !== ELSEWHERE) continue;
      at -= ELSEWHERE;
    }
    outputLength = at;
    if (difference === 0) appendElsewhere(to - length, to);
    else lookUpSecond(entry, to - length, to);
    at = outputLength;
    from = to;
  }
  outputLength = at;
}

/** The second entry of a set; a chunk that is found there, or nowhere, becomes the first. */
function lookUpSecond(entry: number, from: number, to: number): void {
  const length = to - from;
  const own = ((encoder as ChunkEncoder).tag << 8) | (length << 4);
  const second = entry + SHORT_ENTRY;
  let isFound = ((shortCache[second + 4] ^ own) & ~15) === 0;
  const key: number[] = [];
  for (let i = 0; i < 4; i++) {
    key[i] = unitView.getInt32(from * 2 + i * 4, LITTLE_ENDIAN) & keyMasks[length * 4 + i];
    if (shortCache[second + i] !== key[i]) isFound = false;
  }
  if (isFound) {
    for (let i = 0; i < SHORT_ENTRY; i++) {
      const moved = shortCache[entry + i];
      shortCache[entry + i] = shortCache[second + i];
      shortCache[second + i] = moved;
    }
    const count = shortCache[entry + 4] & 15;
    if (count === ELSEWHERE) {
      appendElsewhere(from, to);
      return;
    }
    for (let i = 0; i < count; i++) output[outputLength++] = shortCache[entry + 5 + i];
    return;
  }
  const ids = encodeChunk(from, to);
  shortCache.copyWithin(second, entry, entry + SHORT_ENTRY);
  for (let i = 0; i < 4; i++) shortCache[entry + i] = key[i];
  shortCache[entry + 4] = own | (ids.length <= 3 ? ids.length : ELSEWHERE);
  for (let i = 0; i < 3; i++) shortCache[entry + 5 + i] = ids[i] ?? 0;
  if (ids.length > 3) remember(from, to, ids);
  append(ids);
}

/** A chunk of 9 to 16 units. */
function lookUpLong(from: number, to: number, owner: number): void {
  const length = to - from;
  const byte = from * 2;
  const mask = (length - 8) * 4;
  const k0 = unitView.getInt32(byte, LITTLE_ENDIAN);
  const k1 = unitView.getInt32(byte + 4, LITTLE_ENDIAN);
  const k2 = unitView.getInt32(byte + 8, LITTLE_ENDIAN);
  const k3 = unitView.getInt32(byte + 12, LITTLE_ENDIAN);
  const k4 = unitView.getInt32(byte + 16, LITTLE_ENDIAN) & keyMasks[mask];
  const k5 = unitView.getInt32(byte + 20, LITTLE_ENDIAN) & keyMasks[mask + 1];
  const k6 = unitView.getInt32(byte + 24, LITTLE_ENDIAN) & keyMasks[mask + 2];
  const k7 = unitView.getInt32(byte + 28, LITTLE_ENDIAN) & keyMasks[mask + 3];
  // Sixteen units are one more than four bits hold: this cache keeps the length less one.
  const own = owner | ((length - 1) << 4);
  let mixed = Math.imul(k0 ^ own, 0x9e3779b1) ^ Math.imul(k1, 0x85ebca6b);
  mixed ^= Math.imul(k2, 0xc2b2ae35) ^ Math.imul(k3, 0x27d4eb2f) ^ Math.imul(k4, 0x165667b1);
  mixed ^= Math.imul(k5, 0xd3a2646d) ^ Math.imul(k6, 0xfd7046c5) ^ Math.imul(k7, 0xb55a4f09);
  const entry = (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 17) * LONG_ENTRY;
  const found = longCache[entry + 8];
  const difference =
    (longCache[entry] ^ k0) |
    (longCache[entry + 1] ^ k1) |
    (longCache[entry + 2] ^ k2) |
    (longCache[entry + 3] ^ k3) |
    (longCache[entry + 4] ^ k4) |
    (longCache[entry + 5] ^ k5) |
    (longCache[entry + 6] ^ k6) |
    (longCache[entry + 7] ^ k7) |
    ((found ^ own) & ~15);
  const count = found & 15;
  if (difference === 0) {
    if (count === ELSEWHERE) {
      appendElsewhere(from, to);
      return;
    }
    for (let i = 0; i < count; i++) output[outputLength + i] = longCache[entry + 9 + i];
    outputLength += count;
    return;
  }
  const ids = encodeChunk(from, to);
  longCache[entry] = k0;
  longCache[entry + 1] = k1;
  longCache[entry + 2] = k2;
  longCache[entry + 3] = k3;
  longCache[entry + 4] = k4;
  longCache[entry + 5] = k5;
  longCache[entry + 6] = k6;
  longCache[entry + 7] = k7;
  longCache[entry + 8] = own | (ids.length <= 7 ? ids.length : ELSEWHERE);
  for (let i = 0; i < 7; i++) longCache[entry + 9 + i] = ids[i] ?? 0;
  if (ids.length > 7) remember(from, to, ids);
  append(ids);
}

function encodeChunk(from: number, to: number): Int32Array {
  return (encoder as ChunkEncoder).encodeChunk(chunkAt(from, to)); // set by appendText
}

function chunkAt(from: number, to: number): string {
  return chunkText.slice(windowStart + from, windowStart + to);
}

/** Chunks that only the map has. Very long ones are not kept: they hardly come again. */
function appendElsewhere(from: number, to: number): void {
  const chunk = chunkAt(from, to);
  let ids = (encoder as ChunkEncoder).longChunks.get(chunk);
  if (!ids) {
    ids = encodeChunk(from, to);
    remember(from, to, ids);
  }
  append(ids);
}

const MAX_KEPT_UNITS = 256;

function remember(from: number, to: number, ids: Int32Array): void {
  if (to - from > MAX_KEPT_UNITS) return;
  const { longChunks } = encoder as ChunkEncoder; // set by appendText
  if (longChunks.size >= MAX_LONG_CHUNKS) longChunks.clear();
  longChunks.set(chunkAt(from, to), ids);
}

function append(ids: Int32Array): void {
  if (outputLength + ids.length > MAX_OUTPUT) {
    putAway();
    if (ids.length > MAX_OUTPUT) {
      finished.push(ids);
      finishedLength += ids.length;
      return;
    }
  }
  if (ids.length > 16) output.set(ids, outputLength);
  else for (let i = 0; i < ids.length; i++) output[outputLength + i] = ids[i];
  outputLength += ids.length;
}

function putAway(): void {
  finished.push(output.slice(0, outputLength));
  finishedLength += outputLength;
  outputLength = 0;
}

/** Where the first chunk from `start` on ends, for one that a window does not hold. */
function longChunkEnd(text: string, start: number, splitter: Splitter): number {
  const ends: number[] = [];
  let state = 0;
  let at = start;
  const run = (characterClass: number) => {
    const entry = splitter.transitions[state + characterClass];
    const action = entry & 255;
    state = entry >>> 8;
    if (action >= FIRST_RARE_ACTION) {
      const { takesBack, writes } = splitter.rareActions[action - FIRST_RARE_ACTION];
      ends.length -= takesBack;
      for (const back of writes) ends.push(back === 0 ? at : characterBefore(text, at));
    } else if (action > 0) {
      ends.push(action === 2 ? at : characterBefore(text, at));
    }
  };
  while (at < text.length && ends.length <= UNSURE) {
    const codePoint = text.codePointAt(at) as number; // at is inside the text
    const isHalf = codePoint >= 0xd800 && codePoint < 0xe000;
    run(splitter.classOf(isHalf ? 0xfffd : codePoint));
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (ends.length <= UNSURE) run(splitter.endClass);
  return ends[0];
}

function characterBefore(text: string, at: number): number {
  const isPair = at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
  return isPair ? at - 2 : at - 1;
}

/** What of a key's four integers belongs to a chunk of so many units. */
function createKeyMasks(): Int32Array {
  const masks = new Int32Array((SHORT + 1) * 4);
  for (let length = 0; length <= SHORT; length++) {
    for (let i = 0; i < 4; i++) {
      const kept = Math.min(2, Math.max(0, length - 2 * i));
      masks[length * 4 + i] = kept === 2 ? -1 : kept === 1 ? 0xffff : 0;
    }
  }
  return masks;
}
