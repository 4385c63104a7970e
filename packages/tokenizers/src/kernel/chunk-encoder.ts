/**
 * The hot path: text into a window of UTF-16 units, an automaton over these that finds where chunks end, a cache of
 * fixed size that knows the ids of chunks. It knows nothing of vocabularies: `encodeChunk` does.
 *
 * All arrays that loops touch are constants of this module and not exported: V8 then keeps their addresses in
 * registers (4.5× on the same loop). Hence one window and one cache for all tokenizers, and one file.
 */

import { createKeyMasks } from "./key-masks.ts";
import { longChunkEnd, UNSURE } from "./long-chunk.ts";
import { createPairScanner, nextPairCut, type PairCuts } from "./pair-cuts.ts";
import { FIRST_RARE_ACTION, MAX_TRANSITIONS, type Splitter, SURROGATE_ACTION } from "./splitter.ts";

/** A tokenizer whose text can be cut into chunks that no step of it looks across. */
export interface ChunkEncoder {
  /** From {@link nextTag}: whose entries these are in the shared cache. */
  readonly tag: number;
  readonly splitter: Splitter | PairCuts;
  /** The ids of a chunk that the cache does not have. It must not encode by the kernel itself. */
  encodeChunk(chunk: string): Int32Array;
  /** Ids of chunks that are too long for the cache. */
  readonly longChunks: Map<string, Int32Array>;
}

const WINDOW = 8_192;
/** Units that a key of the small cache holds, and of the large one. */
const SHORT = 8;
const LONG = 16;
/** Entries of a set: with two, a fifth of 100,000 chunks would push each other out for ever. */
const WAYS = 4;
/** An entry: four integers of key, owner and count, three ids. */
const SHORT_ENTRY = 8;
const SHORT_SETS = 1 << 17;
const SHORT_SHIFT = 32 - 17;
/** The same with eight integers of key and seven ids. */
const LONG_ENTRY = 16;
const LONG_SETS = 1 << 16;
const LONG_SHIFT = 32 - 16;
/** The count of an entry with more ids than it holds: it has their place in the pool and their number instead. */
const POOLED = 15;
const POOL = 1 << 20;
/** Ids are put away at this length; beyond is room for what one window finds in the caches. */
const MAX_OUTPUT = WINDOW * 8;
const MOST_IDS_A_WINDOW = WINDOW * 3 + LONG;
const MAX_LONG_CHUNKS = 20_000;
const MAX_TAG = 0xffff;

const units = new Uint16Array(WINDOW + LONG);
const unitView = new DataView(units.buffer);
const boundaries = new Int32Array(WINDOW + 16);
/** How many ids there are after each chunk of the window. */
const idBoundaries = new Int32Array(WINDOW + 16);
const unitClasses = new Uint8Array(0x10000);
const transitions = new Int32Array(MAX_TRANSITIONS);
const shortCache = new Int32Array(SHORT_SETS * WAYS * SHORT_ENTRY);
const longCache = new Int32Array(LONG_SETS * WAYS * LONG_ENTRY);
const pool = new Int32Array(POOL);
const keyMasks: Int32Array = createKeyMasks();
const output = new Int32Array(MAX_OUTPUT + MOST_IDS_A_WINDOW);
const LITTLE_ENDIAN = true;
const pairScanner = createPairScanner(units, boundaries);

/** Whose tables stand in `unitClasses` and `transitions`. */
let active: Splitter | undefined;
let tags = 0;
let poolLength = 0;
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
    clearCaches();
  }
  return tags;
}

function clearCaches(): void {
  shortCache.fill(0);
  longCache.fill(0);
  poolLength = 0;
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

/** The ids behind the first `mark`, which go. */
export function takeIdsSince(mark: number): Int32Array {
  if (mark >= finishedLength) {
    const ids = output.slice(mark - finishedLength, outputLength);
    outputLength = mark - finishedLength;
    return ids;
  }
  const all = takeIds();
  beginIds();
  appendIds(all.subarray(0, mark));
  return all.subarray(mark);
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

/** The chunks of a text, and where the ids of each end among those of all. */
export interface Chunks {
  readonly ids: Int32Array;
  readonly ends: readonly number[];
  readonly idEnds: readonly number[];
}

export function encodeChunks(text: string, by: ChunkEncoder): Chunks {
  const mark = countIds();
  const ends: number[] = [];
  const idEnds: number[] = [];
  encoder = by;
  chunkText = text;
  forEachWindow(text, by.splitter, (count) => {
    lookUpAll(count);
    for (let i = 0; i < count; i++) {
      ends.push(windowStart + boundaries[i]);
      idEnds.push(idBoundaries[i] - mark);
    }
  });
  return { ids: takeIdsSince(mark), ends, idEnds };
}

/** Calls `use` with the number of boundaries, again and again until the whole text is cut. */
function forEachWindow(
  text: string,
  splitter: Splitter | PairCuts,
  use: (count: number) => void,
): void {
  activate(splitter);
  for (windowStart = 0; windowStart < text.length; ) {
    const length = fillWindow(text, windowStart);
    const isLast = windowStart + length === text.length;
    const count = "type" in splitter ? scanPairs(length, isLast) : scanStates(length, isLast);
    if (count > 0) {
      use(count);
      windowStart += boundaries[count - 1];
      continue;
    }
    // A chunk that is longer than the window goes past it.
    const end =
      "type" in splitter
        ? nextPairCut(text, windowStart, splitter)
        : longChunkEnd(text, windowStart, splitter);
    boundaries[0] = end - windowStart;
    use(1);
    windowStart = end;
  }
}

function activate(splitter: Splitter | PairCuts): void {
  if ("type" in splitter) {
    pairScanner.activate(splitter);
    return;
  }
  if (active === splitter) return;
  active = splitter;
  unitClasses.set(splitter.unitClasses);
  transitions.set(splitter.transitions);
}

/** A bulk copy where the engine has one: Node's is five times as fast as a loop. */
const bulk: { ucs2Write(text: string, offset: number, length: number): number } | undefined =
  // Where there is a Buffer it is Node's.
  (globalThis as unknown as { Buffer?: { from(buffer: ArrayBuffer): never } }).Buffer?.from(
    units.buffer,
  );
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

/** Boundaries that no text behind the window can take back. */
function scanStates(length: number, isLast: boolean): number {
  const found = scan(length, isLast);
  return isLast ? found : found - UNSURE;
}

function scanPairs(length: number, isLast: boolean): number {
  const count = pairScanner.scan(length);
  boundaries[count] = length;
  return isLast ? count + 1 : count;
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
  if (hasPairs) moveOutOfPairs(count, length);
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
function moveOutOfPairs(count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const at = boundaries[i];
    // Behind the window are units of the one before.
    if (at === 0 || at >= length) continue;
    const isInside = (units[at] & 0xfc00) === 0xdc00 && (units[at - 1] & 0xfc00) === 0xd800;
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
      else appendVeryLong(from, to);
      at = outputLength;
      idBoundaries[i] = finishedLength + at;
      from = to;
      continue;
    }
    const byte = from * 2;
    const mask = length * 8;
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
    const entry =
      (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> SHORT_SHIFT) * (WAYS * SHORT_ENTRY);
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
      const idCount = found & 15;
      if (idCount !== POOLED) {
        at += idCount;
        idBoundaries[i] = finishedLength + at;
        from = to;
        continue;
      }
    }
    outputLength = at;
    if (difference === 0) appendPooled(shortCache[entry + 5], shortCache[entry + 6]);
    else lookUpBehind(shortCache, { entry, size: SHORT_ENTRY, own, from, to });
    at = outputLength;
    idBoundaries[i] = finishedLength + at;
    from = to;
  }
  outputLength = at;
}

interface Missed {
  /** The first entry of the set. */
  readonly entry: number;
  /** Integers of an entry, half of them its key. */
  readonly size: number;
  readonly own: number;
  readonly from: number;
  readonly to: number;
}

/** The other entries of a set; a chunk that is found there moves up, one that is nowhere becomes the first. */
function lookUpBehind(cache: Int32Array, missed: Missed): void {
  const { entry, size, from, to } = missed;
  const meta = entry + size / 2;
  for (let way = 1; way < WAYS; way++) {
    if (!isAt(cache, entry + way * size, missed)) continue;
    const at = entry + way * size;
    for (let i = at; i < at + size; i++) {
      const moved = cache[i - size];
      cache[i - size] = cache[i];
      cache[i] = moved;
    }
    appendEntry(cache, at - size / 2);
    return;
  }
  const ids = encodeChunk(from, to);
  const isPooled = ids.length >= size / 2;
  const place = isPooled ? putInPool(ids) : 0;
  cache.copyWithin(entry + size, entry, entry + (WAYS - 1) * size);
  for (let i = 0; i < size / 2; i++) cache[entry + i] = keyAt(from, to, i);
  cache[meta] = missed.own | (isPooled ? POOLED : ids.length);
  cache[meta + 1] = isPooled ? place : ids[0];
  cache[meta + 2] = isPooled ? ids.length : ids[1];
  for (let i = 3; i < size / 2; i++) cache[meta + i] = ids[i - 1];
  append(ids);
}

function appendEntry(cache: Int32Array, meta: number): void {
  const count = cache[meta] & 15;
  if (count === POOLED) appendPooled(cache[meta + 1], cache[meta + 2]);
  else for (let i = 1; i <= count; i++) output[outputLength++] = cache[meta + i];
}

function isAt(cache: Int32Array, entry: number, { size, own, from, to }: Missed): boolean {
  const meta = size / 2;
  if (((cache[entry + meta] ^ own) & ~15) !== 0) return false;
  for (let i = 0; i < meta; i++) if (cache[entry + i] !== keyAt(from, to, i)) return false;
  return true;
}

function keyAt(from: number, to: number, i: number): number {
  return unitView.getInt32(from * 2 + i * 4, LITTLE_ENDIAN) & keyMasks[(to - from) * 8 + i];
}

/** Where the pool has the ids; when it is full all caches start anew. */
function putInPool(ids: Int32Array): number {
  if (poolLength + ids.length > POOL) clearCaches();
  pool.set(ids, poolLength);
  poolLength += ids.length;
  return poolLength - ids.length;
}

function appendPooled(start: number, count: number): void {
  if (outputLength + count > MAX_OUTPUT) putAway();
  for (let i = 0; i < count; i++) output[outputLength + i] = pool[start + i];
  outputLength += count;
}

/** A chunk of 9 to 16 units. */
function lookUpLong(from: number, to: number, owner: number): void {
  const length = to - from;
  const byte = from * 2;
  const mask = length * 8;
  const k0 = unitView.getInt32(byte, LITTLE_ENDIAN);
  const k1 = unitView.getInt32(byte + 4, LITTLE_ENDIAN);
  const k2 = unitView.getInt32(byte + 8, LITTLE_ENDIAN);
  const k3 = unitView.getInt32(byte + 12, LITTLE_ENDIAN);
  const k4 = unitView.getInt32(byte + 16, LITTLE_ENDIAN) & keyMasks[mask + 4];
  const k5 = unitView.getInt32(byte + 20, LITTLE_ENDIAN) & keyMasks[mask + 5];
  const k6 = unitView.getInt32(byte + 24, LITTLE_ENDIAN) & keyMasks[mask + 6];
  const k7 = unitView.getInt32(byte + 28, LITTLE_ENDIAN) & keyMasks[mask + 7];
  // Sixteen units are one more than four bits hold: this cache keeps the length less one.
  const own = owner | ((length - 1) << 4);
  let mixed = Math.imul(k0 ^ own, 0x9e3779b1) ^ Math.imul(k1, 0x85ebca6b);
  mixed ^= Math.imul(k2, 0xc2b2ae35) ^ Math.imul(k3, 0x27d4eb2f) ^ Math.imul(k4, 0x165667b1);
  mixed ^= Math.imul(k5, 0xd3a2646d) ^ Math.imul(k6, 0xfd7046c5) ^ Math.imul(k7, 0xb55a4f09);
  const entry =
    (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> LONG_SHIFT) * (WAYS * LONG_ENTRY);
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
  if (difference === 0 && count === POOLED) {
    appendPooled(longCache[entry + 9], longCache[entry + 10]);
    return;
  }
  if (difference === 0) {
    for (let i = 0; i < count; i++) output[outputLength + i] = longCache[entry + 9 + i];
    outputLength += count;
    return;
  }
  lookUpBehind(longCache, { entry, size: LONG_ENTRY, own, from, to });
}

function encodeChunk(from: number, to: number): Int32Array {
  return (encoder as ChunkEncoder).encodeChunk(chunkAt(from, to)); // set by appendText
}

function chunkAt(from: number, to: number): string {
  return chunkText.slice(windowStart + from, windowStart + to);
}

/** Chunks that only the map has. Very long ones are not kept: they hardly come again. */
function appendVeryLong(from: number, to: number): void {
  const { longChunks } = encoder as ChunkEncoder; // set by appendText
  const chunk = chunkAt(from, to);
  let ids = to - from > MAX_KEPT_UNITS ? undefined : longChunks.get(chunk);
  if (!ids) {
    ids = encodeChunk(from, to);
    if (to - from <= MAX_KEPT_UNITS) {
      if (longChunks.size >= MAX_LONG_CHUNKS) longChunks.clear();
      longChunks.set(chunk, ids);
    }
  }
  append(ids);
}

const MAX_KEPT_UNITS = 64;

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
