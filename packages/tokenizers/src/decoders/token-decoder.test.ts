import { createRandom } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { parseDecoder } from "./decoder.ts";
import { TokenDecoder } from "./token-decoder.ts";

const byteLevel = { type: "ByteLevel", add_prefix_space: true, trim_offsets: true };
const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always" };
const underline = { type: "Replace", pattern: { String: "▁" }, content: " " };
const stripStart = { type: "Strip", content: " ", start: 1, stop: 0 };
const wordPiece = { type: "WordPiece", prefix: "##", cleanup: true };
const chain = (...decoders: readonly object[]) => ({ type: "Sequence", decoders });

const DECODERS: readonly (readonly [string, object | undefined])[] = [
  ["no decoder", undefined],
  ["ByteLevel", byteLevel],
  ["ByteLevel in a Sequence, with steps behind", chain(chain(byteLevel), stripStart, underline)],
  ["WordPiece", wordPiece],
  ["WordPiece without cleanup", { ...wordPiece, cleanup: false }],
  ["Metaspace", metaspace],
  ["Metaspace that keeps the first", { ...metaspace, prepend_scheme: "never" }],
  ["BPEDecoder", { type: "BPEDecoder", suffix: "</w>" }],
  ["Llama", chain(underline, { type: "ByteFallback" }, { type: "Fuse" }, stripStart)],
  ["Gemma", chain(underline, { type: "ByteFallback" }, { type: "Fuse" })],
  ["ByteFallback", { type: "ByteFallback" }],
  ["Metaspace and bytes", chain(metaspace, { type: "ByteFallback" }, { type: "Fuse" })],
  ["Fuse", chain({ type: "Fuse" }, stripStart)],
  ["both ends", chain(wordPiece, { type: "BPEDecoder", suffix: "##" })],
  ["steps between", chain({ type: "ByteFallback" }, stripStart, { type: "Fuse" })],
  ["CTC", { type: "CTC", pad_token: "<pad>", word_delimiter_token: "|", cleanup: true }],
];

const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
const TOKENS = [
  ..."aÃ©Ċ|?!,.'ĠĤĿðŁĺģ中é▁ ",
  "hello",
  "Ġworld",
  "▁world",
  "##ing",
  "##",
  "</w>",
  "x</w>",
  " n't",
  "a ' b",
  "do not",
  "<pad>",
  "<special>",
  "Ġ<special>",
  "😀👍🏽",
  "\ufeff",
  "\ufffd",
  "",
  "twelve bytes",
  "中文中文中文中文",
  "<0x+a>",
  "<0xzz>",
  "▁▁▁▁▁▁▁▁▁",
  ...Array.from({ length: 256 }, (_, byte) => hex(byte)),
  "y".repeat(4096),
  "é".repeat(3000),
];
const BYTES = TOKENS.indexOf(hex(0));
const source = {
  idToToken: (id: number) => TOKENS[id],
  isSpecial: (token: string) => token.includes("<special>"),
};

function createDecoder(definition: object | undefined) {
  return new TokenDecoder(definition && parseDecoder(definition, "decoder"), source);
}

const random = createRandom(7);
const below = (count: number) => Math.floor(random.uniform() * count);
const draw = (length: number, count: number) => Array.from({ length }, () => below(count) - 2);

describe("TokenDecoder.decode() by its plan is the same as token by token", () => {
  test.each(DECODERS)("%s", (_, definition) => {
    const decoder = createDecoder(definition);
    const other = createDecoder(definition);
    for (let i = 0; i < 120; i++) {
      // Mostly short tokens; sometimes bytes of characters, and sometimes long tokens or many.
      const ids = i % 60 === 0 ? draw(9000, BYTES + 20) : draw(below(12), TOKENS.length + 4);
      if (i % 3 === 0)
        ids.push(...[...new TextEncoder().encode("é中😀")].map((byte) => BYTES + byte));
      for (const skipsSpecial of [true, false]) {
        const expected = decoder.decodeSlowly(ids, skipsSpecial);
        expect(decoder.decode(ids, skipsSpecial)).toBe(expected);
        expect(other.decode(Int32Array.from(ids), skipsSpecial)).toBe(expected);
      }
    }
  });

  test("where characters and runs of bytes lie across windows", () => {
    const [, gemma] = DECODERS[9];
    const emoji = [...new TextEncoder().encode("😀")].map((byte) => BYTES + byte);
    for (const lead of [0, 1, 2, 3]) {
      const valid = [
        ...new Array<number>(lead).fill(0),
        ...Array.from({ length: 6000 }, () => emoji).flat(),
      ];
      const decoder = createDecoder(gemma);
      expect(decoder.decode(valid, true)).toBe("a".repeat(lead) + "😀".repeat(6000));
      expect(decoder.decode(valid.slice(0, -1), true)).toBe(
        "a".repeat(lead) + "\ufffd".repeat(4 * 6000 - 1),
      );
    }
    const level = createDecoder(byteLevel);
    const grin = [..."ðŁĺģ"].map((character) => TOKENS.indexOf(character));
    for (const lead of [0, 1, 2, 3]) {
      const ids = [
        ...new Array<number>(lead).fill(0),
        ...Array.from({ length: 9000 }, () => grin).flat(),
      ];
      expect(level.decode(ids, true)).toBe("a".repeat(lead) + "😁".repeat(9000));
      expect(level.decode(ids.slice(0, -2), true)).toBe(
        `${"a".repeat(lead) + "😁".repeat(8999)}\ufffd`,
      );
    }
  });

  test("more long tokens than are kept", () => {
    const idToToken = (id: number) =>
      id < 300 ? String.fromCharCode(97 + (id % 26)).repeat(4000) : undefined;
    const decoder = new TokenDecoder(parseDecoder(byteLevel, "decoder"), { ...source, idToToken });
    const ids = Array.from({ length: 400 }, (_, i) => i % 301);
    expect(decoder.decode(ids, true)).toBe(decoder.decodeSlowly(ids, true));
  });

  test("ids that no array of integers can hold have no token", () => {
    const decoder = createDecoder(byteLevel);
    expect(decoder.decode([0, 0.5, -1, 2 ** 32, Number.NaN, 0], true)).toBe("aa");
  });
});
