// Texts that go wrong in tokenizers, made anew from a seed: the same seed, the same texts.
import { createRandom, type Random } from "@bearhug/core";
import type { Block } from "./call.ts";
import { KINDS, RUNS } from "./characters.ts";

/** Kinds that are picked most, because boundaries between them decide about tokens. */
const COMMON = [0, 0, 0, 4, 4, 2, 3, 5, 16, 17, 1];

function piece(random: Random): string {
  const kind =
    random.uniform() < 0.6
      ? (COMMON[random.integer(COMMON.length)] ?? 0)
      : random.integer(KINDS.length);
  const characters = KINDS[kind] ?? [];
  return characters[random.integer(characters.length)] ?? "";
}

/** A short text; one in eight is of a single kind, one in eight repeats itself. */
export function randomText(random: Random, most = 40): string {
  const length = random.integer(most);
  const style = random.integer(8);
  if (style === 0) {
    const characters = KINDS[random.integer(KINDS.length)] ?? [];
    return Array.from({ length }, () => characters[random.integer(characters.length)] ?? "").join(
      "",
    );
  }
  const text = Array.from({ length }, () => piece(random)).join("");
  return style === 1 ? text.slice(0, 12).repeat(1 + random.integer(6)) : text;
}

export function randomTexts(seed: number, count: number): readonly string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => randomText(random));
}

/** Marks in every order, composed and decomposed, alone and on bases that do not take them. */
export function markTexts(seed: number, count: number): readonly string[] {
  const random = createRandom(seed);
  const bases = [
    "a",
    "e",
    "A",
    "ω",
    "и",
    "ा",
    "か",
    "ه",
    "ש",
    "가",
    " ",
    "\n",
    "1",
    "😀",
    "ẛ",
    "Ω",
    "ﬁ",
    "q",
  ];
  const marks = [
    "\u0301",
    "\u0323",
    "\u0307",
    "\u0327",
    "\u0345",
    "\u0308",
    "\u093c",
    "\u3099",
    "\u064b",
    "\u05c1",
    "\u1dc0",
    "\u0334",
    "\u20d0",
    "\u{1d165}",
    "\u0f71",
  ];
  const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const;
  return Array.from({ length: count }, () => {
    let text = "";
    for (let i = random.integer(6); i >= 0; i--) {
      text += bases[random.integer(bases.length)] ?? "";
      for (let k = random.integer(random.uniform() < 0.1 ? 40 : 4); k > 0; k--) {
        text += marks[random.integer(marks.length)] ?? "";
      }
    }
    return random.uniform() < 0.5 ? text : text.normalize(forms[random.integer(4)]);
  });
}

/** Syllables of jamo: whole, in parts, old ones, with stray ones between. */
export function jamoTexts(seed: number, count: number): readonly string[] {
  const random = createRandom(seed);
  const jamo = [
    () => 0x1100 + random.integer(0x60),
    () => 0x1161 + random.integer(0x47),
    () => 0x11a8 + random.integer(0x58),
    () => 0xac00 + random.integer(11172),
    () => 0xa960 + random.integer(0x1d),
    () => 0xd7b0 + random.integer(0x4c),
  ];
  return Array.from({ length: count }, () => {
    const points = Array.from(
      { length: 1 + random.integer(9) },
      () => jamo[random.integer(6)]?.() ?? 32,
    );
    const text = String.fromCodePoint(...points);
    return random.uniform() < 0.3 ? text.normalize("NFD") : text;
  });
}

/** Texts around tokens that are found in the text itself. */
export function addedTokenTexts(
  contents: readonly string[],
  seed: number,
  count: number,
): readonly string[] {
  if (contents.length === 0) return [];
  const random = createRandom(seed);
  const token = () => {
    const content = contents[random.integer(contents.length)] ?? "";
    const kind = random.integer(12);
    if (kind === 0) return content.slice(0, -1);
    if (kind === 1) return content.slice(1);
    if (kind === 2) return content.toUpperCase();
    if (kind === 3) return content.normalize("NFD");
    return content;
  };
  const around = [
    "",
    "",
    "",
    " ",
    "  ",
    "\n",
    "\t",
    "\u00a0",
    "a",
    "é",
    "_",
    "1",
    ".",
    "中",
    "\u0301",
    "\u200d",
    "😀",
    "\ud800",
  ];
  return Array.from({ length: count }, () => {
    let text = random.uniform() < 0.5 ? "" : randomText(random, 8);
    for (let i = random.integer(4); i >= 0; i--) {
      text += (around[random.integer(around.length)] ?? "") + token();
      text += around[random.integer(around.length)] ?? "";
      if (random.uniform() < 0.3) text += randomText(random, 6);
    }
    return text;
  });
}

/** One thing repeated until `bytes` are full, and letters at random without a space. */
export function runTexts(seed: number, bytes: number): readonly string[] {
  const random = createRandom(seed);
  const repeat = (text: string) => text.repeat(Math.ceil(bytes / Buffer.byteLength(text)));
  const letters = () => String.fromCharCode(97 + random.integer(26));
  const ideographs = () => String.fromCharCode(0x4e00 + random.integer(0x5000));
  const many = (make: () => string, length: number) => Array.from({ length }, make).join("");
  return [...RUNS.map(repeat), many(letters, bytes), many(ideographs, Math.ceil(bytes / 3))];
}

/** The run number `index`, in turns. */
export function longRun(index: number, bytes: number): string {
  const text = RUNS[index % RUNS.length] ?? "a";
  return text.repeat(Math.ceil(bytes / Buffer.byteLength(text)));
}

/** All code points whose neighbours in the tables differ from them; of large uniform blocks one in `thin`. */
export function codePoints({ every = false, thin = 16, phase = 0 }): readonly number[] {
  const points: number[] = [];
  for (let point = 0; point < 0x110000; point++) {
    if (point >= 0xd800 && point < 0xe000) continue;
    if (
      every ||
      (isTelling(point) ? point % 4 === phase % 4 : point % (thin * 61) === phase % thin)
    )
      points.push(point);
  }
  return points;
}

/** Assigned, and not of a block of thousands alike. */
function isTelling(point: number): boolean {
  const isUniform =
    (point >= 0x3400 && point < 0xa000) ||
    (point >= 0xac00 && point < 0xd7a4) ||
    (point >= 0xe000 && point < 0xf900) ||
    (point >= 0x17000 && point < 0x18d00) ||
    point >= 0x20000;
  return !isUniform && /\P{Cn}/u.test(String.fromCodePoint(point));
}

/** Each character by itself. */
export function aloneBlocks(points: readonly number[]): readonly Block[] {
  return blocksOf(
    points.map((point) => String.fromCodePoint(point)),
    512,
  );
}

/** Each character between letters, after a space, doubled, under a mark; 64 of them a text. */
export function embeddedBlocks(points: readonly number[]): readonly Block[] {
  const texts: string[] = [];
  for (let at = 0; at < points.length; at += 64) {
    const lines = points.slice(at, at + 64).map((point) => {
      const c = String.fromCodePoint(point);
      return `a${c}b ${c}${c}\u0301 1${c}`;
    });
    texts.push(lines.join("\n"));
  }
  return blocksOf(texts, 16);
}

export function blocksOf(texts: readonly string[], size: number): readonly Block[] {
  const blocks: string[][] = [];
  for (let at = 0; at < texts.length; at += size) blocks.push(texts.slice(at, at + size));
  return blocks;
}
